"""Contacts and chats, and who of them is important."""
