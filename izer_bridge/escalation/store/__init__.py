"""The SQL of escalations."""
