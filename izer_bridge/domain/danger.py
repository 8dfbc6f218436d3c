"""What a message may report that no person must be left alone with. It refuses to look for it."""

from enum import StrEnum


class Danger(StrEnum):
    """In order of gravity."""

    FIRE = "fire"
    INJURY = "injury"
    # Smoke, smell, heat, swelling, a leak or sparks: do not charge.
    BATTERY = "battery"
    # A part that holds the rider fails: do not ride.
    RIDE = "ride"
    # In progress, or just now.
    THEFT = "theft"
