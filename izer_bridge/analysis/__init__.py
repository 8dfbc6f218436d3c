"""Judging a message: by a model, or locally."""
