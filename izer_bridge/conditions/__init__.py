"""What is wrong with the bridge: its conditions, alarms, health, status and metrics."""

from izer_bridge.host.lean_import import left_out

# HTTP servers that the package brings, where `web` serves.
with left_out("gzip", "http.server", "wsgiref.simple_server"):
    import prometheus_client  # noqa: F401
