"""Trying out how messages are judged and routed: measured, labelled, replayed, explained."""
