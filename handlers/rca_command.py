"""`/rca [question | permalink]`: a slash command cannot know its thread, so it opens one."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.placing import Request
from bot.services import Services
from bot.slack.gateway import Outgoing

HELP = (
    "*`/rca`* reads this channel's last hours, opens a thread and says there what is going on.\n"
    "*`/rca why did checkout fail?`* answers your question from the same messages.\n"
    "*`/rca <link to a message>`* reads that thread and answers in it.\n"
    "*In a thread*, mention me with your question, or pick *Analyse this thread* in a message's "
    "menu: slash commands do not work there.\n"
    "*`/rca-health`* shows the state of the model providers."
)


async def rca(ack: AsyncAck, command: dict[str, Any], services: Services) -> None:
    await ack()
    text = command.get("text", "").strip()
    if text.lower() == "help":
        help_text = Outgoing(channel=command["channel_id"], text=HELP)
        await services.gateway.respond(command["response_url"], help_text)
        return
    services.runs.start(
        Request(
            key=command["trigger_id"],
            team=command["team_id"],
            channel=command["channel_id"],
            user=command["user_id"],
            question=text,
            response_url=command["response_url"],
        )
    )


def register(app: AsyncApp) -> None:
    app.command("/rca")(rca)
