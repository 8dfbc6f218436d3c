"""Imports the replaced system's data."""
