"""Requests to a running bridge."""

from typing import Any

import aiohttp


async def get(url: str, token: str = "") -> tuple[int, Any]:
    """Status and JSON."""
    async with aiohttp.ClientSession() as session, session.get(url, **_with(token)) as response:
        return response.status, await response.json()


async def post(url: str, body: Any, token: str = "") -> tuple[int, Any]:
    """Status and JSON of a POST of JSON."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, **_with(token)) as response,
    ):
        return response.status, await response.json()


def _with(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}} if token else {}
