"""No serious violation of the accessibility rules that axe-core knows, in light and in dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_stage import AXE, DESKTOP, PHONE, Front, bot_with_a_page, front, talking
from playwright.async_api import Browser, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(not AXE.exists(), reason=f"axe-core is not at {AXE}"),
]


async def violations(shown: Front) -> list[str]:
    """Return what axe-core finds to be serious or critical, and where."""
    result: dict[str, Any] = await shown.page.evaluate("axe.run(document)")
    return [
        f"{found['id']} at {node['target']}: {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_state_of_the_page(
    browser: Browser, tmp_path: Path, scheme: str, viewport: dict[str, int]
) -> None:
    async with (
        bot_with_a_page(tmp_path, [talking()]) as bot,
        front(browser, bot, color_scheme=scheme, viewport=viewport) as shown,
    ):
        page = shown.page
        await expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert await violations(shown) == []
        if viewport is PHONE:
            await page.get_by_role("link", name="inc-checkout").click()
        await page.get_by_label("Message to the channel").fill("/rca-h")
        assert await violations(shown) == []
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Only visible to you")).to_be_visible()
        await shown.ask()
        answer = await shown.answered()
        assert await violations(shown) == []
        await answer.get_by_role("button", name="Evidence").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await violations(shown) == []
        await page.keyboard.press("Escape")
        await answer.hover()
        await answer.get_by_role("button", name="More actions").click()
        assert await violations(shown) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Try a fault").click()
        assert await violations(shown) == []


async def test_the_viewer_of_a_file(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        await shown.in_channel.locator(".replies").first.click()
        await shown.in_thread.get_by_role("button", name="orders.log").click()
        viewer = shown.page.get_by_role("dialog", name="orders.log")
        await expect(viewer).to_contain_text("10:04:31.871 FATAL remaining connection slots")
        assert await violations(shown) == []
        await shown.page.keyboard.press("Escape")
        await expect(viewer).to_be_hidden()
