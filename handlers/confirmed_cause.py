"""What a person fills in after "Mark the actual cause"."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.analysis.similar import Marked
from bot.recall import Mark
from bot.services import Services
from bot.slack.cause_view import CAUSE_VIEW, Submitted, errors, submitted
from bot.slack.gateway import Outgoing
from bot.slack.mrkdwn import escape
from bot.slack.rendered import section
from bot.store.memory import Finished

_GONE = "The answer that this is about is no longer kept. Ask again, and mark the new one."
_NOT_YOURS = (
    "I cannot see that you are in the channel of this answer, and only its members can mark a "
    "cause. If you are, press Mark once more."
)
_NOT_KEPT = "The cause could not be kept; whoever runs me finds the reason in my log."


async def marked(
    ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], services: Services
) -> None:
    finished = services.store.report(view.get("private_metadata") or "")
    if finished is None:
        await ack(response_action="errors", errors=errors(_GONE))
        return
    filled = submitted(view, finished.report.cause.text)
    fault = filled.fault or await _refusal(finished, body, services)
    if fault:
        await ack(response_action="errors", errors=errors(fault))
        return
    await ack()
    await _keep(finished, filled, body, services)


async def _refusal(finished: Finished, body: dict[str, Any], services: Services) -> str:
    # A view can be replayed as a button can: who submits must be in the answer's channel now.
    is_member = await services.recall.may_mark(body["user"]["id"], finished.channel)
    return "" if is_member else _NOT_YOURS


async def _keep(
    finished: Finished, filled: Submitted, body: dict[str, Any], services: Services
) -> None:
    user, channel, thread_ts = body["user"]["id"], finished.channel, finished.thread_ts
    mark = Mark(user, filled.marked, filled.cause)
    kept = await services.recall.confirm(
        finished.report, channel=channel, thread_ts=thread_ts, mark=mark
    )
    if not kept:
        told = Outgoing(channel, _NOT_KEPT, thread_ts=thread_ts)
        await services.gateway.ephemeral(told, user=user)
        return
    name = await services.reader.name(user)
    what = "No incident, confirmed" if filled.marked is Marked.NO_INCIDENT else "Cause confirmed"
    text = f":white_check_mark: {what} by {escape(name)}: {escape(filled.cause)}"
    out = Outgoing(channel, text, (section(text),), thread_ts, origin=channel)
    await services.gateway.post(out, key=f"confirmed:{body['view']['id']}")


def register(app: AsyncApp) -> None:
    app.view(CAUSE_VIEW)(marked)
