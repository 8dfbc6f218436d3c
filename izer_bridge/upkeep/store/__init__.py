"""The SQL of retention, forgetting, backup and verification."""
