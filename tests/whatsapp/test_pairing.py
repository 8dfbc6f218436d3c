"""Which codes are shown, when they pause until somebody asks, and how a scan ends."""

import asyncio

import pytest

from izer_bridge.domain.link_state import LinkState
from izer_bridge.whatsapp.client.current_status import CurrentStatus
from izer_bridge.whatsapp.client.pairing import Pairing, QrSeriesExhaustedError

CODE, RETIRED = "2@ref#1,noise,identity,secret,2", "2@ref#1,noise,identity,another,2"
SHOWN_IN_A_ROW, SHOWN_BY_A_PROCESS = 3, 12


class Phone:
    """What a person in front of the codes sees and does."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.wake, self.stopping = asyncio.Event(), asyncio.Event()
        self.status = CurrentStatus(lambda _: None, lambda _: None, None)
        self.pairing = Pairing(self.status, self._show, self.wake, self.stopping)

    def _show(self, text: str, _: int) -> None:
        self.shown.append(text)

    def show(self, *codes: str) -> None:
        self.pairing.begin()
        for code in codes:
            self.pairing.code(code)

    async def let_codes_run_out(self) -> None:
        for _ in range(SHOWN_IN_A_ROW - 1):
            self.show(CODE)
            await self.pairing.between_series()
        self.show(CODE)

    async def rests(self) -> "asyncio.Task[None]":
        rest = asyncio.create_task(self.pairing.between_series())
        await asyncio.sleep(0)
        assert not rest.done()
        return rest


async def test_codes_rest_until_somebody_asks_for_fresh_ones() -> None:
    phone = Phone()
    phone.pairing.renew()
    assert not phone.wake.is_set()
    await phone.let_codes_run_out()
    rest = await phone.rests()
    phone.pairing.renew()
    await rest
    assert phone.status.state is LinkState.STARTING


async def test_a_rest_that_the_end_ends_changes_nothing_any_more() -> None:
    phone = Phone()
    await phone.let_codes_run_out()
    rest = await phone.rests()
    phone.status.become(LinkState.STOPPED)
    phone.stopping.set()
    phone.wake.set()
    await rest
    assert phone.status.state is LinkState.STOPPED


async def test_whoever_asks_for_more_than_a_process_can_show_gets_a_fresh_one() -> None:
    phone = Phone()
    for _ in range(SHOWN_BY_A_PROCESS // SHOWN_IN_A_ROW - 1):
        await phone.let_codes_run_out()
        rest = await phone.rests()
        phone.pairing.renew()
        await rest
    await phone.let_codes_run_out()
    rest = await phone.rests()
    phone.pairing.renew()
    with pytest.raises(QrSeriesExhaustedError):
        await rest


@pytest.mark.parametrize(
    ("codes", "word", "state", "detail"),
    [
        ([CODE], "success", LinkState.PAIRING, ""),
        ([CODE], "err-passkey-needed", LinkState.PASSKEY, ""),
        ([CODE], "timeout", LinkState.QR_EXPIRED, ""),
        ([CODE], "err-unexpected-state", LinkState.QR_EXPIRED, "err-unexpected-state"),
        ([CODE, RETIRED], "timeout", LinkState.QR_EXPIRED, "a code was scanned"),
    ],
)
def test_how_it_ended_is_said(codes: list[str], word: str, state: LinkState, detail: str) -> None:
    phone = Phone()
    phone.show(*codes)
    assert phone.shown == codes
    assert phone.status.state is (LinkState.SCAN_AGAIN if codes[1:] else LinkState.SCAN_QR_CODE)
    phone.pairing.ended(word, is_connected=False)
    assert phone.status.state is state
    assert phone.status.now.detail.startswith(detail)
    assert bool(phone.status.now.detail) is bool(detail)


def test_codes_that_a_passkey_has_made_useless_are_not_shown() -> None:
    phone = Phone()
    phone.pairing.ended("passkey", is_connected=False)
    phone.show(CODE)
    assert phone.shown == []
    phone.pairing.ended("timeout", is_connected=False)
    assert phone.status.state is LinkState.PASSKEY
    assert phone.wake.is_set()


def test_what_runs_out_after_the_link_stands_is_none_of_its_business() -> None:
    phone = Phone()
    phone.status.become(LinkState.CONNECTED)
    phone.pairing.ended("timeout", is_connected=True)
    assert phone.status.state is LinkState.CONNECTED
    assert not phone.wake.is_set()
