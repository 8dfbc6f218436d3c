"""Debian's Chromium, started once for all tests of pages, that reaches nothing but loopback.

Tests and their fixtures share the browser's loop: `pytest.mark.asyncio(loop_scope="session")`.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

# Root has no sandbox, and nothing is opened here but our own pages.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PHONE = ViewportSize(width=360, height=740)


def program() -> str:
    """Its path; empty where it is not installed."""
    return shutil.which("chromium") or ""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """If it is not installed: skipped, but a failure in CI."""
    if not (found := program()):
        missing = "chromium is missing: sudo apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One person's browser, Turkish, with nothing remembered."""
    context = await browser.new_context(locale="tr-TR", color_scheme="light")
    context.set_default_timeout(30_000)
    yield context
    await context.close()


async def serious(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page, with the elements."""
    found = await Axe().run(page)
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def is_too_wide(page: Page) -> bool:
    """Whether one must scroll sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))
