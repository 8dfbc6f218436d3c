"""`make screenshots`: the pictures of the pages in docs/images, of an invented day in a shop."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from izer_bridge.simulator.demo_day import CRITICAL_GROUP, VIP_NUMBER, DemoDay
from izer_bridge.simulator.process import BridgeProcess
from izer_bridge.simulator.simulator import Simulator
from tests.servers.browser import ARGUMENTS, PHONE, program

_FOLDER = Path(__file__).parent.parent / "docs/images"
_DESK = ViewportSize(width=1200, height=860)
_KNOWLEDGE = Path(__file__).parent.parent / "docs/knowledge"


async def main() -> None:
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with _day(Path(folder)) as (url, token), async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=program(), args=list(ARGUMENTS)
            )
            tab = await _logged_in(browser, url, token, _DESK)
            await tab.locator("#rows a", has_text="Ayşe").first.click()
            await tab.locator("#pane-said").wait_for()
            await _keep(tab, "board")
            for name in ("reports", "link"):
                answer = await tab.goto(f"{url}/{name}")
                if answer is not None and answer.ok:
                    await _keep(tab, name)
            phone = await _logged_in(browser, url, token, PHONE)
            await _keep(phone, "board-phone")
            await browser.close()


@asynccontextmanager
async def _day(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """A bridge at the end of the day, its address and its token."""
    (folder / "whatsapp").mkdir()
    state = folder / "state"
    async with Simulator(folder / "whatsapp") as whatsapp:
        settings = whatsapp.environment | {
            "IZER_STATE_DIR": str(state),
            "IZER_API__PORT": "0",
            "IZER_REPLY__MODE": "draft",
            "IZER_VIP__NUMBERS": f'["{VIP_NUMBER}"]',
            "IZER_GROUPS__CRITICAL": f'["{CRITICAL_GROUP}"]',
            "OPENAI_API_KEY": "",
        }
        async with BridgeProcess(whatsapp.command("run"), settings) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            day = DemoDay(whatsapp)
            await whatsapp.send_history(day.history(datetime.now(UTC)))
            await bridge.line("from_history=")
            for number, step in enumerate(day.steps(), start=1):
                await whatsapp.say(step.sender, step.content, to=step.to)
                await bridge.printed(partial(_has_dispatched, number))
            yield await bridge.url(), (state / "api_token").read_text().strip()


def _has_dispatched(count: int, output: str) -> bool:
    return output.count("message_dispatched") >= count


async def _logged_in(browser: Browser, url: str, token: str, size: ViewportSize) -> Page:
    context = await browser.new_context(viewport=size, locale="tr-TR", color_scheme="light")
    tab = await context.new_page()
    async with tab.expect_response("**/board/list*"):
        await tab.goto(url)
        await tab.locator("#token").fill(token)
        await tab.locator("#login button").click()
    return tab


async def _keep(tab: Page, name: str) -> None:
    await tab.wait_for_load_state("load")
    with Image.open(io.BytesIO(await tab.screenshot())) as picture:
        picture.save(_FOLDER / f"{name}.webp", quality=80, method=6)


if __name__ == "__main__":
    asyncio.run(main())
