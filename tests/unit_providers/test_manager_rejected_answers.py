"""A whole answer that its reader cannot use: the next provider is asked, nobody is blamed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from providers.base import (
    AttemptStarted,
    Finished,
    LLMMessage,
    RequestScope,
    Restarted,
    StreamEvent,
    TextDelta,
)
from providers.errors import AllProvidersFailedError, AuthenticationError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

MESSAGES = [LLMMessage("user", "why?")]
SCOPE = RequestScope("team", "channel")


def chain(*names: str, **more: object) -> tuple[LLMProviderManager, list[FakeProvider]]:
    providers = [FakeProvider(name=name, script=[[f"of {name}"]], cost_usd=1.0) for name in names]
    return LLMProviderManager(providers=providers, **more), providers  # type: ignore[arg-type]


async def ask(
    manager: LLMProviderManager,
    rejected: Finished | None = None,
    scope: RequestScope | None = None,
) -> list[StreamEvent]:
    return [event async for event in manager.stream(MESSAGES, scope=scope, instead_of=rejected)]


async def outcomes_of_asking_again(manager: LLMProviderManager, rejected: Finished) -> list[str]:
    """Ask where nobody can answer."""
    with pytest.raises(AllProvidersFailedError) as raised:
        await ask(manager, rejected)
    return [one.outcome for one in raised.value.attempts]


def end_of(events: list[StreamEvent]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


async def test_the_next_one_is_asked_and_the_trail_tells_both() -> None:
    manager, (first, second) = chain("first", "second")
    async with manager:
        rejected = end_of(await ask(manager))
        events = await ask(manager, rejected)
        status = manager.get_provider_health_status()
    told, started = events[:2]
    assert isinstance(told, Restarted)
    assert (told.provider, told.reason) == ("first", "rejected")
    assert isinstance(started, AttemptStarted)
    assert (started.provider, started.number) == ("second", 2)
    finished = end_of(events)
    assert [(one.provider, one.outcome) for one in finished.attempts] == [
        ("first", "rejected"),
        ("second", "ok"),
    ]
    assert finished.attempts[0].phrase == "gave an answer that did not pass the check"
    assert finished.attempts[1].reason == "next"
    assert finished.cost_usd == 2.0
    assert (len(first.calls), len(second.calls)) == (1, 1)
    assert (status["first"]["state"], status["first"]["breaker"]) == ("healthy", "closed")
    assert status["first"]["errors"] == {}


async def test_where_nobody_else_is_there_nobody_is_asked() -> None:
    manager, (only,) = chain("only")
    async with manager:
        rejected = end_of(await ask(manager))
        outcomes = await outcomes_of_asking_again(manager, rejected)
    assert outcomes == ["rejected"]
    assert len(only.calls) == 1


async def test_its_time_counts_towards_the_deadline() -> None:
    manager, (_, second) = chain("first", "second", deadline=90)
    async with manager:
        rejected = replace(end_of(await ask(manager)), latency_seconds=89.9)
        outcomes = await outcomes_of_asking_again(manager, rejected)
    assert outcomes == ["rejected", "deadline"]
    assert second.calls == []


async def test_an_open_breaker_is_not_forced_for_a_second_opinion() -> None:
    manager, (_, second) = chain("first", "second")
    async with manager:
        rejected = end_of(await ask(manager))
        manager.open_breaker("second")
        outcomes = await outcomes_of_asking_again(manager, rejected)
    assert outcomes == ["rejected", "breaker_open"]
    assert second.calls == []


async def test_a_failure_after_it_is_told_beside_it() -> None:
    manager, (_, second) = chain("first", "second")
    second.script = [[AuthenticationError()]]
    async with manager:
        rejected = end_of(await ask(manager))
        outcomes = await outcomes_of_asking_again(manager, rejected)
    assert outcomes == ["rejected", "authentication"]


async def test_a_second_answer_takes_the_place_of_the_rejected_one_in_the_cache() -> None:
    manager, (first, second) = chain("first", "second", cache_seconds=60)
    async with manager:
        rejected = end_of(await ask(manager, scope=SCOPE))
        await ask(manager, rejected, SCOPE)
        kept = await ask(manager, scope=SCOPE)
    assert [event.text for event in kept if isinstance(event, TextDelta)] == ["of second"]
    assert (len(first.calls), len(second.calls)) == (1, 1)


async def test_a_kept_answer_can_be_rejected_too() -> None:
    manager, (first, second) = chain("first", "second", cache_seconds=60)
    async with manager:
        await ask(manager, scope=SCOPE)
        kept = end_of(await ask(manager, scope=SCOPE))
        assert kept.cache_age is not None
        finished = end_of(await ask(manager, kept, SCOPE))
    assert [(one.outcome, one.skipped) for one in finished.attempts] == [
        ("rejected", True),
        ("ok", False),
    ]
    assert (len(first.calls), len(second.calls)) == (1, 1)
