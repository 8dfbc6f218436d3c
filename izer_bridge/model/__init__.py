"""The domain's nouns and decisions: pure, without clock, I/O or asyncio."""
