"""Servers of our own on the loopback, which the tests script and then ask what they got."""
