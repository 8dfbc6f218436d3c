"""The SQL of labels, and of messages to be tried again."""
