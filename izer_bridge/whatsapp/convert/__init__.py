"""Converts the client's events into messages: pure, except for logging.

Import it after the client, which must be loaded in the way that `library` requires.
"""

from izer_bridge.whatsapp import library as library
