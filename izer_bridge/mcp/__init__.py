"""Conversations for a program with a language model, which may offer drafts and nothing more."""
