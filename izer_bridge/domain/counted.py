"""A number with its noun, and the verb that goes with it."""


def counted(count: int, one: str, many: str) -> str:
    """For example `1 message waits`, or `3 messages wait`."""
    return f"{count} {one if count == 1 else many}"
