"""The client's events to the inbox, on its threads.

Before any of it the client is loaded as `client` wants that.
"""

from izer_bridge.whatsapp import client as client
