"""Trials of judging and routing: measured, labelled, replayed, explained."""
