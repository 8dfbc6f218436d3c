"""The SQL of drafts, the outbox and verdicts."""
