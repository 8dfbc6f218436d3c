"""How the bridge stands: status, health, metrics, counts."""
