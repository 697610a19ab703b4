"""The buttons under an answer: Stop while it runs, Evidence afterwards."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.services import Services
from bot.slack.blocks import EVIDENCE_ACTION, STOP_ACTION, evidence_view
from bot.slack.gateway import Outgoing


async def stop(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    channel, user = body["channel"]["id"], body["user"]["id"]
    if not await services.runs.stop(action["value"], channel=channel, user=user):
        await _tell(body, services, "This analysis is already over.")


async def evidence(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    finished = services.store.report(action["value"])
    # A button's value can be replayed from anywhere: the evidence stays in its own channel.
    if finished is None or finished.channel != body["channel"]["id"]:
        await _tell(body, services, "This evidence is no longer kept. Ask again to see it anew.")
        return
    await services.gateway.open_view(body["trigger_id"], evidence_view(finished.report))


async def _tell(body: dict[str, Any], services: Services, text: str) -> None:
    channel = body["channel"]["id"]
    message = Outgoing(channel=channel, text=text, thread_ts=body["message"].get("thread_ts"))
    await services.gateway.ephemeral(message, user=body["user"]["id"])


def register(app: AsyncApp) -> None:
    app.action(STOP_ACTION)(stop)
    app.action(EVIDENCE_ACTION)(evidence)
