"""Bringing payloads to the app: once for what a person waits for, with retries for events."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.workspace.clock import Clock

PayloadKind = Literal["events_api", "slash_commands", "interactive"]
ACK_SECONDS = 3.0
# https://docs.slack.dev/apis/events-api/#retries
RETRY_DELAYS = (0.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Payload:
    kind: PayloadKind
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said; `failure` is Slack's word for why it counts as not delivered."""

    failure: str = ""
    payload: Any = None
    retry: bool = True

    @property
    def acked(self) -> bool:
        return not self.failure


class Transport(Protocol):
    """One way to the app."""

    async def send(self, payload: Payload, attempt: int, reason: str) -> Answer:
        """Deliver once and wait for the answer; attempt 0 is the first."""
        ...


class Delivery:
    """Sends by one transport or the other and follows up on events that were not taken."""

    def __init__(self, clock: Clock, sockets: Transport, webhooks: Transport) -> None:
        self.events_url: str | None = None
        self._clock = clock
        self._sockets = sockets
        self._webhooks = webhooks
        self._tasks: set[asyncio.Task[None]] = set()
        self._doubles = 0

    def send_twice(self, events: int) -> None:
        """Deliver each of the next so many events a second time, acknowledged or not."""
        self._doubles = events

    def event(self, payload: Payload) -> None:
        """Deliver in the background, by Slack's schedule until it is acknowledged."""
        self._track(self._deliver(payload))
        if self._doubles:
            self._doubles -= 1
            self._track(self._deliver(payload))

    async def request(self, payload: Payload) -> Answer:
        """Deliver what a person waits for; Slack never repeats it."""
        return await self._transport().send(payload, 0, "")

    async def settle(self) -> None:
        """Wait until nothing is under way any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _transport(self) -> Transport:
        return self._webhooks if self.events_url else self._sockets

    def _track(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, payload: Payload) -> None:
        answer = await self._transport().send(payload, 0, "")
        for attempt, delay in enumerate(RETRY_DELAYS, start=1):
            if answer.acked or not answer.retry:
                return
            await self._clock.sleep(delay)
            answer = await self._transport().send(payload, attempt, answer.failure)
