"""Brings the client's events to the inbox, on the client's threads.

Import it after the client, which must be loaded in the way that `client` requires.
"""

from izer_bridge.whatsapp import client as client
