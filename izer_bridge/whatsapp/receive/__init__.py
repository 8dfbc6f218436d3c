"""Brings the client's events to the inbox, on the client's threads.

Import it after the client, which must be loaded in the way that `library` requires.
"""

from izer_bridge.whatsapp import library as library
