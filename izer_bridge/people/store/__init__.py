"""The SQL of contacts and chats, and of who is important."""
