"""The state of everything an answer depends on, and how it is gathered: without any I/O."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. Times are seconds, ages seconds ago; None is "never" or "not known".

    `state` is "healthy", "degraded", "down", "unknown" or "not configured"; `errors` counts the
    kinds of failures seen; tokens and cost are those of today (UTC), the wasted ones included.
    `breaker_cause` says what opened the breaker, `reopens_in` when it lets somebody pass: None
    where only a person closes it. `notice` is what the last probe had to say.
    """

    name: str
    model: str
    state: str
    breaker: str
    last_success_age: float | None = None
    latency_median: float | None = None
    latency_p95: float | None = None
    time_to_first_token: float | None = None
    errors: Mapping[str, int] = field(default_factory=dict)
    tokens_today: int = 0
    cost_today_usd: float | None = None
    wasted_tokens_today: int = 0
    wasted_cost_today_usd: float | None = None
    breaker_cause: str = ""
    reopens_in: float | None = 0.0
    last_proved: float | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What `/rca-health` shows. `slack` is a sentence, `as_of` seconds since 1970."""

    providers: tuple[ProviderRow, ...]
    slack: str
    slack_ok: bool
    runs_in_flight: int
    as_of: float
    notes: tuple[str, ...] = ()

    @property
    def states(self) -> dict[str, str]:
        """Each provider's state by name: what a summary compares with the last one."""
        return {row.name: row.state for row in self.providers}


def gather(
    providers: Mapping[str, Mapping[str, Any]],
    *,
    slack: tuple[bool, str],
    runs_in_flight: int,
    notes: tuple[str, ...] = (),
    clock: Callable[[], float] = time.time,
) -> HealthReport:
    """Put a report together from the manager's status and what the application knows."""
    now = clock()
    return HealthReport(
        providers=tuple(_row(name, status, now) for name, status in providers.items()),
        slack=slack[1],
        slack_ok=slack[0],
        runs_in_flight=runs_in_flight,
        as_of=now,
        notes=notes,
    )


def _row(name: str, status: Mapping[str, Any], now: float) -> ProviderRow:
    last = status.get("last_success")
    return ProviderRow(
        name=name,
        model=status.get("model") or "",
        state=status["state"],
        breaker=status["breaker"],
        last_success_age=None if last is None else max(0.0, now - last),
        latency_median=status.get("latency_median_seconds"),
        latency_p95=status.get("latency_p95_seconds"),
        time_to_first_token=status.get("time_to_first_token_seconds"),
        errors=status.get("errors") or {},
        tokens_today=status.get("tokens_today") or 0,
        cost_today_usd=status.get("cost_today_usd"),
        wasted_tokens_today=status.get("wasted_tokens_today") or 0,
        wasted_cost_today_usd=status.get("wasted_cost_today_usd"),
        breaker_cause=status.get("breaker_cause") or "",
        reopens_in=status.get("reopens_in_seconds", 0.0),
        last_proved=status.get("last_proved"),
        notice=(status.get("last_probe") or {}).get("detail", ""),
    )
