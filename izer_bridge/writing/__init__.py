"""What people of the shop and other programs write into chats, to be sent by the bridge."""
