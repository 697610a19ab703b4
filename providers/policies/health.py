"""What live traffic and probes say of one provider; costs no request of its own."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median
from typing import Literal, TypedDict

from providers.base import Attempt, ProviderHealth

Evidence = Literal["success", "failure", "probe ok", "probe failed"]

WINDOW = 200
"""How many of the last answers the latencies are taken from."""


class Probe(TypedDict):
    """The last health check; `at` is in seconds since 1970."""

    ok: bool
    checked: str
    detail: str
    latency_seconds: float | None
    at: float


class ProviderStatus(TypedDict):
    """A provider's health as plain values, fit for JSON; None is "never" or "not known".

    `state` is "healthy", "degraded", "down", "unknown" or "not configured"; `breaker` is "closed",
    "open" or "half-open". `last_success` and `last_failure` are seconds since 1970, `last_error`
    and the keys of `errors` are kinds of errors. "today" is the UTC day.
    """

    state: str
    breaker: str
    reopens_in_seconds: float
    model: str
    local: bool
    last_success: float | None
    last_failure: float | None
    last_error: str | None
    requests: int
    successes: int
    errors: dict[str, int]
    latency_median_seconds: float | None
    latency_p95_seconds: float | None
    time_to_first_token_seconds: float | None
    tokens_today: int
    cost_today_usd: float | None
    last_probe: Probe | None


class HealthRecord:
    """Counts what happened. `wall_clock` gives seconds since 1970."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self.requests = 0
        self.successes = 0
        self.errors: Counter[str] = Counter()
        self.last_success: float | None = None
        self.last_failure: float | None = None
        self.last_error: str | None = None
        self.last_probe: Probe | None = None
        self.latest: Evidence | None = None
        self._latencies: deque[float] = deque(maxlen=WINDOW)
        self._first_tokens: deque[float] = deque(maxlen=WINDOW)
        self._day = self._today()
        self._tokens = 0
        self._cost: float | None = None

    def started(self) -> None:
        """Count a request that is being sent."""
        self.requests += 1

    def succeeded(self, attempt: Attempt) -> None:
        """Count an answer."""
        self.successes += 1
        self.last_success = self._wall_clock()
        self.latest = "success"
        self._latencies.append(attempt.seconds)
        if attempt.time_to_first_token is not None:
            self._first_tokens.append(attempt.time_to_first_token)
        self._spend(attempt)

    def failed(self, attempt: Attempt, *, blamed: bool) -> None:
        """Count a failure by its kind; one that is not to blame on the provider is no evidence."""
        self.errors[attempt.outcome] += 1
        self._spend(attempt)
        if blamed:
            self.last_failure = self._wall_clock()
            self.last_error = attempt.outcome
            self.latest = "failure"

    def probed(self, health: ProviderHealth) -> None:
        """Keep the result of a health check."""
        self.latest = "probe ok" if health.ok else "probe failed"
        self.last_probe = Probe(
            ok=health.ok,
            checked=health.checked,
            detail=health.detail,
            latency_seconds=health.latency_seconds,
            at=self._wall_clock(),
        )

    @property
    def latency_median(self) -> float | None:
        """Seconds for a whole answer."""
        return median(self._latencies) if self._latencies else None

    @property
    def latency_p95(self) -> float | None:
        """Seconds within which 95 of 100 answers were whole, by nearest rank."""
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        return ordered[math.ceil(0.95 * len(ordered)) - 1]

    @property
    def time_to_first_token(self) -> float | None:
        """Median seconds until the first text."""
        return median(self._first_tokens) if self._first_tokens else None

    @property
    def tokens_today(self) -> int:
        """Tokens of this UTC day, as the vendor counted them."""
        self._turn_the_day()
        return self._tokens

    @property
    def cost_today(self) -> float | None:
        """USD of this UTC day; None where no price is known."""
        self._turn_the_day()
        return self._cost

    def _spend(self, attempt: Attempt) -> None:
        self._turn_the_day()
        usage = attempt.usage
        self._tokens += (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
        if attempt.cost_usd is not None:
            self._cost = (self._cost or 0.0) + attempt.cost_usd

    def _turn_the_day(self) -> None:
        today = self._today()
        if today != self._day:
            self._day, self._tokens, self._cost = today, 0, None

    def _today(self) -> date:
        return datetime.fromtimestamp(self._wall_clock(), UTC).date()
