"""What the operator can do besides running the bridge, one command a file."""
