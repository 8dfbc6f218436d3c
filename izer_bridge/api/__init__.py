"""The HTTP interface of the daemon; it knows the pipeline only through its own ports."""
