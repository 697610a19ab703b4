"""The message shortcut "Analyse this thread": the door into a thread without a mention."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.placing import Request
from bot.services import Services

CALLBACK_ID = "analyse_thread"


async def analyse_thread(ack: AsyncAck, shortcut: dict[str, Any], services: Services) -> None:
    await ack()
    message = shortcut["message"]
    services.runs.start(
        Request(
            key=shortcut["trigger_id"],
            team=shortcut["team"]["id"],
            channel=shortcut["channel"]["id"],
            user=shortcut["user"]["id"],
            thread_ts=message.get("thread_ts", message["ts"]),
            response_url=shortcut["response_url"],
        )
    )


def register(app: AsyncApp) -> None:
    app.shortcut({"type": "message_action", "callback_id": CALLBACK_ID})(analyse_thread)
