"""A running bot with an incident in its local workspace, and a browser before its page."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import Application, running
from bot.chain import Chain
from bot.settings import Settings
from bot.workspace.server import Workspace
from providers.base import BaseLLMProvider
from providers.fake import FakeProvider, Silence
from providers.manager import LLMProviderManager

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page, Request

# Whoever imports this is skipped as a whole, and says why.
pytest.importorskip("playwright", reason="Playwright is not installed")

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / ".axe" / "package" / "axe.min.js"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

ANALYSIS = """Verdict: cause
Confidence: supported

## Likely cause
The connection pool of `orders` was set to 40 for each pod, and the database takes 100. [E7]

## What is going on
- Checkout answers 500 since 10:04. [E1]
- The database refuses new connections. [E2]

## What changed
- Anna deployed orders 2.14, which sets the pool size to 40. [E7]

## Next checks
- `SHOW max_connections;` tells how many the database takes
- Roll `orders` back to 2.13
"""

LOG = """10:03:58.112 INFO  pool size 40 (was 10), 6 pods
10:04:31.871 FATAL remaining connection slots are reserved for roles with the SUPERUSER attribute
10:04:31.902 ERROR could not open a connection: too many clients already
"""


@dataclass(slots=True)
class Front:
    """A page in a browser, the bot behind it, and what went wrong in the browser."""

    page: Page
    application: Application
    workspace: Workspace
    channel: str
    root: str
    faults: list[str] = field(default_factory=list)

    @property
    def in_channel(self) -> Locator:
        return self.page.locator("#channel")

    @property
    def in_thread(self) -> Locator:
        return self.page.locator("#thread")

    async def ask(self, text: str = "/rca") -> None:
        """Ask in the channel, and open the thread of the answer."""
        composer = self.page.get_by_label("Message to the channel")
        await composer.fill(text)
        await composer.press("Enter")
        await self.open_answer()

    async def open_answer(self) -> None:
        """Open the thread that the newest command has opened."""
        asked = self.in_channel.locator("li.message", has_text="Root-cause analysis of").last
        await asked.locator(".replies").click()

    async def answered(self) -> Locator:
        """Wait for the finished answer in the open thread; return its message."""
        button = self.page.get_by_role("button", name="Evidence")
        answer = self.in_thread.locator("li.message", has=button).last
        await answer.wait_for(timeout=15_000)
        return answer


def told(words: str, pause: float = 0.0) -> list[Any]:
    """Return a script's turn that says this word by word."""
    turn: list[Any] = []
    for word in words.split(" "):
        turn += [f"{word} ", Silence(pause)]
    return turn


def talking(name: str = "vllm", *, pause: float = 0.0, words: str = ANALYSIS) -> FakeProvider:
    return FakeProvider(name=name, model="test-model", script=(told(words, pause),))


def incident(folder: Path, *, at: float | None = None) -> Path:
    """Write an incident folder whose messages are an hour old; return its parent."""
    start = (at or time.time()) - 3_600
    place = folder / "checkout"
    place.mkdir(parents=True)
    (place / "orders.log").write_text(LOG)
    root = _ts(start)
    thread = [_alert(root), *_replies(root, start)]
    (place / "thread.json").write_text(json.dumps(thread))
    return folder


def _ts(moment: float) -> str:
    return f"{moment:.6f}"


def _alert(root: str) -> dict[str, Any]:
    alert = {
        "color": "danger",
        "title": "CheckoutErrors firing",
        "text": "checkout answers 500 to *37 %* of requests",
        "fields": [{"title": "Severity", "value": "critical", "short": True}],
    }
    bot = {"subtype": "bot_message", "bot_id": "B0ALERTS00", "username": "Alertmanager"}
    return {"ts": root, "thread_ts": root, "text": "", "attachments": [alert], **bot}


def _replies(root: str, start: float) -> list[dict[str, Any]]:
    log = {"id": "F0ORDERS00", "name": "orders.log", "mimetype": "text/plain", "path": "orders.log"}
    said: list[tuple[str, str, dict[str, Any]]] = [
        ("ben", "orders-db says `remaining connection slots are reserved`, log attached", {}),
        ("ben", "from the first pod:", {"files": [log]}),
        ("anna", "I deployed *orders 2.14* at 10:02, it sets the pool size to 40", {}),
        ("ben", "> is the database itself all right?\nyes, CPU 12 %, no slow queries", {}),
    ]
    return [
        {
            "ts": _ts(start + 60 * (place + 1)),
            "thread_ts": root,
            "user": f"U0{name.upper()}00000",
            "username": name,
            "text": text,
            **more,
        }
        for place, (name, text, more) in enumerate(said)
    ]


@asynccontextmanager
async def bot_with_a_page(
    folder: Path, providers: Sequence[BaseLLMProvider] = (), *, practice: bool = False
) -> AsyncIterator[Application]:
    """Run the bot with these providers, or with the practice models, and one incident."""
    settings = Settings(_env_file=None, rca_port=0)
    chain = Chain(LLMProviderManager(providers=list(providers)), "for tests")
    async with running(
        settings,
        chain=None if practice else chain,
        incidents=[incident(folder)],
        practice=practice,
    ) as application:
        yield application


@asynccontextmanager
async def front(
    browser: Browser, application: Application, *, address: str = "", **context: Any
) -> AsyncIterator[Front]:
    """Open the page; whatever the browser complains of is gathered."""
    workspace = application.workspace
    assert workspace is not None
    held = await browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **context})
    page = await held.new_page()
    channel = "inc-checkout"
    root = workspace.messages(channel)[0]["ts"]
    shown = Front(page, application, workspace, channel, root)
    _gather_faults(page, shown.faults)
    if AXE.exists():
        await page.add_init_script(path=AXE)
    await page.goto(address or application.url)
    await page.locator("html[data-ready]").wait_for()
    try:
        yield shown
        assert not shown.faults, shown.faults
    finally:
        await held.close()


def _gather_faults(page: Page, faults: list[str]) -> None:
    page.on("console", lambda said: _keep(faults, said.type in ("error", "warning"), said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: _keep(faults, not _left(request), request.url))
    page.on("response", lambda got: _keep(faults, got.status >= 400, f"{got.status} {got.url}"))


def _left(request: Request) -> bool:
    """The stream of events ends with its page, and with nothing else."""
    return request.url.endswith("/control/events") and request.failure == "net::ERR_ABORTED"


def _keep(faults: list[str], matters: bool, words: str) -> None:
    if matters:
        faults.append(words)
