"""The real Bolt app against the local workspace, over Socket Mode and over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.app import Application, running
from bot.chain import Chain
from bot.settings import Settings
from bot.workspace.server import Workspace, serve_workspace
from providers.base import BaseLLMProvider
from providers.manager import LLMProviderManager

ANALYSIS = """Verdict: cause
Confidence: supported

## Likely cause
The connection pool of `orders-db` ran dry after the change of the pool size. [{cause}]

## What is going on
- Checkout answers 500 since the change. [{symptom}]

## What changed
- The pool size was set to 5. [{cause}]

## Next checks
- `SHOW max_connections;` tells whether the database or the pool is the limit.
"""


@dataclass
class Stage:
    """A workspace with an incident in it, and a bot that runs in it."""

    workspace: Workspace
    application: Application
    anna: str
    ben: str
    channel: str
    root: str

    @property
    def bot(self) -> str:
        return self.workspace.bot_user_id

    def thread(self, ts: str | None = None) -> list[dict[str, Any]]:
        return self.workspace.messages(self.channel, ts or self.root)

    def answers(self, ts: str | None = None) -> list[dict[str, Any]]:
        root = ts or self.root
        return [m for m in self.thread(ts) if m.get("user") == self.bot and m["ts"] != root]

    async def answered(self, ts: str | None = None, count: int = 1) -> dict[str, Any]:
        """Wait until the thread has `count` finished answers; return the newest."""

        def done() -> bool:
            texts = [text_of(m) for m in self.answers(ts)]
            return sum(is_final(text) for text in texts) >= count

        await eventually(done, what=lambda: f"thread: {[text_of(m) for m in self.thread(ts)]}")
        return self.answers(ts)[-1]


def text_of(message: dict[str, Any]) -> str:
    """All that a reader sees of a message."""
    parts = [message.get("text", "")]
    for block in message.get("blocks", []):
        text = block.get("text", "")
        parts.append(text.get("text", "") if isinstance(text, dict) else text)
        parts += [
            e["text"]["text"] if isinstance(e.get("text"), dict) else str(e.get("text", ""))
            for e in block.get("elements", [])
        ]
    return "\n".join(parts)


def is_final(text: str) -> bool:
    """A message that runs has a Stop button; one that is over has none."""
    return "Stop" not in text.splitlines()


async def eventually(
    condition: Callable[[], Any], *, within: float = 90.0, what: Callable[[], str] | None = None
) -> None:
    clock = asyncio.get_running_loop().time
    began = looked = clock()
    while not condition():
        if clock() > began + within:
            pytest.fail(f"did not happen within {within} s; {what() if what else ''}")
        # Looking at a thread of a thousand messages is work for the very loop that answers.
        await asyncio.sleep(max(0.1, 4 * (clock() - looked)))
        looked = clock()


def settings_for(workspace: Workspace, mode: str, **more: Any) -> Settings:
    access = {"slack_bot_token": workspace.bot_token, "slack_api_url": workspace.api_url}
    if mode == "socket":
        access["slack_app_token"] = workspace.app_token
    else:
        access["slack_signing_secret"] = workspace.signing_secret
    return Settings(_env_file=None, rca_port=0, **access, **more)


@asynccontextmanager
async def staged(
    *providers: BaseLLMProvider,
    mode: str = "socket",
    manager: dict[str, Any] | None = None,
    practice: bool = False,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """A bot with these providers in a workspace with one incident thread."""
    async with serve_workspace() as workspace:
        anna, ben = workspace.add_user("anna"), workspace.add_user("ben")
        channel = workspace.add_channel("inc-checkout", members=[anna, ben])
        root = await workspace.say_as_bot(
            "Alertmanager", channel, text="FIRING: checkout error rate 37 % (HTTP 500)"
        )
        await workspace.say(
            ben,
            channel,
            "orders-db: FATAL remaining connection slots are reserved",
            thread_ts=root,
        )
        await workspace.say(
            anna,
            channel,
            "I deployed orders 2.14 at 10:02, it sets the pool size to 5",
            thread_ts=root,
        )
        models = LLMProviderManager(providers=list(providers), **(manager or {}))
        chain = Chain(models, "for tests", practice=practice)
        async with running(settings_for(workspace, mode, **settings), chain=chain) as application:
            if mode == "http":
                workspace.events_url = f"{application.url}/slack/events"
            yield Stage(workspace, application, anna, ben, channel, root)
