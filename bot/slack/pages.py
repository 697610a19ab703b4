"""Messages of a thread or a channel, page by page to the end, within a budget of time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Call, Patience, attempt
from bot.slack.errors import SlackError
from bot.slack.messages import Raw

_REPLIES_PAGE = 200
_HISTORY_PAGE = 999
_MOST_PAGES = 50
# What Slack gives a page, and a minute, to apps that are sold outside of its marketplace:
# https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
_LIMITED_PAGE = 15

LIMITED = (
    "Slack limits this app to 15 messages a minute: create the app from the project's own "
    "manifest, in your own workspace, to lift that"
)


@dataclass(slots=True)
class Pages:
    """What was read, by ts, and what was not and why."""

    messages: dict[str, Raw] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    whole: bool = True

    def add(self, messages: Iterable[Raw]) -> None:
        """Take a page; a root comes back on every page, and a message counts once."""
        for message in messages:
            self.messages.setdefault(str(message.get("ts")), message)

    def break_off(self, gap: str) -> None:
        """Note that there is more than was read."""
        self.whole = False
        if gap not in self.gaps:
            self.gaps.append(gap)


class PageReader:
    """Reads pages of one workspace."""

    def __init__(self, client: AsyncWebClient, patience: Patience) -> None:
        self._client = client
        self._patience = patience

    async def replies(
        self, channel: str, ts: str, *, seen: Callable[[int], None] | None = None
    ) -> Pages:
        """Read a whole thread, root first. Raises SlackError where not even its start comes."""
        return await self._all(
            self._client.conversations_replies,
            {"channel": channel, "ts": ts, "limit": _REPLIES_PAGE},
            seen,
        )

    async def history(
        self,
        channel: str,
        *,
        oldest: str,
        latest: str,
        seen: Callable[[int], None] | None = None,
        most: int | None = None,
    ) -> Pages:
        """Read a channel's window, newest first; with both bounds, for `oldest` alone walks on.

        With `most`, reading ends after the page that makes it so many.
        Raises SlackError where not even its start comes.
        """
        bounds = {"oldest": oldest, "latest": latest, "inclusive": True}
        return await self._all(
            self._client.conversations_history,
            {"channel": channel, "limit": _HISTORY_PAGE, **bounds},
            seen,
            most,
        )

    async def _all(
        self,
        method: Callable[..., Awaitable[Any]],
        arguments: Mapping[str, Any],
        seen: Callable[[int], None] | None,
        most: int | None = None,
    ) -> Pages:
        pages = Pages()
        page = dict(arguments)
        limited = False
        for _ in range(_MOST_PAGES):
            try:
                answer = await self._page(partial(method, **page), wait=not limited)
            except SlackError as error:
                if not pages.messages or not error.transient:
                    raise
                pages.break_off(LIMITED if limited else _stopped(pages))
                return pages
            messages = [raw for raw in answer.get("messages") or [] if isinstance(raw, dict)]
            pages.add(messages)
            if seen:
                seen(len(pages.messages))
            page["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not page["cursor"] or (most and len(pages.messages) >= most):
                return pages
            limited = len(messages) == _LIMITED_PAGE
        pages.break_off(_stopped(pages))
        return pages

    async def _page(self, call: Call, *, wait: bool) -> Mapping[str, Any]:
        # An app under the limit would wait a minute for each page of 15 messages.
        if wait:
            return await self._patience.read(call)
        return await attempt(call, timeout=self._patience.timeout)


def _stopped(pages: Pages) -> str:
    return f"Slack stopped answering after {len(pages.messages):,} messages"
