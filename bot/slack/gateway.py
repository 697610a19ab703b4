"""The one gate out to Slack: every call that shows something to somebody goes through here."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.budget import RateBudget
from bot.slack.calls import Call, Clock, Patience, Sleep, attempt, translated, without_retries
from bot.slack.errors import (
    AudienceError,
    RateLimitedError,
    RefusedContentError,
    SlackError,
    SlackUnavailableError,
    ThreadGoneError,
)
from bot.slack.outgoing import (
    MESSAGE_BLOCKS,
    VIEW_BLOCKS,
    AllowedLinks,
    Outgoing,
    safe_blocks,
    safe_text,
)
from bot.slack.receipts import Posted, Receipts, metadata_of

__all__ = ["Gateway", "GatewayStatus", "Outgoing", "Posted"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """How sending goes. `last_ok` is on the gateway's clock; `last_error` the kind of failure."""

    last_ok: float | None = None
    last_error: str = ""
    rate_limited: int = 0
    sent: int = 0


class Gateway:
    """Sends, changes and deletes messages, and opens views.

    Content of a channel (`Outgoing.origin`) is shown in that channel only; where one person sees
    it, the caller may say `audience_checked` after it made sure that they may read it.
    `deadline` (seconds) bounds one call with all its repeats.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        allowed_hosts: frozenset[str] = frozenset(),
        updates_per_minute: float = 45,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
        deadline: float = 60.0,
        timeout: float = 15.0,
    ) -> None:
        self._client = without_retries(client)
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._sleep = sleep
        self._clock = clock
        self._patience = Patience(deadline=deadline, timeout=timeout, sleep=sleep, clock=clock)
        self._updates = RateBudget(updates_per_minute, sleep=sleep, clock=clock)
        self._status = GatewayStatus()
        self._receipts = Receipts(self._client, self._attempt)

    @property
    def status(self) -> GatewayStatus:
        """How sending has gone until now."""
        return self._status

    async def post(self, out: Outgoing, *, key: str) -> Posted:
        """Post a message once, however often the answer to it is lost.

        `key` tells this message from all others: it travels as metadata and is looked for before
        a repeat. Raises ThreadGoneError where the thread does not exist (a message that strayed
        into the channel is deleted), and every SlackError that waiting did not cure.
        """
        _check_audience(out)
        arguments = self._arguments(out)
        end = self._clock() + self._patience.deadline
        unsure = False
        number = 0
        while True:
            number += 1
            try:
                return await self._post_once(out, arguments, key, look_first=unsure)
            except SlackError as error:
                unsure = unsure or isinstance(error, SlackUnavailableError)
                wait = self._patience.wait_before(number, error)
                if not error.transient or self._clock() + wait >= end:
                    raise
            await self._sleep(wait)

    async def update(self, message: Posted, out: Outgoing, *, attempts: int = 1) -> None:
        """Change a message; with more than one attempt it goes ahead of all that wait.

        Raises RateLimitedError, MessageGoneError, SlackUnavailableError and other SlackErrors.
        """
        _check_audience(replace(out, channel=message.channel))
        arguments = self._arguments(out) | {"channel": message.channel, "ts": message.ts}
        arguments.pop("thread_ts", None)
        for number in range(1, attempts + 1):
            await self._updates.take(urgent=attempts > 1)
            try:
                await self._attempt(lambda: self._client.chat_update(**arguments))
            except SlackError as error:
                await self._before_next_update(error, number, attempts)
            else:
                return

    async def _before_next_update(self, error: SlackError, number: int, attempts: int) -> None:
        wait = self._patience.wait_before(number, error)
        if isinstance(error, RateLimitedError):
            self._updates.pause(min(wait, self._patience.deadline))
        if number == attempts or not error.transient or wait > self._patience.deadline:
            raise error
        await self._sleep(wait)

    async def delete(self, message: Posted) -> None:
        """Delete a message of ours. Raises SlackError."""
        await self._patiently(
            lambda: self._client.chat_delete(channel=message.channel, ts=message.ts)
        )

    async def ephemeral(self, out: Outgoing, *, user: str, audience_checked: bool = False) -> None:
        """Show a message to one person in a channel. Raises SlackError."""
        _check_audience(out, checked=audience_checked)
        arguments = self._arguments(out) | {"user": user}
        for flag in ("unfurl_links", "unfurl_media"):
            del arguments[flag]
        await self._patiently(lambda: self._client.chat_postEphemeral(**arguments))

    async def respond(
        self,
        response_url: str,
        out: Outgoing,
        *,
        replace: bool = False,
        audience_checked: bool = False,
    ) -> None:
        """Answer the person who asked, by the address that Slack gave for it.

        Raises RefusedContentError where that address is not Slack's, and SlackError.
        """
        _check_audience(out, checked=audience_checked)
        self._check_response_url(response_url)
        webhook = AsyncWebhookClient(response_url, session=self._client.session, retry_handlers=[])
        body = self._arguments(out) | {"response_type": "ephemeral", "replace_original": replace}
        for name in ("channel", "parse"):
            del body[name]

        async def send() -> object:
            response = await webhook.send_dict(body)
            if response.status_code != 200:
                raise translated(response)
            return response

        await self._patiently(send)

    async def open_view(
        self,
        trigger_id: str,
        view: Mapping[str, Any],
        *,
        links: frozenset[str] = frozenset(),
        origin: str | None = None,
        audience_checked: bool = False,
    ) -> None:
        """Open a modal, at once or not at all: a trigger lives for 3 seconds and one use."""
        if origin is not None and not audience_checked:
            raise AudienceError("a view shows the content of a channel")
        allowed = AllowedLinks(links, self._hosts)
        safe = {**view, "blocks": safe_blocks(view["blocks"], allowed, VIEW_BLOCKS)}
        await self._attempt(lambda: self._client.views_open(trigger_id=trigger_id, view=safe))

    def _arguments(self, out: Outgoing) -> dict[str, Any]:
        allowed = AllowedLinks(out.links, self._hosts)
        arguments = {
            "channel": out.channel,
            "text": safe_text(out.text, allowed),
            "blocks": safe_blocks(out.blocks, allowed, MESSAGE_BLOCKS),
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return arguments | ({"thread_ts": out.thread_ts} if out.thread_ts else {})

    async def _post_once(
        self, out: Outgoing, arguments: dict[str, Any], key: str, *, look_first: bool
    ) -> Posted:
        found = await self._receipts.find(out, key) if look_first else None
        if found is None:
            answer = await self._attempt(
                lambda: self._client.chat_postMessage(**arguments, metadata=metadata_of(key))
            )
            message = answer.get("message") or {"thread_ts": out.thread_ts}
            channel = str(answer.get("channel") or out.channel)
            found = Posted(channel, str(answer.get("ts")), message.get("thread_ts"))
        if out.thread_ts and not found.thread_ts:
            # Slack posts into the channel, without a word, where the thread does not exist.
            await self.delete(found)
            raise ThreadGoneError("the thread does not exist")
        return found

    async def _patiently(self, call: Call) -> None:
        await self._patience.repeat(lambda: self._attempt(call))

    async def _attempt(self, call: Call) -> Mapping[str, Any]:
        try:
            answer = await attempt(call, timeout=self._patience.timeout)
        except SlackError as error:
            limited = self._status.rate_limited + isinstance(error, RateLimitedError)
            self._status = replace(
                self._status, last_error=type(error).__name__, rate_limited=limited
            )
            raise
        self._status = replace(self._status, last_ok=self._clock(), sent=self._status.sent + 1)
        return answer

    def _check_response_url(self, url: str) -> None:
        parts, api = urlsplit(url), urlsplit(self._client.base_url)
        own = (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
        if not own and (parts.scheme, parts.netloc) != ("https", f"hooks.{api.netloc}"):
            raise RefusedContentError("a response address that is not Slack's")


def _check_audience(out: Outgoing, *, checked: bool = False) -> None:
    if out.origin not in (None, out.channel) and not checked:
        raise AudienceError("content of another channel")
