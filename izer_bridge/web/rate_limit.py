"""How many requests one address may make: a token bucket for each recent address."""

from collections import OrderedDict
from ipaddress import IPv6Address, IPv6Network, ip_address

_MOST_ADDRESSES = 10_000
# What a program posts after minutes offline, and no more than the intake can easily take.
_AT_ONCE = 1000


class RateLimit:
    """`at_once` requests per address, refilled with `per_second`; 0 per second means no limit."""

    def __init__(self, per_second: float, at_once: int = _AT_ONCE) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, address: str, now: float) -> float:
        """0 for a request that may continue, which takes a token; `now` in monotonic seconds."""
        if not self._per_second:
            return 0.0
        key = _network(address)
        left, at = self._buckets.pop(key, (self._at_once, now))
        left = min(self._at_once, left + (now - at) * self._per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_second
        self._buckets[key] = (left if wait else left - 1, now)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return wait


def _network(address: str) -> str:
    """An IPv6 host has 2**64 addresses of its own; they share a bucket."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False))
