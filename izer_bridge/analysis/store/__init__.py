"""The SQL of analyses and what they cost."""
