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


class ConnectedTransport(Transport, Protocol):
    """A way that the app itself opens."""

    @property
    def connections(self) -> int: ...

    async def ready(self) -> None:
        """Return once a connection is open."""
        ...


class Delivery:
    """Sends by one transport or the other and follows up on events that were not taken."""

    def __init__(self, clock: Clock, sockets: ConnectedTransport, webhooks: Transport) -> None:
        self._events_url: str | None = None
        self._clock = clock
        self._sockets = sockets
        self._webhooks = webhooks
        self._tasks: set[asyncio.Task[None]] = set()
        self._doubles = 0
        self._under_way = 0
        self._by_http = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def events_url(self) -> str | None:
        return self._events_url

    @events_url.setter
    def events_url(self, address: str | None) -> None:
        self._events_url = address
        if address:
            self._by_http.set()
        else:
            self._by_http.clear()

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
        return await self._send(payload, 0, "")

    async def settle(self) -> None:
        """Wait until every payload is answered, those aside that wait for a retry or an app."""
        await asyncio.sleep(0)
        while self._under_way:
            await self._quiet.wait()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _transport(self) -> Transport:
        return self._webhooks if self._events_url else self._sockets

    def _track(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, payload: Payload) -> None:
        await self._reachable()
        answer = await self._send(payload, 0, "")
        for attempt, delay in enumerate(RETRY_DELAYS, start=1):
            if answer.acked or not answer.retry:
                return
            if delay:
                await self._clock.sleep(delay)
            await self._reachable()
            answer = await self._send(payload, attempt, answer.failure)

    async def _reachable(self) -> None:
        """Wait for the app by either way: the mode may change while nobody is connected."""
        if self._events_url or self._sockets.connections:
            return
        ways = (self._by_http.wait(), self._sockets.ready())
        waits = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _send(self, payload: Payload, attempt: int, reason: str) -> Answer:
        self._under_way += 1
        self._quiet.clear()
        try:
            return await self._transport().send(payload, attempt, reason)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()
