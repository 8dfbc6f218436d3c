"""Every setting, its default and its validation; nothing else reads a file or the environment."""

from izer_bridge.config import lean_sources as lean_sources
from izer_bridge.config.important import Important
from izer_bridge.config.secrets import openai_key, secret, signing_secrets
from izer_bridge.config.settings import PATH_VARIABLE, Config, load
from izer_bridge.config.values import AGENT_NAMES

__all__ = [
    "AGENT_NAMES",
    "PATH_VARIABLE",
    "Config",
    "Important",
    "load",
    "openai_key",
    "secret",
    "signing_secrets",
]
