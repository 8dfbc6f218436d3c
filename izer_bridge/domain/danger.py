"""Dangers that a message may report and that need a person. It does not detect them."""

from enum import StrEnum


class Danger(StrEnum):
    """In order of gravity."""

    FIRE = "fire"
    INJURY = "injury"
    # Smoke, smell, heat, swelling, a leak or sparks: do not charge.
    BATTERY = "battery"
    # A part that the rider depends on fails: do not ride.
    RIDE = "ride"
    # In progress, or just now.
    THEFT = "theft"
