"""`[reports]`: the digest that the owner gets."""

from typing import Literal

from izer_bridge.config.values import Section


class Reports(Section):
    """To escalation.owner on WhatsApp, else to escalation.email.to; `weekly` comes on Mondays."""

    digest: Literal["off", "daily", "weekly", "both"] = "off"
