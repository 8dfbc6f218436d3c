"""Agent2Agent, as client and as server; an extra."""
