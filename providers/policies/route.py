"""One provider's place in a chain: its name there, its breaker, its health, its first use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from providers.base import Attempt, BaseLLMProvider, ProviderHealth
from providers.errors import ConfigurationError, ProviderError
from providers.policies.breaker import Breaker, BreakerState, Permit, blames
from providers.policies.health import Evidence, HealthRecord, ProviderStatus

logger = logging.getLogger(__name__)

StateChange = Callable[[str, str, str], None]
"""Told the provider's name, its old and its new state when it goes down or comes back."""

PROBE_SECONDS = 10.0

_WORDS: dict[Evidence | None, str] = {
    "success": "healthy",
    "probe ok": "healthy",
    "failure": "degraded",
    "probe failed": "down",
    None: "unknown",
}


class Route:
    """A provider as the chain sees it. `configured` is False once it is known to lack a setting."""

    def __init__(
        self,
        name: str,
        provider: BaseLLMProvider,
        *,
        breaker: Breaker,
        health: HealthRecord,
        on_state_change: StateChange,
        configured: bool = True,
    ) -> None:
        self.name = name
        self.provider = provider
        self.breaker = breaker
        self.health = health
        self.configured = configured
        self._on_state_change = on_state_change
        self._initialized = False
        self._initializing = asyncio.Lock()
        self._announced = self.state

    @property
    def usable(self) -> bool:
        """Whether a request could be sent now."""
        return self.configured and self.breaker.admits

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

    def succeeded(self, permit: Permit, attempt: Attempt) -> None:
        """Record an answer."""
        self.breaker.succeed(permit)
        self.health.succeeded(attempt)
        self._announce()

    def failed(self, permit: Permit, attempt: Attempt, error: ProviderError) -> None:
        """Record a failure."""
        self.breaker.fail(permit, error)
        self.health.failed(attempt, blamed=blames(error))
        self._announce()

    async def probe(self) -> ProviderHealth:
        """Check the provider without spending tokens, and record what was seen."""
        health = await self._probe()
        self.health.probed(health)
        self._announce()
        return health

    @property
    def state(self) -> str:
        """One word for a reader; an open breaker outweighs a probe, which proves little.

        A limit of our rate is no outage. An outage whose time is over is "degraded" once a probe
        succeeds, until a real answer proves it over.
        """
        if not self.configured:
            return "not configured"
        breaker = self.breaker.state
        if breaker is BreakerState.CLOSED:
            return _WORDS[self.health.latest]
        if self.breaker.cause == "rate_limited":
            return "degraded"
        answers = breaker is BreakerState.HALF_OPEN and self.health.latest == "probe ok"
        return "degraded" if answers else "down"

    def status(self) -> ProviderStatus:
        """Return all that is known, as plain values."""
        health = self.health
        return ProviderStatus(
            state=self.state,
            breaker=self.breaker.state.value,
            reopens_in_seconds=self.breaker.reopens_in,
            model=self.provider.model,
            local=self.provider.local,
            last_success=health.last_success,
            last_failure=health.last_failure,
            last_error=health.last_error,
            requests=health.requests,
            successes=health.successes,
            errors=dict(health.errors),
            latency_median_seconds=health.latency_median,
            latency_p95_seconds=health.latency_p95,
            time_to_first_token_seconds=health.time_to_first_token,
            tokens_today=health.tokens_today,
            cost_today_usd=health.cost_today,
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

    def _announce(self) -> None:
        old, new = self._announced, self.state
        self._announced = new
        if old == new or "down" not in (old, new):
            return
        level = logging.WARNING if new == "down" else logging.INFO
        logger.log(level, "provider %s went from %s to %s", self.name, old, new)
        # Called by the loop, so that nothing it does can break into a stream.
        asyncio.get_running_loop().call_soon(self._on_state_change, self.name, old, new)
