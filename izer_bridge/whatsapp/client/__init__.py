"""The client: its link to WhatsApp, and all that is asked of it or sent by it."""

from izer_bridge.whatsapp import library as library
