"""Messages that do not mention the bot: a direct message, or words in a thread it answered in."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.listening import Speaker, is_for_the_bot, is_incident_channel
from bot.placing import Request
from bot.services import Services

# Edits, deletions, joins and the like are about messages; these are messages.
SPOKEN = {None, "file_share", "thread_broadcast"}


async def heard(body: dict[str, Any], event: dict[str, Any], services: Services) -> None:
    if event.get("subtype") not in SPOKEN or event.get("bot_id") or not event.get("user"):
        return
    if event.get("channel_type") == "im" or await _asks(event, services):
        _start(body, event, services)


async def _asks(event: dict[str, Any], services: Services) -> bool:
    channel, thread, ts = event["channel"], event.get("thread_ts"), event["ts"]
    if not thread or not services.store.is_answered(channel, thread):
        return False
    services.store.heard(channel, thread, event["user"], ts)
    # With a mention Slack sends an app_mention too; that one is acted on.
    if f"<@{services.bot_user_id}" in event.get("text", ""):
        return False
    if not is_incident_channel(await services.reader.channel_name(channel), services.listens_in):
        return False
    last = services.store.speaker_before(channel, thread, ts)
    previous = {services.bot_user_id: Speaker.BOT, event["user"]: Speaker.SAME_PERSON}
    return is_for_the_bot(
        event.get("text", ""),
        previous=previous.get(last or "", Speaker.OTHER_PERSON),
        bot_user_id=services.bot_user_id,
    )


def _start(body: dict[str, Any], event: dict[str, Any], services: Services) -> None:
    services.runs.start(
        Request(
            key=f"{body['team_id']}:{event['channel']}:{event['ts']}",
            team=body["team_id"],
            channel=event["channel"],
            user=event["user"],
            question=event.get("text", ""),
            thread_ts=event.get("thread_ts"),
            asked_ts=event["ts"],
        )
    )


def register(app: AsyncApp) -> None:
    app.event("message")(heard)
