"""One deadline over the chain, and silence of every sort, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

import pytest

from providers.base import AttemptStarted, LLMMessage, LLMResponse, StreamEvent, TextDelta
from providers.errors import AllProvidersFailedError, OverloadedError, RateLimitedError
from providers.fake import FakeProvider, Silence
from providers.manager import LLMProviderManager

MESSAGES = [LLMMessage("user", "why?")]
KEEP_ALIVE = AttemptStarted("inner", "model")
SILENT = [Silence()]
KEEP_ALIVES_ONLY = [Silence(5), KEEP_ALIVE] * 40
STALLS_AFTER_WORDS = ["twenty words ", *KEEP_ALIVES_ONLY]
TRICKLE = ["word ", Silence(2)] * 60
ANSWER = ["the answer"]

Outcome = tuple[list[str], float, LLMResponse | None]


async def ask(turns: Sequence[Sequence[Any]], **more: Any) -> Outcome:
    """Return the attempts' outcomes, how long it all took, and the answer if there was one."""
    loop = asyncio.get_running_loop()
    providers = [FakeProvider(name=f"p{n}", script=[turn]) for n, turn in enumerate(turns)]
    chain = LLMProviderManager(providers=providers, clock=loop.time, **more)
    try:
        response = await chain.generate(MESSAGES)
        attempts, answer = response.attempts, response
    except AllProvidersFailedError as error:
        attempts, answer = error.attempts, None
    assert all(provider.open_streams == 0 for provider in providers)
    return [attempt.outcome for attempt in attempts], loop.time(), answer


@pytest.mark.parametrize(
    ("turns", "outcomes", "seconds"),
    [
        ([SILENT, ANSWER], ["first_content_timeout", "ok"], 12),
        ([KEEP_ALIVES_ONLY, ANSWER], ["first_content_timeout", "ok"], 12),
        ([STALLS_AFTER_WORDS, ANSWER], ["content_gap_timeout", "ok"], 15),
        ([["words", Silence()], ANSWER], ["content_gap_timeout", "ok"], 15),
        ([[Silence(11), "late"], ANSWER], ["ok"], 11),
        ([TRICKLE, ANSWER], ["deadline", "ok"], 78),
        ([TRICKLE], ["deadline"], 90),
        ([SILENT, SILENT, SILENT], ["first_content_timeout"] * 3, 36),
        ([TRICKLE, TRICKLE, ANSWER], ["deadline", "deadline", "ok"], 78),
    ],
)
def test_faults_that_are_silent(
    in_virtual_time: Callable[..., Outcome],
    turns: list[Sequence[Any]],
    outcomes: list[str],
    seconds: float,
) -> None:
    seen, took, answer = in_virtual_time(ask(turns))
    assert seen == outcomes
    assert took == pytest.approx(seconds)
    assert (answer is not None) is (outcomes[-1] == "ok")


@pytest.mark.parametrize("deadline", [1, 5, 10, 20, 90])
def test_whatever_the_deadline_the_last_of_four_is_reached(
    in_virtual_time: Callable[..., Outcome], deadline: float
) -> None:
    seen, took, answer = in_virtual_time(ask([SILENT, TRICKLE, SILENT, ANSWER], deadline=deadline))
    assert answer is not None
    assert len(seen) == 4
    assert took < deadline


def test_the_deadline_ends_text_that_flows_from_the_last(
    in_virtual_time: Callable[..., Outcome],
) -> None:
    seen, took, answer = in_virtual_time(ask([TRICKLE], deadline=7))
    assert (seen, answer) == (["deadline"], None)
    assert took == pytest.approx(7)


def test_a_wait_that_would_eat_the_nexts_share_is_not_waited(
    in_virtual_time: Callable[..., Outcome],
) -> None:
    limited = [RateLimitedError(retry_after=2)]
    seen, took, _ = in_virtual_time(ask([limited, ANSWER], deadline=2))
    assert seen == ["rate_limited", "ok"]
    assert took == pytest.approx(0)


def test_who_comes_after_the_deadline_is_skipped_and_said_so(
    in_virtual_time: Callable[..., list[tuple[str, bool]]],
) -> None:
    """A reader who lingers over a word can use up the time of those who follow."""

    async def linger() -> list[tuple[str, bool]]:
        loop = asyncio.get_running_loop()
        first = FakeProvider(name="a", script=[["word", OverloadedError()]])
        chain = LLMProviderManager(
            providers=[first, FakeProvider(name="b")], clock=loop.time, hold_back=0
        )
        async with aclosing(cast("Any", chain.stream(MESSAGES))) as events:
            assert isinstance(await anext(events), AttemptStarted)
            assert await anext(events) == TextDelta("word")
            await asyncio.sleep(95)
            with pytest.raises(AllProvidersFailedError) as caught:
                await anext(events)
        return [(attempt.outcome, attempt.skipped) for attempt in caught.value.attempts]

    assert in_virtual_time(linger()) == [("deadline", False), ("deadline", True)]


def test_a_connection_gets_no_more_time_than_the_attempt(
    in_virtual_time: Callable[..., list[float | None]],
) -> None:
    async def connect() -> list[float | None]:
        provider = FakeProvider()
        clock = asyncio.get_running_loop().time
        await LLMProviderManager(providers=[provider], deadline=2, clock=clock).generate(MESSAGES)
        return provider.connect_timeouts

    assert in_virtual_time(connect()) == [2]


def test_a_silent_provider_is_given_up_for_a_while(
    in_virtual_time: Callable[..., tuple[int, float]],
) -> None:
    """After three silences nobody waits for it again, until its trial."""

    async def twenty_questions() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        silent, backup = FakeProvider(name="a", script=[SILENT]), FakeProvider(name="b")
        chain = LLMProviderManager(providers=[silent, backup], clock=loop.time)
        for _ in range(20):
            await chain.generate(MESSAGES)
        return len(silent.calls), loop.time()

    calls, took = in_virtual_time(twenty_questions())
    assert calls == 3
    assert took == pytest.approx(36)


def test_back_on_the_primary_within_half_a_minute_of_a_minutes_outage(
    in_virtual_time: Callable[..., tuple[int, float]],
) -> None:
    async def outage() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        primary = FakeProvider(name="a", script=[[OverloadedError()]])
        chain = LLMProviderManager(providers=[primary, FakeProvider(name="b")], clock=loop.time)
        while True:
            if loop.time() >= 60:
                primary.script = [["the answer"]]
            response = await chain.generate(MESSAGES)
            if response.provider == "a":
                return len(primary.calls), loop.time()
            await asyncio.sleep(1)

    calls, recovered = in_virtual_time(outage())
    assert recovered <= 90
    assert calls <= 7


def test_all_who_meet_a_short_limit_wait_and_are_answered(
    in_virtual_time: Callable[..., set[str]],
) -> None:
    """Where there is nobody else to ask, the vendor's two seconds cost no one the answer."""

    class LimitedAtFirst(FakeProvider):
        async def stream(self, *arguments: Any, **more: Any) -> AsyncIterator[StreamEvent]:
            await asyncio.sleep(0.1)
            if asyncio.get_running_loop().time() < 2:
                raise RateLimitedError(retry_after=2)
            async for event in super().stream(*arguments, **more):
                yield event

    async def ten_questions() -> set[str]:
        loop = asyncio.get_running_loop()
        chain = LLMProviderManager(providers=[LimitedAtFirst(script=[ANSWER])], clock=loop.time)
        answers = await asyncio.gather(*(chain.generate(MESSAGES) for _ in range(10)))
        return {answer.content for answer in answers}

    assert in_virtual_time(ten_questions()) == {"the answer"}
