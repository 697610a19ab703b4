"""Everything the bot can send looks as Slack shows it, and nothing that is written runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser_stage import Front, bot_with_a_page, front, talking
from playwright.async_api import Browser, Locator, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARKDOWN = """# Heading one
Some **bold**, *italic*, ~~struck~~ and `code <b>` with a [link](https://example.com/a_(b)?x=1).
snake_case_names stay, 2 * 3 * 4 too, and \\*this\\* is escaped.

- one
  - nested **two**
- [x] done
- [ ] to do
3. third
4. fourth

> quoted
> again

```python
print("<i>not markup</i>") # **not bold**
```

| Name | Count |
|:---|---:|
| `a|b` | 1 |
| plain | 22 |

---
Fine :large_green_circle: and :not_an_emoji: at 10:04:05 UTC. See https://example.com/x.
"""

MRKDWN = (
    "*bold* _italic_ ~struck~ `code` a_b_c 2*3*4 &lt;tag&gt; &amp;amp; :warning: :unheard_of:\n"
    "&gt; quoted\n"
    "<https://example.com|label> <@{bot}> <#{channel}> <!here> <!subteam^S1|@sre>\n"
    "<!date^1392734382^{{date_num}} {{time_secs}}|fallback> ```pre\n  <b>formatted</b>```"
)


async def said(shown: Front, blocks: list[dict[str, Any]], text: str = "fallback") -> Locator:
    ts = await shown.workspace.say_as_bot("Renderer", shown.channel, text=text, blocks=blocks)
    message = shown.in_channel.locator(f'[data-ts="{ts}"]')
    await message.wait_for()
    return message


async def test_markdown(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        message = await said(shown, [{"type": "markdown", "text": MARKDOWN}])
        await expect(message.get_by_role("heading", name="Heading one")).to_be_visible()
        await expect(message.locator(".block strong").first).to_have_text("bold")
        await expect(message.locator("em")).to_have_text("italic")
        await expect(message.locator("s")).to_have_text("struck")
        await expect(message.locator("p code").first).to_have_text("code <b>")
        link = message.get_by_role("link", name="link", exact=True)
        await expect(link).to_have_attribute("href", "https://example.com/a_(b)?x=1")
        await expect(message).to_contain_text("snake_case_names stay, 2 * 3 * 4 too, and *this* is")
        await expect(message.locator("ul ul strong")).to_have_text("two")
        await expect(message.get_by_role("img", name="done")).to_be_visible()
        await expect(message.get_by_role("img", name="to do")).to_be_visible()
        await expect(message.locator("ol")).to_have_attribute("start", "3")
        await expect(message.locator("blockquote")).to_contain_text("again")
        await expect(message.locator("pre")).to_have_attribute("data-language", "python")
        await expect(message.locator("pre")).to_contain_text("<i>not markup</i>")
        await expect(message.get_by_role("cell")).to_have_text(["a|b", "1", "plain", "22"])
        await expect(message.get_by_role("columnheader")).to_have_text(["Name", "Count"])
        await expect(message.locator("hr")).to_have_count(1)
        await expect(message.get_by_role("img", name="large green circle")).to_have_text("🟢")
        await expect(message).to_contain_text("Fine 🟢 and :not_an_emoji: at 10:04:05 UTC")
        await expect(message.get_by_role("link", name="https://example.com/x")).to_have_count(1)


async def test_mrkdwn(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        bot_user = shown.workspace.bot_user_id
        text = MRKDWN.format(bot=bot_user, channel=await _channel_id(shown))
        message = await said(shown, [{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
        await expect(message.locator(".block strong")).to_have_text("bold")
        await expect(message.locator("em")).to_have_text("italic")
        await expect(message.locator("s")).to_have_text("struck")
        await expect(message).to_contain_text("a_b_c 2*3*4 <tag> &amp; ⚠️ :unheard_of:")
        await expect(message.locator("blockquote")).to_have_text("quoted")
        await expect(message.get_by_role("link", name="label")).to_have_count(1)
        await expect(message.locator(".mention")).to_have_text(
            ["@rca", "#inc-checkout", "@here", "@sre"]
        )
        await expect(message.locator(".block time")).to_have_attribute(
            "title", "2014-02-18 14:39:42 UTC"
        )
        await expect(message.locator("pre")).to_have_text("pre\n  <b>formatted</b>")


async def _channel_id(shown: Front) -> str:
    current = shown.page.get_by_role("navigation", name="Channels").locator("[aria-current]")
    return str(await current.get_attribute("href")).rpartition("/")[2]


async def test_the_other_blocks(browser: Browser, tmp_path: Path) -> None:
    plain = {"type": "plain_text", "text": "Header :fire: *not bold*"}
    excerpt = {"type": "text", "text": "<script>*as it is*"}
    rich = [
        {"type": "rich_text_section", "elements": [{**excerpt, "style": {"bold": True}}]},
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [{"type": "rich_text_section", "elements": [excerpt]}],
        },
        {"type": "rich_text_preformatted", "elements": [excerpt]},
        {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "wave"}]},
    ]
    cell = {"type": "raw_text", "text": "<cell>"}
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain},
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
        {"type": "table", "rows": [[cell, cell], [cell, cell]]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "*small* print"}]},
        {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "a graph"},
        {"type": "video", "title": plain},
    ]
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        message = await said(shown, blocks)
        heading = message.get_by_role("heading", name="Header")
        await expect(heading).to_have_text("Header 🔥 *not bold*")
        await expect(message.locator(".block-rich_text strong")).to_have_text("<script>*as it is*")
        await expect(message.locator("ol li")).to_have_text("<script>*as it is*")
        await expect(message.locator("pre")).to_have_text("<script>*as it is*")
        await expect(message.locator("blockquote")).to_have_text("👋")
        await expect(message.get_by_role("columnheader")).to_have_text(["<cell>", "<cell>"])
        await expect(message.locator(".block-context strong")).to_have_text("small")
        await expect(message).to_contain_text("A picture is not loaded here: a graph")
        await expect(message).to_contain_text("This block is not shown here: video")
        await expect(message.locator("img")).to_have_count(0)


HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "[click](javascript:document.title='owned')",
    "[click](data:text/html,owned) ![x](https://example.com/leak.png)",
    '<javascript:alert(1)|click> <https://example.com"onclick="x|y>',
    "<b onmouseover=alert(1)>bold</b> **<i>x</i>** `</code><script>1</script>`",
    "| <svg/onload=alert(1)> | b |\n|---|---|\n| <iframe src=//example.com> | c |",
)


async def say_in_every_way(shown: Front, text: str) -> None:
    blocks = [
        {"type": "markdown", "text": text},
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "header", "text": {"type": "plain_text", "text": text}},
    ]
    attachment = {"title": text, "title_link": "javascript:alert(1)", "text": text, "footer": text}
    await shown.workspace.say_as_bot(text[:60], shown.channel, text=text)
    await shown.workspace.say_as_bot("b", shown.channel, attachments=[attachment])
    await shown.workspace.say("you", shown.channel, text)
    await said(shown, blocks)


async def test_hostile_text_stays_text(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        for text in HOSTILE:
            await say_in_every_way(shown, text)
        assert "owned" not in await shown.page.title()
        scope = shown.page.locator("#channel-messages")
        for tag in ("script", "img", "svg", "iframe", "b", "i"):
            await expect(scope.locator(tag)).to_have_count(0)
        addresses = await scope.locator("a").evaluate_all("all => all.map((a) => a.href)")
        assert all(address.startswith(("http://", "https://")) for address in addresses)
        handlers = await scope.evaluate(
            "list => [...list.querySelectorAll('*')]"
            ".filter((node) => [...node.attributes].some((a) => a.name.startsWith('on'))).length"
        )
        assert handlers == 0


async def test_messages_say_who_when_and_for_whom(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        alert = shown.in_channel.locator("li.message").first
        await expect(alert.locator(".author")).to_have_text("Alertmanager")
        await expect(alert.locator(".badge")).to_have_text("APP")
        await expect(alert.locator(".when time")).to_have_attribute(
            "title", re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$")
        )
        await expect(alert.locator(".attachment")).to_contain_text("CheckoutErrors firing")
        await expect(shown.in_channel.locator(".day").first).to_be_visible()
        composer = shown.page.get_by_label("Message to the channel")
        await composer.fill("/rca help")
        await composer.press("Enter")
        note = shown.in_channel.locator(".ephemeral")
        await expect(note).to_contain_text("Only visible to you")
        await expect(note).to_contain_text("/rca-health shows the state")
        await note.get_by_role("button", name="Dismiss").click()
        await expect(note).to_have_count(0)
        ts = await shown.workspace.say("you", shown.channel, "first words")
        mine = shown.in_channel.locator(f'[data-ts="{ts}"]')
        await expect(mine).to_contain_text("first words")
        shown.workspace.edit_message(shown.channel, ts, "other words")
        await expect(mine).to_contain_text("other words(edited)")
        shown.workspace.delete_message(shown.channel, ts)
        await expect(mine).to_have_count(0)


async def test_other_channels_tell_what_is_unread(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        other = shown.page.get_by_role("link", name="rca-health unread")
        await shown.workspace.say_as_bot("someone", "rca-health", text="hello there")
        await expect(other).to_be_visible()
        await other.click()
        await expect(shown.in_channel).to_contain_text("hello there")
        await expect(other).to_have_count(0)


async def test_a_direct_message_is_answered(browser: Browser, tmp_path: Path) -> None:
    async with bot_with_a_page(tmp_path, [talking()]) as bot, front(browser, bot) as shown:
        await shown.page.get_by_role("link", name="rca", exact=True).click()
        composer = shown.page.get_by_label("Message to the channel")
        await composer.fill("orders-db: FATAL remaining connection slots are reserved, why?")
        await composer.press("Enter")
        await shown.in_channel.locator(".replies").click()
        await expect(await shown.answered()).to_contain_text("Answered by")
