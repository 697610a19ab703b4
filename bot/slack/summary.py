"""The health summary in its channel: one message kept up to date, a new one when a state turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.health import HealthReport
from bot.slack.blocks import health
from bot.slack.errors import MessageGoneError
from bot.slack.gateway import Gateway, Outgoing, Posted

DOWN = "down"


class HealthSummary:
    """Posts to one channel; with no channel it does nothing.

    `gather` returns the report of this moment. `refresh` and `changed` may overlap: they take
    turns, so that one change makes one message.
    """

    def __init__(
        self,
        gateway: Gateway,
        channel: str | None,
        gather: Callable[[], Awaitable[HealthReport]],
    ) -> None:
        self._gateway = gateway
        self._channel = channel
        self._gather = gather
        self._posted: Posted | None = None
        self._down: frozenset[str] | None = None
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Show the state of now: a slot of the schedule, or a change, has come."""
        if self._channel is None:
            return
        async with self._turn:
            report = await self._gather()
            down = frozenset(name for name, state in report.states.items() if state == DOWN)
            turned = self._down is not None and down != self._down
            if self._posted is None or turned or not await self._edited(report):
                self._posted = await self._gateway.post(
                    self._outgoing(report), key=f"health:{report.as_of:.3f}"
                )
            self._down = down

    async def changed(self) -> None:
        """Look again where a provider may have gone down or come back; quiet where none has."""
        if self._channel is not None and self._down is not None:
            await self.refresh()

    async def _edited(self, report: HealthReport) -> bool:
        if self._posted is None:
            return False
        try:
            await self._gateway.update(self._posted, self._outgoing(report), attempts=5)
        except MessageGoneError:
            return False
        return True

    def _outgoing(self, report: HealthReport) -> Outgoing:
        rendered = health(report)
        channel = self._channel or ""
        return Outgoing(channel=channel, text=rendered.text, blocks=rendered.blocks)
