"""Browsers are called as people call them."""

import pytest

from izer_bridge.staff.device import device_name

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/150.0.0.0 Mobile Safari/537.36",
         "Chrome, Android"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} SamsungBrowser/29.0 Chrome/136.0.0.0",
         "Samsung Internet, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/150.0.0.0 Safari/537.36 "
         "Edg/150.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox, Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_and_its_system_are_named(said: str, name: str) -> None:
    assert device_name(said) == name
