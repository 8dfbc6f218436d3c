"""The SQL of analyses and their cost."""
