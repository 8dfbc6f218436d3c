"""Requests to a running bridge."""

from typing import Any

import aiohttp


async def get(url: str) -> tuple[int, Any]:
    """Status and JSON."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


async def post(url: str, body: Any) -> tuple[int, Any]:
    """Status and JSON of a POST of JSON."""
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.json()
