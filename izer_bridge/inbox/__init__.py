"""The inbox: raw events on this machine's disk before anything else happens to them."""
