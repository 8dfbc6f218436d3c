"""The four built-in agents."""
