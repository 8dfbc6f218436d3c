"""How the bridge stands: status, health, metrics, counts."""

from izer_bridge.host.lean_import import left_out

# Servers of its own, where `web` serves.
with left_out("gzip", "http.server", "wsgiref.simple_server"):
    import prometheus_client  # noqa: F401
