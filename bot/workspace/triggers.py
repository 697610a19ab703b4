"""Trigger ids: the right to open a modal, for one use within three seconds."""

from __future__ import annotations

import secrets

from bot.workspace.clock import Clock
from bot.workspace.errors import SlackError

TRIGGER_SECONDS = 3.0


class Triggers:
    """Issues trigger ids and takes them back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, tuple[str, float]] = {}
        self._exchanged: set[str] = set()

    def issue(self, user: str) -> str:
        trigger_id = (
            f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(8)}"
        )
        self._issued[trigger_id] = (user, self._clock.time() + TRIGGER_SECONDS)
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """Return the user whose gesture it was; the id is spent by that."""
        if trigger_id in self._exchanged:
            raise SlackError("exchanged_trigger_id")
        if trigger_id not in self._issued:
            raise SlackError("invalid_trigger_id")
        user, expires = self._issued.pop(trigger_id)
        if self._clock.time() > expires:
            raise SlackError("expired_trigger_id")
        self._exchanged.add(trigger_id)
        return user
