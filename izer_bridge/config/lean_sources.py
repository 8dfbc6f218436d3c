"""Loads pydantic-settings, before any other module asks for it, without what no setting comes from.

Settings stand in a file and in the environment: no command line and no cloud is asked.
"""

from izer_bridge.host.lean_import import left_out

_SOURCES = "pydantic_settings.sources.providers"

with left_out("argparse", *(f"{_SOURCES}.{name}" for name in ("aws", "azure", "cli", "gcp"))):
    import pydantic_settings  # noqa: F401
