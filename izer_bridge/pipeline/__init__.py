"""The way of a message from receipt to settlement, one step a file."""
