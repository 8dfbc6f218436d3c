"""The SQL of contacts, chats and who is important."""
