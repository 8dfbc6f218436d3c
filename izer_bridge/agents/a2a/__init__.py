"""Agent2Agent, both ways; an extra."""
