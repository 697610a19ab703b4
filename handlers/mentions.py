"""A mention of the bot, in a thread or in a channel."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.listening import without_mention
from bot.placing import Request
from bot.services import Services


async def mentioned(body: dict[str, Any], event: dict[str, Any], services: Services) -> None:
    # Two bots that mention each other would never stop.
    if event.get("bot_id") or not event.get("user"):
        return
    thread = event.get("thread_ts", event["ts"])
    services.store.heard(event["channel"], thread, event["user"], event["ts"])
    services.runs.start(
        Request(
            key=f"{body['team_id']}:{event['channel']}:{event['ts']}",
            team=body["team_id"],
            channel=event["channel"],
            user=event["user"],
            question=without_mention(event.get("text", ""), services.bot_user_id),
            thread_ts=event.get("thread_ts"),
            asked_ts=event["ts"],
        )
    )


def register(app: AsyncApp) -> None:
    app.event("app_mention")(mentioned)
