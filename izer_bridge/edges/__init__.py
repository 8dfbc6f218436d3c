"""One external system each, translated at its border into the domain's words and errors."""
