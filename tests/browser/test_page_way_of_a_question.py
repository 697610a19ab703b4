"""What a stranger does on the page, from the first question to a failover."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser_stage import ANALYSIS, bot_with_a_page, front, talking
from playwright.async_api import Browser, expect

from providers.fake import FakeProvider, Silence

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_command_is_completed_and_its_answer_grows(
    browser: Browser, tmp_path: Path
) -> None:
    async with (
        bot_with_a_page(tmp_path, [talking(pause=0.04)]) as bot,
        front(browser, bot) as shown,
    ):
        composer = shown.page.get_by_label("Message to the channel")
        await composer.press_sequentially("/r")
        await expect(shown.page.get_by_role("option", name="/rca-health")).to_be_visible()
        await composer.press("Tab")
        await expect(composer).to_have_value("/rca ")
        await composer.press("Enter")
        await shown.open_answer()
        answer = shown.in_thread.locator("li.message").last
        await expect(answer.get_by_text("Draft")).to_be_visible(timeout=8_000)
        finished = await shown.answered()
        await expect(finished).to_contain_text("Likely cause (supported)")
        await expect(finished).to_contain_text("Answered by vllm")


async def test_an_evidence_link_lands_on_its_message(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        await shown.ask()
        answer = await shown.answered()
        await answer.get_by_role("link", name="E7").first.click()
        landed = shown.in_thread.locator(".highlighted")
        await expect(landed).to_contain_text("orders 2.14")
        await expect(landed).to_be_focused()
        await expect(landed).to_be_in_viewport()
        assert "/archives/" in shown.page.url
        await shown.page.go_back()
        await expect(shown.in_thread.get_by_role("button", name="Evidence")).to_be_visible()


async def test_a_permalink_opens_in_a_new_window(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot:
        workspace = bot.workspace
        assert workspace is not None
        root = workspace.messages("inc-checkout")[0]["ts"]
        reply = workspace.messages("inc-checkout", root)[3]["ts"]
        channel = next(c["id"] for c in await _channels(bot.url) if c.get("name") == "inc-checkout")
        address = f"{bot.url}/archives/{channel}/p{reply.replace('.', '')}"
        for query in ("", f"?thread_ts={root}&cid={channel}"):
            async with front(browser, bot, address=address + query) as shown:
                landed = shown.in_thread.locator(".highlighted")
                await expect(landed).to_contain_text("orders 2.14")


async def _channels(url: str) -> list[dict[str, str]]:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(f"{url}/control/state") as answer:
        return list((await answer.json())["channels"])


async def test_stop_ends_an_answer(browser: Browser, tmp_path: Path) -> None:
    waiting = FakeProvider(name="vllm", script=((ANALYSIS[:200], Silence()),))
    async with bot_with_a_page(tmp_path, [waiting]) as bot, front(browser, bot) as shown:
        await shown.ask()
        await shown.in_thread.get_by_role("button", name="Stop").click()
        await expect(shown.in_thread.get_by_text("Stopped by you")).to_be_visible(timeout=15_000)
        await expect(shown.in_thread.get_by_role("button", name="Stop")).to_have_count(0)


async def test_the_evidence_opens_in_a_modal(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        await shown.ask()
        button = (await shown.answered()).get_by_role("button", name="Evidence")
        await button.click()
        modal = shown.page.get_by_role("dialog", name="Evidence")
        await expect(modal).to_contain_text("E7")
        await expect(modal.locator(":focus")).to_have_count(1)
        await shown.page.keyboard.press("Escape")
        await expect(modal).to_be_hidden()
        await expect(button).to_be_focused()
        assert shown.workspace.views("you") == []
        await button.click()
        await modal.get_by_role("link", name="open the message").nth(3).click()
        await expect(modal).to_be_hidden()
        await expect(shown.in_thread.locator(".highlighted")).to_be_visible()


async def test_a_mention_asks_in_the_thread(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        await shown.in_channel.locator(".replies").first.click()
        reply = shown.page.get_by_label("Reply in the thread")
        await expect(reply).to_be_focused()
        await reply.press_sequentially("@r")
        await reply.press("Enter")
        await reply.press_sequentially("why?")
        await reply.press("Shift+Enter")
        await reply.press_sequentially("since when?")
        await reply.press("Enter")
        answer = await shown.answered()
        await expect(answer).to_contain_text("Likely cause")
        said = shown.workspace.messages(shown.channel, shown.root)
        assert any(m["text"] == f"<@{shown.workspace.bot_user_id}> why?\nsince when?" for m in said)
        await expect(shown.in_thread.get_by_text("since when?")).to_be_visible()


async def test_a_slash_command_is_refused_in_a_thread(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        await shown.in_channel.locator(".replies").first.click()
        reply = shown.page.get_by_label("Reply in the thread")
        await reply.fill("/rca why?")
        await reply.press("Enter")
        refusal = shown.in_thread.get_by_text("/rca is not supported in threads. Sorry!")
        await expect(refusal).to_be_visible()
        await expect(reply).to_have_value("/rca why?")
        composer = shown.page.get_by_label("Message to the channel")
        await composer.fill("/nothing")
        await composer.press("Enter")
        await expect(
            shown.in_channel.get_by_text("/nothing is not a valid command")
        ).to_be_visible()


async def test_the_shortcut_is_in_the_menu_of_a_message(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        alert = shown.in_channel.locator("li.message").first
        await alert.hover()
        await alert.get_by_role("button", name=re.compile("More actions")).click()
        await shown.page.get_by_role("menuitem", name="Analyse this thread").click()
        await alert.locator(".replies").click()
        await expect(await shown.answered()).to_contain_text("Likely cause")


async def test_a_link_can_be_copied(browser: Browser, tmp_path: Path) -> None:
    async with (
        bot_with_a_page(tmp_path, [talking()]) as bot,
        front(browser, bot, permissions=["clipboard-read", "clipboard-write"]) as shown,
    ):
        alert = shown.in_channel.locator("li.message").first
        await alert.hover()
        await alert.get_by_role("button", name=re.compile("More actions")).click()
        await shown.page.get_by_role("menuitem", name="Copy link").click()
        await expect(shown.page.locator("#announcer")).to_have_text("Link copied")
        copied = await shown.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"{bot.url}/archives/")
        assert copied.endswith(shown.root.replace(".", ""))


async def test_a_broken_stream_fails_over_in_the_same_message(
    browser: Browser, tmp_path: Path
) -> None:
    async with bot_with_a_page(tmp_path, practice=True) as bot, front(browser, bot) as shown:
        await expect(shown.page.locator("#models")).to_contain_text("Practice script")
        await shown.page.get_by_role("button", name="Try a fault").click()
        panel = shown.page.get_by_role("complementary", name="Try a fault")
        vllm = panel.get_by_role("group", name="vllm")
        await vllm.get_by_label("Breaks its stream").check()
        await expect(panel.get_by_text("breaks off in the middle")).to_be_visible()
        await shown.ask()
        answer = await shown.answered()
        await expect(answer).to_contain_text("Answered by lmstudio practice script, not a model")
        await expect(answer).to_contain_text(re.compile(r"vllm \w+"))
        await expect(shown.in_thread.locator("li.message")).to_have_count(2)
        await expect(shown.page.locator("#models")).to_contain_text(
            re.compile("vllm (degraded|down)"), timeout=10_000
        )
