"""The SQL of drafts, the outbox and who answers."""
