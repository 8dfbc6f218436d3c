"""The work of `izer-bridge verify`: prints each inconsistency in the store."""

from dataclasses import asdict

from izer_bridge.console.console import Printer, progress
from izer_bridge.upkeep.store.verify import Verification


async def run(url: str, console: Printer, *, as_json: bool) -> bool:
    """Print each problem with its name; whether there is none."""
    async with Verification(url) as verification:
        extent = await verification.extent()
        with progress() as bar:
            task = bar.add_task("Verifying", total=extent.messages + extent.entries)
            found = [
                problem
                async for problem in verification.problems(lambda count: bar.advance(task, count))
            ]
    if as_json:
        problems = [asdict(one) for one in found]
        console.json({"ok": not found, **asdict(extent), "problems": problems})
        return not found
    for one in found:
        console.print(f"{one.where} {one.what}", soft_wrap=True)
    verdict = f"{len(found)} problems" if found else "all is as it was written"
    console.print(
        f"{extent.messages} messages, {extent.entries} entries in the chain: {verdict}.",
        highlight=False,
    )
    return not found
