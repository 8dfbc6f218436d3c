"""Builds the parts of the processes and connects them; it does not run them."""
