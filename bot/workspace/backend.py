"""Everything a method, a person or a page works on, in one place."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from bot.workspace.board import Board
from bot.workspace.clock import Clock
from bot.workspace.delivery import Delivery
from bot.workspace.events import Events
from bot.workspace.faults import Faults
from bot.workspace.feed import Feed
from bot.workspace.modals import Modals
from bot.workspace.rates import Rates
from bot.workspace.responses import Responses
from bot.workspace.sockets import Sockets
from bot.workspace.state import Identity, State
from bot.workspace.triggers import Triggers
from bot.workspace.webhooks import Webhooks

CALLS_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of the app; `error` is "" for a good answer, else Slack's word or "http 502"."""

    method: str
    args: dict[str, Any]
    error: str
    time: float

    @property
    def ok(self) -> bool:
        return not self.error


@dataclass(slots=True)
class Backend:
    """The parts of one workspace, wired to each other."""

    clock: Clock
    state: State = field(init=False)
    feed: Feed = field(init=False, default_factory=Feed)
    faults: Faults = field(init=False, default_factory=Faults)
    rates: Rates = field(init=False)
    sockets: Sockets = field(init=False)
    webhooks: Webhooks = field(init=False)
    delivery: Delivery = field(init=False)
    events: Events = field(init=False)
    board: Board = field(init=False)
    triggers: Triggers = field(init=False)
    modals: Modals = field(init=False)
    responses: Responses = field(init=False)
    calls: deque[ApiCall] = field(init=False)

    def __post_init__(self) -> None:
        clock, own = self.clock, Identity()
        self.state = State(clock, own)
        self.rates = Rates(clock)
        self.sockets = Sockets(clock, own.app_id)
        self.webhooks = Webhooks(clock, own.signing_secret, lambda: self.delivery.events_url or "")
        self.delivery = Delivery(clock, self.sockets, self.webhooks)
        self.events = Events(self.state, self.delivery)
        self.board = Board(self.state, self.events, self.feed)
        self.triggers = Triggers(clock)
        self.modals = Modals(self.state, self.feed)
        self.responses = Responses(self.state, self.board)
        self.calls = deque(maxlen=CALLS_KEPT)

    async def close(self) -> None:
        """End every task and connection; the state stays to be read."""
        await self.delivery.close()
        await self.sockets.close()
        await self.webhooks.close()
        self.feed.close()
