"""What is said to customers: drafts, a person's word on them, the outbox, sending."""
