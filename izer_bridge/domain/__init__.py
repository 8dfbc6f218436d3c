"""Nouns and decisions that several rooms share: pure, without clock, I/O or asyncio."""
