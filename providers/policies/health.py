"""What live traffic and probes say of one provider; costs no request of its own."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from statistics import median
from typing import Literal, TypedDict

from providers.base import Attempt, ProviderHealth
from providers.policies.routing import Ewma

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
    "open" or "half-open"; `breaker_cause` is the kind of error that opened it, or "by_hand".
    `last_success`, `last_failure` and `last_proved` are seconds since 1970: proved is what
    answered a real request, be it a drill's. `last_error` and the keys of `errors` are kinds of
    errors. "today" is the UTC day; what was wasted in it is part of its tokens and its cost.
    `reopens_in_seconds` is None where only a person closes the breaker.
    """

    state: str
    breaker: str
    breaker_cause: str
    reopens_in_seconds: float | None
    model: str
    local: bool
    last_success: float | None
    last_failure: float | None
    last_error: str | None
    last_proved: float | None
    requests: int
    in_flight: int
    successes: int
    errors: dict[str, int]
    latency_median_seconds: float | None
    latency_p95_seconds: float | None
    time_to_first_token_seconds: float | None
    tokens_today: int
    cost_today_usd: float | None
    wasted_tokens_today: int
    wasted_cost_today_usd: float | None
    last_probe: Probe | None


class _Spending:
    def __init__(self) -> None:
        self.tokens = 0
        self.usd: float | None = None

    def add(self, attempt: Attempt) -> None:
        usage = attempt.usage
        self.tokens += (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
        if attempt.cost_usd is not None:
            self.usd = (self.usd or 0.0) + attempt.cost_usd


def _p95(seconds: Collection[float]) -> float | None:
    if not seconds:
        return None
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


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
        self.last_proved: float | None = None
        self.last_asked: float | None = None
        self.in_flight = 0
        self.last_probe: Probe | None = None
        self.latest: Evidence | None = None
        self._latencies: deque[float] = deque(maxlen=WINDOW)
        self._first_tokens: deque[float] = deque(maxlen=WINDOW)
        self._first_token = Ewma()
        self._first_token_p95: float | None = None
        self._day = self._today()
        self._spent = _Spending()
        self._wasted = _Spending()

    def started(self) -> None:
        """Count a request that is being sent."""
        self.requests += 1
        self.in_flight += 1
        self.last_asked = self._wall_clock()

    def ended(self) -> None:
        """Count that a request is over, however it ended."""
        self.in_flight -= 1

    def succeeded(self, attempt: Attempt) -> None:
        """Count an answer."""
        self.successes += 1
        self.last_success = self.last_proved = self._wall_clock()
        self.latest = "success"
        self._latencies.append(attempt.seconds)
        if attempt.time_to_first_token is not None:
            self._first_tokens.append(attempt.time_to_first_token)
            self._first_token.add(attempt.time_to_first_token)
            self._first_token_p95 = None
        self._spend(attempt, wasted=False)

    def failed(self, attempt: Attempt, *, blamed: bool) -> None:
        """Count a failure by its kind; one that is not to blame on the provider is no evidence."""
        self.errors[attempt.outcome] += 1
        self._spend(attempt, wasted=True)
        if attempt.outcome == "first_content_timeout":
            # It would have taken longer still: a short silence must not make it look faster.
            self._first_token.add(max(attempt.seconds, self._first_token.value or 0.0))
        if blamed:
            self.last_failure = self._wall_clock()
            self.last_error = attempt.outcome
            self.latest = "failure"

    def abandoned(self, attempt: Attempt) -> None:
        """Count what a request cost whose answer nobody wanted any more."""
        self._spend(attempt, wasted=True)

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
        return _p95(self._latencies)

    @property
    def first_token_p95(self) -> float | None:
        """Seconds within which 95 of 100 answers began."""
        if self._first_token_p95 is None:
            self._first_token_p95 = _p95(self._first_tokens)
        return self._first_token_p95

    @property
    def first_token_average(self) -> float | None:
        """Seconds until the first text, the latest counting most; silences count too."""
        return self._first_token.value

    @property
    def samples(self) -> int:
        """How many answers the percentiles rest on."""
        return len(self._first_tokens)

    @property
    def time_to_first_token(self) -> float | None:
        """Median seconds until the first text."""
        return median(self._first_tokens) if self._first_tokens else None

    @property
    def spent_today(self) -> tuple[int, float | None]:
        """Tokens and USD of this UTC day; None where no price is known."""
        self._turn_the_day()
        return self._spent.tokens, self._spent.usd

    @property
    def wasted_today(self) -> tuple[int, float | None]:
        """The part of today's spending that brought no answer."""
        self._turn_the_day()
        return self._wasted.tokens, self._wasted.usd

    def _spend(self, attempt: Attempt, *, wasted: bool) -> None:
        self._turn_the_day()
        self._spent.add(attempt)
        if wasted:
            self._wasted.add(attempt)

    def _turn_the_day(self) -> None:
        today = self._today()
        if today != self._day:
            self._day, self._spent, self._wasted = today, _Spending(), _Spending()

    def _today(self) -> date:
        return datetime.fromtimestamp(self._wall_clock(), UTC).date()
