"""Where a workspace and its channels are found, and what they are called: nice to know, no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Patience
from bot.slack.errors import SlackError


class Addresses:
    """Asks Slack; where it does not tell, the answer is empty and the analysis goes on."""

    def __init__(self, client: AsyncWebClient, patience: Patience) -> None:
        self._client = client
        self._patience = patience
        self._team_urls: dict[str, str] = {}
        self._channel_names: dict[str, str] = {}

    async def team_url(self, channel: str, ts: str) -> str:
        """Return what all links to a channel's messages begin with, by one of them."""
        if channel in self._team_urls:
            return self._team_urls[channel]
        told = await self._told(
            lambda: self._client.chat_getPermalink(channel=channel, message_ts=ts)
        )
        url = str(told.get("permalink") or "").partition("/archives/")[0]
        url = url or str((await self._told(self._client.auth_test)).get("url") or "")
        if url:
            self._team_urls[channel] = url
        return url

    async def channel_name(self, channel: str, *, anew: bool = False) -> str:
        """Return a channel's name, without #; `anew` for one that may have changed since."""
        if anew or channel not in self._channel_names:
            told = await self._told(lambda: self._client.conversations_info(channel=channel))
            name = str((told.get("channel") or {}).get("name") or "")
            if not name:
                return ""
            self._channel_names[channel] = name
        return self._channel_names[channel]

    async def _told(self, call: Callable[[], Awaitable[Any]]) -> Mapping[str, Any]:
        try:
            return await self._patience.read(call)
        except SlackError:
            return {}
