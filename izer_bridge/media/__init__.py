"""Files that came with messages: kept, and transcribed or described."""
