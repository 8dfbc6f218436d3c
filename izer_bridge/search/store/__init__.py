"""The SQL of the search."""
