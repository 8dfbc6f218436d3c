"""From "it does not answer" to the cause."""
