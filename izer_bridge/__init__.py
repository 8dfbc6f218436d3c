"""A bridge from one shop's WhatsApp number to analysis and agents."""

__version__ = "0.1.0"
