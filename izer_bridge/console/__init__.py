"""What all commands share: options, errors in one line, and where they print."""
