"""A local WhatsApp server and phone that speak the real protocol, for the demo and the tests."""
