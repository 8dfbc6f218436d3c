"""The board: who waits, since when, and what to say; a page that keeps itself up."""
