"""Keeping the store: retention, forgetting, backup, restore, verification."""
