"""The client's events as messages: pure, but for the log.

Before any of it the client is loaded as `client` wants that.
"""

from izer_bridge.whatsapp import client as client
