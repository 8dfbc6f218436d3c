"""The modules that root has loaded before it becomes a user who cannot read its Python."""

from pathlib import Path

from izer_bridge.host.privilege import _PACKAGES

PRODUCT = Path(__file__).parents[2] / "izer_bridge"


def test_every_room_is_loaded_ahead() -> None:
    rooms = {path.parent.name for path in PRODUCT.glob("*/__init__.py")} - {"simulator"}
    assert set(_PACKAGES) == {f"izer_bridge.{room}" for room in rooms}
