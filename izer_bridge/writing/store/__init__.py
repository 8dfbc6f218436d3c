"""The written messages' SQL."""
