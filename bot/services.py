"""What a handler may ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.chain import Chain
from bot.health import HealthReport
from bot.recall import Recall
from bot.runs import Runs
from bot.slack.gateway import Gateway
from bot.slack.reader import Reader
from bot.slack.summary import HealthSummary
from bot.store.memory import MemoryStore


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that stands once the application is put together, injected by name."""

    runs: Runs
    chain: Chain
    store: MemoryStore
    recall: Recall
    gateway: Gateway
    reader: Reader
    health: Callable[[], Awaitable[HealthReport]]
    summary: HealthSummary
    bot_user_id: str
    listens_in: tuple[str, ...]
    health_schedule: str
