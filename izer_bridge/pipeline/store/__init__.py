"""The SQL of messages, for their way through the pipeline and for the operator."""
