"""The SQL of labels, and messages to be tried again."""
