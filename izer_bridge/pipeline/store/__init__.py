"""The SQL of messages, on their way and for the operator."""
