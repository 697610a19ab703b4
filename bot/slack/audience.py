"""Who may read what: every doubt is a no."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Patience
from bot.slack.errors import SlackError

_NOT_FULL = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
_SHARED = (
    *("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared"),
    *("pending_shared", "pending_connected_team_ids"),
)
_AT_ONCE = 8
_MOST_ASKED = 60
"""Members of a channel whom we ask about one by one, to be sure that none is a guest."""


class Audience:
    """Answers from Slack, never from a cache: somebody may have left a moment ago."""

    def __init__(self, client: AsyncWebClient, patience: Patience) -> None:
        self._client = client
        self._patience = patience
        self._team_id: str | None = None

    async def may_read(self, user: str, channel: str) -> bool:
        """Tell whether a person may read a channel: a member, or anybody full if it is public."""
        try:
            return await self._may_read(user, channel, await self._about(channel))
        except SlackError:
            return False

    async def is_open(self, channel: str) -> bool:
        """Tell whether all full members of our workspace may read a channel, and nobody else."""
        try:
            about = await self._about(channel)
        except SlackError:
            return False
        is_public = about.get("is_private") is False and about.get("is_channel") is True
        return is_public and not _is_shared(about)

    async def are_insiders(self, channel: str) -> bool:
        """Tell whether all who read a channel are full members of our workspace, or bots.

        A channel that is shared, or too large to ask about everybody, counts as a no.
        """
        try:
            about = await self._about(channel)
            members = await self._few_members(channel)
            if not about or _is_shared(about) or not members:
                return False
            slots = asyncio.Semaphore(_AT_ONCE)
            return all(await asyncio.gather(*(self._is_insider(one, slots) for one in members)))
        except SlackError:
            return False

    async def _few_members(self, channel: str) -> list[str]:
        """Return all members where they are few, else none."""
        answer = await self._patience.read(
            lambda: self._client.conversations_members(channel=channel, limit=_MOST_ASKED + 1)
        )
        more = (answer.get("response_metadata") or {}).get("next_cursor")
        members = list(answer.get("members") or [])
        return [] if more or len(members) > _MOST_ASKED else members

    async def _is_insider(self, user: str, slots: asyncio.Semaphore) -> bool:
        async with slots:
            answer = await self._patience.read(lambda: self._client.users_info(user=user))
        person = answer.get("user") or {}
        flags = [flag for flag in _NOT_FULL if person.get(flag)]
        return bool(person) and flags in ([], ["is_bot"]) and await self._is_of_our_team(person)

    async def _about(self, channel: str) -> Mapping[str, Any]:
        answer = await self._patience.read(lambda: self._client.conversations_info(channel=channel))
        return answer.get("channel") or {}

    async def _may_read(self, user: str, channel: str, about: Mapping[str, Any]) -> bool:
        if about.get("is_im"):
            return about.get("user") == user
        is_public = about.get("is_private") is False and not about.get("is_mpim")
        if is_public and await self._is_full_member(user):
            return True
        return await self.is_member(user, channel)

    async def _is_full_member(self, user: str) -> bool:
        answer = await self._patience.read(lambda: self._client.users_info(user=user))
        person = answer.get("user") or {}
        if not person or any(person.get(flag) for flag in _NOT_FULL):
            return False
        return await self._is_of_our_team(person)

    async def _is_of_our_team(self, person: Mapping[str, Any]) -> bool:
        # Who shares a channel from another workspace is no stranger, and no colleague either.
        teams = {person.get("team_id"), *(person.get("enterprise_user") or {}).get("teams", ())}
        if not teams - {None}:
            return True
        if self._team_id is None:
            answer = await self._patience.read(self._client.auth_test)
            self._team_id = str(answer.get("team_id") or "")
        return self._team_id in teams

    async def is_member(self, user: str, channel: str) -> bool:
        """Tell whether a person is in a channel."""
        page: dict[str, Any] = {"channel": channel, "limit": 1_000}
        while True:
            try:
                answer = await self._patience.read(
                    lambda: self._client.conversations_members(**page)
                )
            except SlackError:
                return False
            if user in (answer.get("members") or []):
                return True
            page["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not page["cursor"]:
                return False


def _is_shared(about: Mapping[str, Any]) -> bool:
    return any(about.get(flag) for flag in _SHARED)
