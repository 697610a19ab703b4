"""Whatever the providers do, a call stays within its bounds and ends exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    LLMMessage,
    Restarted,
    StreamEvent,
    TextDelta,
    Thinking,
)
from providers.errors import (
    AuthenticationError,
    ConnectionLostError,
    ContentPolicyError,
    ContextOverflowError,
    InvalidRequestError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    ServerError,
    StreamInterruptedError,
    UnreachableError,
)
from providers.fake import FakeProvider, Silence
from providers.manager import LLMProviderManager
from providers.policies.hedging import Hedging
from providers.policies.limits import RateLimits

DEADLINE = 60.0

steps = st.sampled_from(["text ", "", Thinking(3), Silence(1), Silence(8), Silence()])
errors = st.one_of(
    st.sampled_from(
        [
            AuthenticationError,
            ConnectionLostError,
            ContentPolicyError,
            ContextOverflowError,
            InvalidRequestError,
            OverloadedError,
            ServerError,
            StreamInterruptedError,
            UnreachableError,
        ]
    ).map(lambda kind: kind()),
    st.sampled_from([None, 0.0, 2.0, 5.0, 40.0, 3600.0]).map(
        lambda seconds: RateLimitedError(retry_after=seconds)
    ),
)
turns = st.tuples(st.lists(steps, max_size=4), st.one_of(st.none(), errors)).map(
    lambda parts: [*parts[0], *([parts[1]] if parts[1] else [])]
)
scripts = st.lists(st.lists(turns, min_size=1, max_size=4), min_size=1, max_size=4)


class Watched(FakeProvider):
    """Counts how many of its requests ran at the same time while its breaker was half-open."""

    trials = 0
    is_half_open: Callable[[], bool]

    async def stream(self, *arguments: Any, **more: Any) -> Any:
        trial = self.is_half_open()
        self.trials += trial
        assert self.trials <= 1
        try:
            async with aclosing(cast("Any", super().stream(*arguments, **more))) as events:
                async for event in events:
                    yield event
        finally:
            self.trials -= trial


async def one_call(chain: LLMProviderManager) -> tuple[list[StreamEvent], tuple[Attempt, ...]]:
    seen: list[StreamEvent] = []
    stream = cast("Any", chain.stream([LLMMessage("user", "?")]))
    try:
        async with aclosing(stream) as events:
            async for event in events:
                seen.append(event)  # noqa: PERF401 - what came before an error is kept
    except ProviderError as error:
        return seen, error.attempts
    ended = seen[-1]
    assert isinstance(ended, Finished)
    return seen, ended.attempts


def check(seen: list[StreamEvent], attempts: tuple[Attempt, ...], providers: int) -> None:
    finished = [event for event in seen if isinstance(event, Finished)]
    sent = [attempt for attempt in attempts if not attempt.skipped]
    assert len(finished) == [attempt.outcome for attempt in attempts].count("ok") <= 1
    assert all(event is seen[-1] for event in finished)
    assert sum(isinstance(event, AttemptStarted) for event in seen) == len(sent)
    assert len(sent) <= 3 * providers
    if finished:
        assert attempts[-1].outcome == "ok"
        assert finished[0].cost_usd == sum(attempt.cost_usd or 0 for attempt in attempts)
        assert shown(seen).strip()


def shown(seen: list[StreamEvent]) -> str:
    text = ""
    for event in seen:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, Restarted):
            assert event.discarded_characters == len(text)
            text = ""
    return text


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    script=scripts,
    pauses=st.lists(st.sampled_from([0, 10, 40, 1000]), max_size=3),
    chain_settings=st.fixed_dictionaries(
        {
            "hold_back": st.sampled_from([0.0, 0.75, 5.0]),
            "strategy": st.sampled_from(["priority", "round_robin", "least_latency", "least_cost"]),
            "hedging": st.sampled_from([None, Hedging(share=0.5, least_samples=1)]),
            "min_throughput": st.sampled_from([0.0, 5.0]),
            "limits": st.sampled_from(
                [{}, {"fake": RateLimits(concurrent=1, requests_per_minute=2)}]
            ),
        }
    ),
)
def test_calls_one_after_the_other(
    in_virtual_time: Callable[..., None],
    script: list[Any],
    pauses: list[float],
    chain_settings: dict[str, Any],
) -> None:
    async def calls() -> None:
        loop = asyncio.get_running_loop()
        providers = [FakeProvider(script=turns, cost_usd=0.25) for turns in script]
        chain = LLMProviderManager(
            providers=providers, deadline=DEADLINE, clock=loop.time, **chain_settings
        )
        for pause in [*pauses, 0]:
            began = loop.time()
            seen, attempts = await one_call(chain)
            assert loop.time() - began <= DEADLINE + 0.001
            check(seen, attempts, len(providers))
            assert sum(provider.open_streams for provider in providers) == 0
            status = chain.get_provider_health_status().values()
            assert sum(row["in_flight"] for row in status) == 0
            await asyncio.sleep(pause)

    in_virtual_time(calls())


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=scripts)
def test_calls_at_once(in_virtual_time: Callable[..., None], script: list[Any]) -> None:
    """With somebody else to ask, no breaker ever has two trials."""

    async def calls() -> None:
        loop = asyncio.get_running_loop()
        watched = [
            Watched(name=f"p{n}", script=turns, cost_usd=0.25) for n, turns in enumerate(script)
        ]
        backup = FakeProvider(name="backup", cost_usd=0.0)
        chain = LLMProviderManager(providers=[*watched, backup], clock=loop.time)

        def half_open(name: str) -> Callable[[], bool]:
            return lambda: chain.get_provider_health_status()[name]["breaker"] == "half-open"

        for provider in watched:
            provider.is_half_open = half_open(provider.name)

        async def later(seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen, attempts = await one_call(chain)
            check(seen, attempts, len(script) + 1)

        await asyncio.gather(*(later(3.0 * number) for number in range(15)))

    in_virtual_time(calls())
