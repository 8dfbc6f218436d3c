"""Files that came with messages: kept, and put into words."""
