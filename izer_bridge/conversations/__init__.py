"""Who waits for an answer, since when, and what a person has decided about it."""
