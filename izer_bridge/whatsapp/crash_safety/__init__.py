"""Keeps messages under way recoverable, so that a crash loses none.

Import it after the client, which must be loaded in the way that `library` requires.
"""

from izer_bridge.whatsapp import library as library
