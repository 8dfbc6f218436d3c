"""What a crash would lose of messages under way, kept so that none is lost.

Before any of it the client is loaded as `client` wants that.
"""

from izer_bridge.whatsapp import client as client
