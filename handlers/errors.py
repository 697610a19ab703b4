"""What nobody else handled: one log line, one sentence for the person, no exception's text."""

from __future__ import annotations

import logging
import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.services import Services
from bot.slack.errors import SlackError
from bot.slack.gateway import Outgoing
from bot.telemetry import whereabouts

logger = logging.getLogger(__name__)

SORRY = "Something went wrong on my side, and nothing was changed. Please try again."


async def failed(error: Exception, body: dict[str, Any], services: Services) -> None:
    logger.error("a handler failed: %s", whereabouts(error))
    url = body.get("response_url")
    if not url:
        return
    channel = body.get("channel_id") or body.get("channel", {}).get("id", "")
    try:
        await services.gateway.respond(url, Outgoing(channel=channel, text=SORRY))
    except SlackError as silence:
        logger.error("and the person could not be told: %s", whereabouts(silence))


async def ignored() -> None:
    # An event without a listener is not acknowledged, and Slack would send it again.
    return


def register(app: AsyncApp) -> None:
    app.error(failed)
    app.event(re.compile(".*"))(ignored)
