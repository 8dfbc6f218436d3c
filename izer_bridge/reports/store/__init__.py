"""The SQL of counts."""
