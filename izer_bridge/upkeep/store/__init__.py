"""The SQL of what goes, what is kept and what can be proved."""
