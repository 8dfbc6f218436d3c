"""Customers whom nobody answers, and who is notified of them."""
