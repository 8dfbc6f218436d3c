"""Customers whom nobody answers, and who is told of them."""
