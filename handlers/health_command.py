"""`/rca-health`: the state of the providers, of Slack and of the runs, for the asker alone."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.services import Services
from bot.slack.blocks import health
from bot.slack.gateway import Outgoing


async def rca_health(ack: AsyncAck, command: dict[str, Any], services: Services) -> None:
    await ack()
    rendered = health(await services.health(), controls=True)
    await services.gateway.respond(
        command["response_url"],
        Outgoing(channel=command["channel_id"], text=rendered.text, blocks=rendered.blocks),
    )


def register(app: AsyncApp) -> None:
    app.command("/rca-health")(rca_health)
