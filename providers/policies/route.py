"""One provider's place in a chain: its name there, its breaker, its limits, its health."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from providers.base import Attempt, BaseLLMProvider, LLMMessage, ProviderHealth
from providers.errors import ConfigurationError, ProviderError
from providers.policies.breaker import BY_HAND, Breaker, BreakerState, Permit, blames
from providers.policies.clocks import Pace
from providers.policies.correlation import Domain, domain_of
from providers.policies.health import Evidence, HealthRecord, ProviderStatus
from providers.policies.limits import Limiter
from providers.policies.observer import Observer
from providers.policies.windows import window_of

logger = logging.getLogger(__name__)

StateChange = Callable[[str, str, str], None]
"""Told the provider's name, its old and its new state when it goes down or comes back."""

PROBE_SECONDS = 10.0
COLD_AFTER_SECONDS = 300.0
"""Ollama unloads a model after five idle minutes unless told otherwise (its `keep_alive`)."""

_WORDS: dict[Evidence | None, str] = {
    "success": "healthy",
    "probe ok": "healthy",
    "failure": "degraded",
    "probe failed": "down",
    None: "unknown",
}


@dataclass(frozen=True, slots=True)
class Watchers:
    """Who is told what a route goes through; both are called by the loop, and must not block."""

    state_changed: StateChange
    observer: Observer


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to send one request, these messages of about so many tokens; told once how it ended.

    `window` is what they were packed for.
    """

    permit: Permit
    messages: Sequence[LLMMessage]
    window: int | None = None
    waited: float = 0.0
    tokens: int = 0
    slot: bool = True
    """Whether it holds one of the provider's places."""


