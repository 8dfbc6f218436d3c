"""The way of a message from receipt to settlement, one file per step."""
