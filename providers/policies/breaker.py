"""A circuit breaker for one model at one provider: closed, open, half-open with one trial.

Outcomes are judged at the end of a stream; a caller's cancel is nobody's failure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from providers.errors import ProviderError

LONG_OPEN_SECONDS = 900.0
BY_HAND = "by_hand"
"""The cause of an opening that a person asked for."""
_LONG = frozenset({"authentication", "quota", "model_not_found"})
_NEUTRAL = frozenset(
    {"context_overflow", "content_policy", "invalid_request", "configuration", "deadline"}
)
_RATE_LIMIT_SECONDS = (5.0, 30.0)


def blames(error: ProviderError) -> bool:
    """Say whether a failure speaks against the provider rather than the request or the clock."""
    return error.kind not in _NEUTRAL


class BreakerState(StrEnum):
    """Half-open: the open time is over and one request may try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """`threshold` counts consecutive failures, of which an unreachable provider's are two each.

    A provider that fails now and again opens at `failing_share` of the outcomes of the last
    `window_seconds`, once these are `least_outcomes`. An opening lasts `open_seconds`; from the
    `steady`-th in a row on each lasts twice the one before, up to `longest_seconds`, shortened
    by up to a fifth by chance.
    """

    threshold: int = 3
    failing_share: float = 0.5
    least_outcomes: int = 10
    window_seconds: float = 120.0
    open_seconds: float = 30.0
    steady: int = 3
    longest_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one request; hand it back with `succeed`, `fail` or `release`, once."""

    generation: int
    trial: bool = False


class Breaker:
    """Times are seconds of the given clock, `random` gives numbers in [0, 1)."""

    def __init__(
        self,
        clock: Callable[[], float],
        random: Callable[[], float],
        settings: BreakerSettings | None = None,
    ) -> None:
        self._clock = clock
        self._random = random
        self._settings = settings or BreakerSettings()
        self._generation = 0
        self._failures = 0
        self._openings = 0
        self._limits = 0
        self._reopens: float | None = None
        self._needs_trial = False
        self._trial_running = False
        self._cause = ""
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=2 * self._settings.least_outcomes)

    @property
    def state(self) -> BreakerState:
        """The state at this moment; time alone turns open into half-open."""
        if self._reopens is None:
            return BreakerState.CLOSED
        if self._clock() < self._reopens:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN if self._needs_trial else BreakerState.CLOSED

    @property
    def cause(self) -> str:
        """The kind of the error that opened it; empty while it is closed."""
        return "" if self.state is BreakerState.CLOSED else self._cause

    @property
    def reopens_in(self) -> float:
        """Seconds until a request may pass; 0 where one may already, infinite where never."""
        return 0.0 if self._reopens is None else max(0.0, self._reopens - self._clock())

    @property
    def admits(self) -> bool:
        """Whether `acquire` would give a permit now."""
        state = self.state
        if state is BreakerState.HALF_OPEN:
            return not self._trial_running
        return state is BreakerState.CLOSED

    def acquire(self, *, last_resort: bool = False) -> Permit | None:
        """Give leave for one request, or None.

        A last resort passes an open breaker where nothing else is left; it is not a trial. What
        was opened by hand stays so.
        """
        if not self.admits:
            passes = last_resort and self.cause != BY_HAND
            return Permit(self._generation) if passes else None
        self._trial_running = self.state is BreakerState.HALF_OPEN
        return Permit(self._generation, trial=self._trial_running)

    def bypass(self) -> Permit:
        """Give leave whatever the state; the outcome counts like any other."""
        return Permit(self._generation)

    def release(self, permit: Permit) -> None:
        """Take a permit back without a judgement: the caller left, or the error was neutral."""
        if permit.trial and permit.generation == self._generation:
            self._trial_running = False

    def succeed(self, permit: Permit) -> None:
        """Close, unless the permit is from before the last change: that is old news."""
        if permit.generation != self._generation:
            return
        if self._reopens is not None:
            self._change(None)
        self._failures = self._openings = self._limits = 0
        self._outcomes.append((self._clock(), True))

    def open_by_hand(self, seconds: float | None = None) -> None:
        """Let nobody pass for so long; None is until it is closed by hand."""
        self._open(BY_HAND, float("inf") if seconds is None else seconds, needs_trial=False)

    def close_by_hand(self) -> None:
        """Let everybody pass, and forget what was counted."""
        self._change(None)
        self._failures = self._openings = self._limits = 0

    def fail(self, permit: Permit, error: ProviderError) -> None:
        """Count a failure by its kind; old news neither opens nor prolongs anything."""
        self.release(permit)
        if permit.generation != self._generation or not blames(error):
            return
        if error.kind in _LONG:
            self._open(error.kind, LONG_OPEN_SECONDS)
        elif error.kind == "rate_limited":
            self._open_for_limit(error)
        else:
            self._count(error.kind)

    def _count(self, kind: str) -> None:
        self._failures += 2 if kind == "unreachable" else 1
        self._outcomes.append((self._clock(), False))
        proving = self._reopens is not None and self._needs_trial
        if proving or self._failures >= self._settings.threshold or self._fails_often:
            self._openings += 1
            doublings = max(0, self._openings - self._settings.steady)
            seconds = self._settings.open_seconds * 2.0**doublings
            self._open(kind, self._shortened(min(seconds, self._settings.longest_seconds)))

    @property
    def _fails_often(self) -> bool:
        since = self._clock() - self._settings.window_seconds
        recent = [good for at, good in self._outcomes if at >= since]
        failing = recent.count(False) >= self._settings.failing_share * len(recent)
        return failing and len(recent) >= self._settings.least_outcomes

    def _open_for_limit(self, error: ProviderError) -> None:
        if error.retry_after is not None:
            # The vendor named the moment, so no trial has to prove it.
            self._open(error.kind, error.retry_after, needs_trial=False)
            return
        shortest, longest = _RATE_LIMIT_SECONDS
        seconds = min(longest, shortest * 2.0**self._limits)
        self._limits += 1
        self._open(error.kind, self._shortened(seconds))

    def _shortened(self, seconds: float) -> float:
        return seconds * (1 - 0.2 * self._random())

    def _open(self, kind: str, seconds: float, *, needs_trial: bool = True) -> None:
        self._change(self._clock() + seconds)
        self._needs_trial = needs_trial
        self._cause = kind

    def _change(self, reopens: float | None) -> None:
        self._generation += 1
        self._trial_running = False
        self._reopens = reopens
        self._outcomes.clear()