class Route:
    """A provider as the chain sees it. `configured` is False once it is known to lack a setting."""

    def __init__(
        self,
        name: str,
        provider: BaseLLMProvider,
        *,
        breaker: Breaker,
        health: HealthRecord,
        watchers: Watchers,
        limiter: Limiter,
        wall_clock: Callable[[], float],
        configured: bool = True,
    ) -> None:
        self.name = name
        self.provider = provider
        self.breaker = breaker
        self.health = health
        self.limiter = limiter
        self.configured = configured
        self._watchers = watchers
        self._wall_clock = wall_clock
        self._initialized = False
        self._initializing = asyncio.Lock()
        self._announced = self.state
        self._breaker_was = breaker.state

    @property
    def usable(self) -> bool:
        """Whether a request could be sent now."""
        return self.configured and self.breaker.admits and self.limiter.wait(0) <= 0

    @property
    def domain(self) -> Domain:
        """What it goes down with."""
        return domain_of(self.provider)

    @property
    def window(self) -> int | None:
        """How many tokens of a prompt its model takes, where that is known."""
        return self.provider.prompt_tokens or window_of(self.provider.model)

    @property
    def pace(self) -> Pace:
        """How fast it was seen to begin, and whether it may have to load its model first."""
        health = self.health
        return Pace(health.first_token_p95, health.samples, self._cold)

    @property
    def _cold(self) -> bool:
        if not self.provider.loads_on_demand:
            return False
        last = self.health.last_success
        return last is None or self._wall_clock() - last >= COLD_AFTER_SECONDS

    async def initialize(self) -> None:
        """Open the provider, once. Raises ConfigurationError, and tries again the next time."""
        async with self._initializing:
            if self._initialized:
                return
            try:
                await self.provider.initialize()
            except ConfigurationError:
                self.configured = False
                raise
            self.configured = self._initialized = True

    def acquire(self, *, last_resort: bool = False) -> Permit | None:
        """Ask the breaker for leave."""
        permit = self.breaker.acquire(last_resort=last_resort)
        self._tell_breaker()
        return permit

    def begun(self) -> None:
        """Record that a request is being sent."""
        self.health.started()

    def succeeded(self, granted: Pass, attempt: Attempt) -> None:
        """Record an answer."""
        self.breaker.succeed(granted.permit)
        self.health.succeeded(attempt)
        self._ended(granted, attempt)

    def failed(self, granted: Pass, attempt: Attempt, error: ProviderError) -> None:
        """Record a failure."""
        self.breaker.fail(granted.permit, error)
        self.health.failed(attempt, blamed=blames(error))
        self._ended(granted, attempt)

    def abandoned(self, granted: Pass, attempt: Attempt) -> None:
        """Record that nobody waits for the answer any more: no verdict."""
        self.breaker.release(granted.permit)
        self.health.abandoned(attempt)
        self._ended(granted, attempt)

    def open_by_hand(self, seconds: float | None) -> None:
        """Take the provider out, for so long or until it is put back."""
        self.breaker.open_by_hand(seconds)
        self._announce()

    def close_by_hand(self) -> None:
        """Put the provider back."""
        self.breaker.close_by_hand()
        self._announce()

    async def probe(self) -> ProviderHealth:
        """Check the provider without spending tokens, and record what was seen."""
        health = await self._probe()
        self.health.probed(health)
        self._announce()
        return health

    def idle_for(self, seconds: float) -> bool:
        """Say whether no request was sent for so long."""
        last = self.health.last_asked
        return not self.health.in_flight and (last is None or self._wall_clock() - last >= seconds)

    @property
    def state(self) -> str:
        """One word for a reader; an open breaker outweighs a probe, which proves little.

        A limit of our rate is no outage, nor is what a person took out. An outage whose time is
        over is "degraded" once a probe succeeds, until a real answer proves it over.
        """
        if not self.configured:
            return "not configured"
        breaker = self.breaker.state
        if breaker is BreakerState.CLOSED:
            return _WORDS[self.health.latest]
        if self.breaker.cause in ("rate_limited", BY_HAND):
            return "degraded"
        answers = breaker is BreakerState.HALF_OPEN and self.health.latest == "probe ok"
        return "degraded" if answers else "down"

    def status(self) -> ProviderStatus:
        """Return all that is known, as plain values."""
        health = self.health
        reopens = self.breaker.reopens_in
        tokens, cost = health.spent_today
        wasted_tokens, wasted_cost = health.wasted_today
        return ProviderStatus(
            state=self.state,
            breaker=self.breaker.state.value,
            breaker_cause=self.breaker.cause,
            reopens_in_seconds=None if math.isinf(reopens) else reopens,
            model=self.provider.model,
            local=self.provider.local,
            last_success=health.last_success,
            last_failure=health.last_failure,
            last_error=health.last_error,
            last_proved=health.last_proved,
            requests=health.requests,
            in_flight=health.in_flight,
            successes=health.successes,
            errors=dict(health.errors),
            latency_median_seconds=health.latency_median,
            latency_p95_seconds=health.latency_p95,
            time_to_first_token_seconds=health.time_to_first_token,
            tokens_today=tokens,
            cost_today_usd=cost,
            wasted_tokens_today=wasted_tokens,
            wasted_cost_today_usd=wasted_cost,
            last_probe=health.last_probe,
        )

    async def _probe(self) -> ProviderHealth:
        try:
            await self.initialize()
        except ConfigurationError as error:
            return ProviderHealth(ok=False, checked="settings", detail=error.detail)
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await self.provider.health_check()
        except TimeoutError:
            detail = f"no answer within {PROBE_SECONDS:.0f} s"
            return ProviderHealth(ok=False, checked="health check", detail=detail)
        except Exception as error:  # noqa: BLE001 - one adapter's fault must not hide the others
            logger.warning("the health check of %s ended in %s", self.name, type(error).__name__)
            return ProviderHealth(ok=False, checked="health check", detail="failed by itself")

    def _ended(self, granted: Pass, attempt: Attempt) -> None:
        self.health.ended()
        if (counted := attempt.usage.total_tokens) is not None:
            self.limiter.correct(granted.tokens, counted)
        if granted.slot:
            self.limiter.leave()
        self._announce()

    def _announce(self) -> None:
        self._tell_breaker()
        old, new = self._announced, self.state
        self._announced = new
        if old == new or "down" not in (old, new):
            return
        level = logging.WARNING if new == "down" else logging.INFO
        logger.log(level, "provider %s went from %s to %s", self.name, old, new)
        # Called by the loop, so that nothing it does can break into a stream.
        asyncio.get_running_loop().call_soon(self._watchers.state_changed, self.name, old, new)

    def _tell_breaker(self) -> None:
        old, new = self._breaker_was, self.breaker.state
        self._breaker_was = new
        if old is not new:
            asyncio.get_running_loop().call_soon(
                self._watchers.observer.breaker_changed,
                self.name,
                self.provider.model,
                old.value,
                new.value,
            )
