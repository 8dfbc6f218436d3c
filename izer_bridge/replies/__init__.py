"""Replies to customers: drafts, people's verdicts on them, the outbox, sending."""
