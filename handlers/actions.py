"""The buttons: Stop under a run, those that show more under an answer, and those of health."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.services import Services
from bot.slack.blocks import (
    EVIDENCE_ACTION,
    STOP_ACTION,
    TIMELINE_ACTION,
    TRAIL_ACTION,
    evidence_view,
    health,
)
from bot.slack.cause_view import CAUSE_ACTION, cause_view
from bot.slack.gateway import Outgoing
from bot.slack.health_blocks import PUT_BACK_ACTION, TAKE_OUT_ACTION
from bot.slack.timeline_blocks import timeline_view
from bot.slack.trail_blocks import trail_view
from bot.store.memory import Finished


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
    finished = await _kept(body, action, services)
    if finished is not None:
        await services.gateway.open_view(body["trigger_id"], evidence_view(finished.report))


async def timeline(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    finished = await _kept(body, action, services)
    if finished is not None:
        await services.gateway.open_view(body["trigger_id"], timeline_view(finished.report))


async def trail(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    finished = await _kept(body, action, services)
    if finished is not None:
        await services.gateway.open_view(
            body["trigger_id"], trail_view(finished.trail, finished.reason)
        )


async def mark_cause(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    if not services.recall.keeps:
        await _tell(body, services, "Causes are not kept here: my log says why.")
        return
    finished = await _kept(body, action, services)
    if finished is not None:
        view = cause_view(finished.report, action["value"])
        await services.gateway.open_view(
            body["trigger_id"], view, origin=finished.channel, audience_checked=True
        )


async def take_out(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    services.chain.take_out(action["value"], body["user"]["id"])
    await _show_health(body, services)


async def put_back(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], services: Services
) -> None:
    await ack()
    services.chain.put_back(action["value"], body["user"]["id"])
    await _show_health(body, services)


async def _show_health(body: dict[str, Any], services: Services) -> None:
    rendered = health(await services.health(), controls=True)
    out = Outgoing(channel=body["channel"]["id"], text=rendered.text, blocks=rendered.blocks)
    await services.gateway.respond(body["response_url"], out, replace=True)


async def _kept(
    body: dict[str, Any], action: dict[str, Any], services: Services
) -> Finished | None:
    finished = services.store.report(action["value"])
    # A button's value can be replayed from anywhere: what was read stays in its own channel.
    if finished is None or finished.channel != body["channel"]["id"]:
        await _tell(body, services, "This is no longer kept. Ask again to see it anew.")
        return None
    return finished


async def _tell(body: dict[str, Any], services: Services, text: str) -> None:
    channel = body["channel"]["id"]
    message = Outgoing(channel=channel, text=text, thread_ts=body["message"].get("thread_ts"))
    await services.gateway.ephemeral(message, user=body["user"]["id"])


def register(app: AsyncApp) -> None:
    app.action(STOP_ACTION)(stop)
    app.action(EVIDENCE_ACTION)(evidence)
    app.action(TIMELINE_ACTION)(timeline)
    app.action(TRAIL_ACTION)(trail)
    app.action(CAUSE_ACTION)(mark_cause)
    app.action(re.compile(f"{TAKE_OUT_ACTION}_\\d+"))(take_out)
    app.action(re.compile(f"{PUT_BACK_ACTION}_\\d+"))(put_back)
