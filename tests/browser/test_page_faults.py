"""The drawer "Try a fault": each says what to expect and what happened, and one answer comes."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser_stage import Front, bot_with_a_page, front, talking
from playwright.async_api import Browser, Locator, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def drawer(shown: Front) -> Locator:
    await shown.page.get_by_role("button", name="Try a fault").click()
    return shown.page.get_by_role("complementary", name="Try a fault")


async def ask_once(shown: Front) -> None:
    """Ask, and see that exactly one answer stands in the thread."""
    await shown.ask()
    await expect(await shown.answered()).to_contain_text("Likely cause")
    await expect(shown.in_thread.locator("li.message")).to_have_count(2)


async def test_rate_limits(browser: Browser, tmp_path: Path) -> None:
    async with (
        bot_with_a_page(tmp_path, [talking(pause=0.02)]) as bot,
        front(browser, bot) as shown,
    ):
        panel = await drawer(shown)
        await panel.get_by_role("button", name="Refuse four calls").click()
        await expect(panel.get_by_text("Armed. Ask something now.")).to_be_visible()
        await ask_once(shown)
        await expect(panel.locator("#happened-rate-limit")).to_contain_text("Slack has refused")


async def test_a_cut_socket(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        panel = await drawer(shown)
        await panel.get_by_role("button", name="Cut it now").click()
        told = panel.locator("#happened-cut")
        await expect(told).to_contain_text("1 connection cut", timeout=20_000)
        await expect(told).to_contain_text("was back after")
        await ask_once(shown)


async def test_an_event_that_comes_twice(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        panel = await drawer(shown)
        await panel.get_by_role("button", name="Double the next mention").click()
        await expect(panel.get_by_text("Armed. Mention the bot")).to_be_visible()
        await shown.in_channel.locator(".replies").first.click()
        before = await shown.in_thread.locator("li.message").count()
        reply = shown.page.get_by_label("Reply in the thread")
        await reply.fill("@rca why?")
        await reply.press("Enter")
        await shown.answered()
        await expect(shown.in_thread.locator("li.message")).to_have_count(before + 2)
        await expect(panel).to_contain_text("Answers in its thread: 1.")


async def test_a_post_whose_answer_is_lost(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        panel = await drawer(shown)
        await panel.get_by_role("button", name="Drop one answer").click()
        await expect(panel.get_by_text("Armed. Ask something now.")).to_be_visible()
        await ask_once(shown)
        await expect(panel.locator("#happened-drop")).to_contain_text("answer was lost")
        await panel.get_by_role("button", name="Take back all faults").click()
        await expect(panel).to_contain_text("Slack works again.")
        await shown.page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        await expect(shown.page.get_by_role("button", name="Try a fault")).to_be_focused()


async def test_a_practice_model(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, practice=True) as bot, front(browser, bot) as shown:
        panel = await drawer(shown)
        vllm = panel.get_by_role("group", name="vllm")
        for mode, told in (
            ("Stopped", "is stopped"),
            ("Slow", "is slow"),
            ("Breaks its stream", "breaks off"),
            ("Answers", "answers again"),
        ):
            await vllm.get_by_label(mode, exact=True).check()
            await expect(panel).to_contain_text(f"vllm {told}")
            await expect(vllm.get_by_label(mode, exact=True)).to_be_checked()
