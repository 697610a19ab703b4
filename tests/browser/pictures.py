"""Takes the pictures of docs/pictures/: each state of the page (or those named), in four ways."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from browser_stage import ARGUMENTS, CHROMIUM, DESKTOP, PHONE, Front, bot_with_a_page, front
from browser_stage import talking as model
from playwright.async_api import Browser, async_playwright

from bot.app import Application

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
SCHEMES = ("light", "dark")


async def channel(shown: Front) -> None:
    composer = shown.page.get_by_label("Message to the channel")
    await composer.press_sequentially("/rca")
    await shown.page.get_by_role("option", name="/rca-health").wait_for()


async def streaming(shown: Front) -> None:
    await shown.ask()
    draft = shown.in_thread.locator("li.message").last.get_by_text("What changed")
    await draft.wait_for(timeout=20_000)


async def thread(shown: Front) -> None:
    await shown.ask()
    await shown.answered()


async def evidence(shown: Front) -> None:
    await thread(shown)
    await (await shown.answered()).get_by_role("button", name="Evidence").click()
    await shown.page.get_by_role("dialog").wait_for()


async def trail(shown: Front) -> None:
    await shown.page.get_by_role("button", name="Try a fault").click()
    await shown.page.get_by_role("group", name="vllm").get_by_label("Breaks its stream").check()
    await shown.page.get_by_role("button", name="Close “Try a fault”").click()
    await thread(shown)
    await (await shown.answered()).get_by_role("button", name="How it was answered").click()
    await shown.page.get_by_role("dialog").wait_for()


async def panel(shown: Front) -> None:
    await shown.page.get_by_role("button", name="Try a fault").click()
    broken = shown.page.get_by_role("group", name="vllm").get_by_label("Breaks its stream")
    await broken.check()
    await shown.page.get_by_text("breaks off in the middle").wait_for()


async def failover(shown: Front) -> None:
    await panel(shown)
    await shown.page.get_by_role("button", name="Close “Try a fault”").click()
    await thread(shown)
    await shown.in_thread.get_by_text("Answered by").scroll_into_view_if_needed()


async def health(shown: Front) -> None:
    await shown.ask()
    await shown.answered()
    await shown.page.get_by_role("link", name="Health", exact=True).click()
    composer = shown.page.get_by_label("Message to the channel")
    await composer.fill("/rca-health")
    await composer.press("Enter")
    await shown.page.get_by_text("Only visible to you").wait_for()


async def mention(shown: Front) -> None:
    await shown.in_channel.locator(".replies").first.click()
    reply = shown.page.get_by_label("Reply in the thread")
    await reply.press_sequentially("@r")
    await reply.press("Enter")
    await reply.press_sequentially("which change caused this?")


async def shortcut(shown: Front) -> None:
    alert = shown.in_channel.locator("li.message").first
    await alert.hover()
    await alert.get_by_role("button", name=re.compile("More actions")).click()
    await shown.page.get_by_role("menuitem", name="Analyse this thread").wait_for()


async def link(shown: Front) -> None:
    state = await (await shown.page.request.get(f"{shown.application.url}/control/state")).json()
    channel = next(c["id"] for c in state["channels"] if c["name"] == shown.channel)
    address = await shown.application.services.reader.permalink(channel, shown.root)
    composer = shown.page.get_by_label("Message to the channel")
    await composer.fill(f"/rca {address}")
    await composer.press("Enter")
    await shown.in_channel.get_by_text("The analysis is in").wait_for()


async def direct(shown: Front) -> None:
    if (back := shown.page.get_by_label("Back to the channels")) and await back.is_visible():
        await back.click()
    await shown.page.get_by_role("navigation").get_by_role("link", name="rca", exact=True).click()
    composer = shown.page.get_by_label("Message to the channel")
    await composer.fill("why? orders-db: FATAL remaining connection slots are reserved")
    await composer.press("Enter")
    await shown.in_channel.locator(".replies").last.click()
    await shown.answered()


STATES: dict[str, Callable[[Front], Awaitable[None]]] = {
    "channel": channel,
    "mention": mention,
    "shortcut": shortcut,
    "link": link,
    "direct": direct,
    "streaming": streaming,
    "thread": thread,
    "evidence": evidence,
    "trail": trail,
    "panel": panel,
    "failover": failover,
    "health": health,
}
PRACTISED = ("panel", "failover", "trail")


@asynccontextmanager
async def bot_for(state: str) -> AsyncIterator[Application]:
    practice = state in PRACTISED
    pause = 0.12 if state == "streaming" else 0.0
    providers = () if practice else (model(pause=pause), model("openai"))
    with tempfile.TemporaryDirectory() as folder:
        async with bot_with_a_page(Path(folder), providers, practice=practice) as bot:
            yield bot


async def take(browser: Browser, state: str, size: str, scheme: str) -> None:
    async with (
        bot_for(state) as bot,
        front(browser, bot, viewport=SIZES[size], color_scheme=scheme) as shown,
    ):
        if size == "phone":
            await shown.page.get_by_role("link", name="inc-checkout").click()
        await STATES[state](shown)
        if state != "shortcut":
            await shown.page.mouse.move(0, 0)
        await shown.page.screenshot(path=PICTURES / f"{state}-{size}-{scheme}.png")


async def main() -> None:
    wanted = sys.argv[1:] or list(STATES)
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for state in wanted:
            for size in SIZES:
                for scheme in SCHEMES:
                    await take(browser, state, size, scheme)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
