"""`GET /stats`: the counts of the last 24 hours."""

from dataclasses import asdict, dataclass

from aiohttp import web

from izer_bridge.reports.ports import StatsSource


@dataclass(frozen=True, slots=True)
class StatsRoute:
    source: StatsSource

    async def get(self, request: web.Request) -> web.Response:
        """200 with every count; 503 while the store is away."""
        return web.json_response({"success": True, "stats": asdict(await self.source.stats())})
