"""What changes is patched in place: nothing flickers, nothing jumps, nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser_stage import Front, bot_with_a_page, front, talking
from playwright.async_api import Browser, expect
from slack_sdk.web.async_client import AsyncWebClient

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def grown(lines: int) -> list[dict[str, Any]]:
    text = "\n".join(f"- line {number} of the answer" for number in range(lines))
    return [{"type": "markdown", "text": f"**Likely cause:** stays here\n{text}"}]


async def posted(shown: Front, client: AsyncWebClient, lines: int) -> tuple[str, str]:
    answer = await client.chat_postMessage(
        channel="inc-checkout", text="draft", blocks=grown(lines)
    )
    await shown.in_channel.locator(f'[data-ts="{answer["ts"]}"]').wait_for()
    return answer["channel"], answer["ts"]


def client_of(shown: Front) -> AsyncWebClient:
    return AsyncWebClient(token=shown.workspace.bot_token, base_url=shown.workspace.api_url)


async def test_a_growing_answer_keeps_node_selection_and_focus(
    browser: Browser, tmp_path: Path
) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        client = client_of(shown)
        channel, ts = await posted(shown, client, 3)
        await shown.page.evaluate(
            """(ts) => {
              const node = document.querySelector(`#channel [data-ts="${ts}"]`);
              window.kept = node;
              getSelection().selectAllChildren(node.querySelector("strong:not(.author)"));
              node.focus();
            }""",
            ts,
        )
        await client.chat_update(channel=channel, ts=ts, text="draft", blocks=grown(9))
        message = shown.in_channel.locator(f'[data-ts="{ts}"]')
        await expect(message).to_contain_text("line 8")
        assert await shown.page.evaluate("window.kept.isConnected")
        assert await shown.page.evaluate("getSelection().toString()") == "Likely cause:"
        await expect(message).to_be_focused()


async def test_who_reads_above_is_not_moved(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        client = client_of(shown)
        for number in range(30):
            await shown.workspace.say_as_bot(f"bot {number}", shown.channel, text="a\nb\nc")
        channel, ts = await posted(shown, client, 2)
        box = shown.page.locator("#channel-scroll")
        await expect(shown.in_channel.locator(f'[data-ts="{ts}"]')).to_be_in_viewport()
        await box.evaluate("node => { node.scrollTop = 200 }")
        await shown.page.evaluate("new Promise((done) => setTimeout(done, 100))")
        await client.chat_update(channel=channel, ts=ts, text="draft", blocks=grown(20))
        await shown.workspace.say_as_bot("another", shown.channel, text="new below")
        newer = shown.page.get_by_role("button", name="New messages below")
        await expect(newer).to_be_visible()
        assert await box.evaluate("node => node.scrollTop") == 200
        await newer.click()
        await expect(shown.in_channel.get_by_text("new below")).to_be_in_viewport()
        await expect(newer).to_be_hidden()


async def test_a_long_answer_shows_its_first_lines(browser: Browser, tmp_path: Path) -> None:
    """Following an answer to its end would move the cause out of sight."""
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        client = client_of(shown)
        channel, ts = await posted(shown, client, 2)
        for lines in (30, 80):
            await client.chat_update(channel=channel, ts=ts, text="draft", blocks=grown(lines))
            await expect(shown.in_channel.get_by_text(f"line {lines - 1} of")).to_have_count(1)
        await expect(shown.in_channel.get_by_text("stays here")).to_be_in_viewport()


async def test_a_lost_connection_is_told_and_made_up_for(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        watchers = shown.workspace._backend.feed
        watchers.close()
        await shown.workspace.say_as_bot("meanwhile", shown.channel, text="said in between")
        await expect(shown.in_channel.get_by_text("said in between")).to_be_visible(timeout=10_000)
        await expect(shown.page.locator("#connection")).to_be_hidden()


async def test_colours_can_be_chosen_and_stay(browser: Browser, tmp_path: Path) -> None:
    async with (
        bot_with_a_page(tmp_path, [talking()]) as bot,
        front(browser, bot, color_scheme="light") as shown,
    ):
        html = shown.page.locator("html")
        await shown.page.get_by_role("button", name="Use dark colours").click()
        await expect(html).to_have_attribute("data-theme", "dark")
        await shown.page.reload()
        await expect(html).to_have_attribute("data-theme", "dark")
        await shown.page.locator("html[data-ready]").wait_for()


async def test_what_is_typed_stays_with_its_channel(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        composer = shown.page.get_by_label("Message to the channel")
        await composer.fill("half a thought")
        await shown.page.get_by_role("link", name="rca-health").click()
        await expect(composer).to_have_value("")
        await shown.page.get_by_role("link", name="inc-checkout").click()
        await expect(composer).to_have_value("half a thought")


async def test_rules_alone_are_named(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path) as bot, front(browser, bot) as shown:
        await expect(shown.page.locator("#models")).to_have_text("Rules alone, no model")
        await shown.page.get_by_role("button", name="Try a fault").click()
        await expect(shown.page.get_by_text("rca-bot run --practice")).to_be_visible()
