"""Whether a message arrived whose answer was lost: its key travels with it, as metadata."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Call
from bot.slack.errors import MissingScopeError, ThreadGoneError, UnknownMethodError
from bot.slack.outgoing import Outgoing

logger = logging.getLogger(__name__)

_NEWEST = 100


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in Slack."""

    channel: str
    ts: str
    thread_ts: str | None


def metadata_of(key: str) -> dict[str, Any]:
    """Return the metadata that a message with this key carries."""
    return {"event_type": "rca_run", "event_payload": {"key": key}}


class Receipts:
    """Looks for messages by their keys. `attempt` makes one call, or raises SlackError."""

    def __init__(
        self, client: AsyncWebClient, attempt: Callable[[Call], Awaitable[Mapping[str, Any]]]
    ) -> None:
        self._client = client
        self._attempt = attempt

    async def find(self, out: Outgoing, key: str) -> Posted | None:
        """Look where a message should stand, and then where it may have strayed to.

        None where it is not there, or where looking is not allowed. Raises SlackError.
        """
        try:
            if out.thread_ts and (found := await self._in_thread(out.channel, out.thread_ts, key)):
                return found
            answer = await self._attempt(
                lambda: self._client.conversations_history(
                    channel=out.channel, limit=_NEWEST, include_all_metadata=True
                )
            )
        except (MissingScopeError, UnknownMethodError) as error:
            logger.warning("cannot look whether a post arrived: %s", error)
            return None
        return _with_key(answer, out.channel, key)

    async def _in_thread(self, channel: str, thread_ts: str, key: str) -> Posted | None:
        read = partial(
            self._client.conversations_replies,
            channel=channel,
            ts=thread_ts,
            limit=200,
            include_all_metadata=True,
        )
        cursor: str | None = None
        while True:
            try:
                answer = await self._attempt(partial(read, cursor=cursor))
            except ThreadGoneError:
                return None
            if found := _with_key(answer, channel, key):
                return found
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None


def _with_key(answer: Mapping[str, Any], channel: str, key: str) -> Posted | None:
    for message in answer.get("messages") or []:
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        if payload.get("key") == key:
            return Posted(channel, str(message["ts"]), message.get("thread_ts"))
    return None
