"""What people are called, asked of Slack once each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Patience
from bot.slack.errors import MissingScopeError, SlackError, UnknownMethodError

_AT_ONCE = 4


class Names:
    """Names by user id; whoever cannot be asked about stays "someone"."""

    def __init__(self, client: AsyncWebClient, patience: Patience) -> None:
        self._client = client
        self._patience = patience
        self._known: dict[str, str] = {}
        self._may_ask = True
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def of(self, user_id: str) -> str:
        """Return one person's name."""
        if user_id not in self._known:
            async with self._slots:
                name = await self._ask(user_id)
            if name is None:
                return f"someone ({user_id[-4:]})"
            self._known[user_id] = name
        return self._known[user_id]

    async def of_all(self, user_ids: Iterable[str]) -> Mapping[str, str]:
        """Return many people's names by id."""
        ids = sorted(set(user_ids))
        return dict(zip(ids, await asyncio.gather(*map(self.of, ids)), strict=True))

    async def _ask(self, user_id: str) -> str | None:
        if not self._may_ask:
            return None
        try:
            answer = await self._patience.read(lambda: self._client.users_info(user=user_id))
        except (MissingScopeError, UnknownMethodError):
            # The same answer awaits every other name.
            self._may_ask = False
            return None
        except SlackError:
            return None
        return _name(answer.get("user") or {}) or None


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile") or {}
    candidates = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return str(next((name for name in candidates if name), "") or user.get("name") or "")
