"""The same on a phone's width, and without a mouse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser_stage import PHONE, Front, bot_with_a_page, front, talking
from playwright.async_api import Browser, Locator, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MOST_STOPS = 60


async def fits(shown: Front) -> bool:
    return bool(
        await shown.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    )


async def test_one_pane_at_a_time_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    async with (
        bot_with_a_page(tmp_path, [talking()]) as bot,
        front(browser, bot, viewport=PHONE, has_touch=True) as shown,
    ):
        page = shown.page
        channels = page.get_by_role("navigation", name="Channels")
        await expect(shown.in_channel).to_be_hidden()
        await expect(page.locator("#models")).to_contain_text("vllm")
        await channels.get_by_role("link", name="inc-checkout").click()
        await expect(channels).to_be_hidden()
        assert await fits(shown)
        await shown.ask()
        await expect(shown.in_channel).to_be_hidden()
        answer = await shown.answered()
        await expect(answer.get_by_text("Likely cause")).to_be_in_viewport()
        assert await fits(shown)
        await answer.get_by_role("link", name="E7").first.click()
        await expect(shown.in_thread.locator(".highlighted")).to_be_in_viewport()
        await page.go_back()
        await (await shown.answered()).get_by_role("button", name="Evidence").click()
        await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
        await page.get_by_role("button", name="Back to the channel", exact=True).click()
        await expect(shown.in_thread).to_be_hidden()
        alert = shown.in_channel.locator("li.message").first
        await alert.get_by_role("button", name=re.compile("More actions")).click()
        await expect(page.get_by_role("menuitem", name="Analyse this thread")).to_be_in_viewport()
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Try a fault").click()
        await expect(page.get_by_text("Cut the socket")).to_be_visible()
        assert await fits(shown)
        await page.get_by_role("button", name="Close “Try a fault”").click()
        await page.get_by_role("button", name="Back to the channels").click()
        await expect(channels).to_be_visible()


async def tab_to(shown: Front, target: Locator) -> None:
    """Press Tab until the focus is there."""
    for _ in range(MOST_STOPS):
        await shown.page.keyboard.press("Tab")
        if await target.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{target} cannot be reached by Tab")


async def test_everything_by_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        page, keys = shown.page, shown.page.keyboard
        await keys.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the composer")).to_be_focused()
        await keys.press("Enter")
        await expect(page.get_by_label("Message to the channel")).to_be_focused()
        await keys.type("/rca")
        await keys.press("Enter")
        asked = shown.in_channel.locator("li.message", has_text="Root-cause analysis of")
        replies = asked.locator(".replies")
        await replies.wait_for()
        await page.get_by_label("Message to the channel").evaluate("node => node.blur()")
        await tab_to(shown, replies)
        await keys.press("Enter")
        await expect(page.get_by_label("Reply in the thread")).to_be_focused()
        answer = await shown.answered()
        evidence = answer.get_by_role("button", name="Evidence")
        await tab_backwards(shown, evidence)
        await keys.press("Enter")
        modal = page.get_by_role("dialog", name="Evidence")
        await expect(modal).to_be_visible()
        for _ in range(20):
            await keys.press("Tab")
            inside = await page.evaluate(
                "document.activeElement === document.body"
                " || document.querySelector('#modal').contains(document.activeElement)"
            )
            assert inside, "the focus left the modal"
        await keys.press("Escape")
        await expect(evidence).to_be_focused()
        more = answer.get_by_role("button", name=re.compile("More actions"))
        await tab_to(shown, more)
        await expect(more).to_be_visible()
        await keys.press("Enter")
        await expect(page.get_by_role("menuitem").first).to_be_focused()
        await keys.press("ArrowDown")
        await expect(page.get_by_role("menuitem", name="Reply in thread")).to_be_focused()
        await keys.press("Escape")
        await expect(more).to_be_focused()
        await keys.press("Escape")
        await expect(shown.in_thread).to_be_hidden()


async def tab_backwards(shown: Front, target: Locator) -> None:
    for _ in range(MOST_STOPS):
        await shown.page.keyboard.press("Shift+Tab")
        if await target.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{target} cannot be reached by Shift+Tab")


async def test_every_stop_of_the_keyboard_can_be_seen(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        for _ in range(25):
            await shown.page.keyboard.press("Tab")
            seen = await shown.page.evaluate(
                """() => {
                  const node = document.activeElement;
                  if (node === document.body) return true;
                  const box = node.closest(".composer-box") ?? node;
                  const style = getComputedStyle(box);
                  return style.outlineStyle !== "none" || style.boxShadow !== "none";
                }"""
            )
            assert seen, await shown.page.evaluate("document.activeElement.outerHTML")
