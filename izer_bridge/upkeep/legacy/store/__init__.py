"""The SQL of the replaced system's rows."""
