"""Answers that are kept for a while, and calls that several share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import (
    Finished,
    LLMMessage,
    RequestScope,
    StopReason,
    StreamEvent,
    TextDelta,
    Usage,
)
from providers.errors import OverloadedError
from providers.policies.cache import AnswerCache, key_of, replay
from providers.policies.flight import Flights

MESSAGES = [LLMMessage("system", "be brief"), LLMMessage("user", "why?")]
SCOPE = RequestScope("T1", "C1", "U1", "internal")
END = Finished("a", "m", "m", StopReason.STOP, "stop", Usage(9, 3), 2.0, 0.5, cost_usd=1.0)


class Clock:
    now = 10.0

    def __call__(self) -> float:
        return self.now


def key(**changed: Any) -> str:
    usual: dict[str, Any] = {
        "messages": MESSAGES,
        "scope": SCOPE,
        "parameters": "a=m",
        "version": "1",
    }
    return key_of(**{**usual, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"messages": MESSAGES[1:]},
        {"messages": [LLMMessage("user", "be brief"), LLMMessage("user", "why?")]},
        {"messages": [LLMMessage("system", "be briefwhy"), LLMMessage("user", "?")]},
        {"scope": replace(SCOPE, tenant="T2")},
        {"scope": replace(SCOPE, channel="C2")},
        {"scope": replace(SCOPE, data_class="restricted")},
        {"parameters": "a=other"},
        {"version": "2"},
    ],
)
def test_whatever_matters_makes_another_key(changed: dict[str, Any]) -> None:
    assert key(**changed) != key()


def test_who_asks_does_not_matter() -> None:
    assert key(scope=replace(SCOPE, user="U2")) == key()


@given(one=st.lists(st.text(), max_size=4), two=st.lists(st.text(), max_size=4))
def test_no_two_requests_share_a_key(one: list[str], two: list[str]) -> None:
    keys = [key(messages=[LLMMessage("user", text) for text in texts]) for texts in (one, two)]
    assert (keys[0] == keys[1]) is (one == two)


def test_an_answer_is_kept_for_its_time() -> None:
    clock = Clock()
    cache = AnswerCache(60, clock)
    cache.keep("k", "text", END)
    clock.now += 59
    assert cache.get("k") is not None
    clock.now += 1
    assert cache.get("k") is None
    assert cache.get("other") is None


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ("half", StopReason.LENGTH),
        ("I cannot", StopReason.CONTENT_FILTER),
        (" \n", StopReason.STOP),
    ],
)
def test_nothing_cut_refused_or_empty_is_kept(text: str, stop: StopReason) -> None:
    cache = AnswerCache(60, Clock())
    cache.keep("k", text, replace(END, stop_reason=stop))
    assert cache.get("k") is None


def test_the_least_used_goes_when_there_are_too_many() -> None:
    cache = AnswerCache(60, Clock(), most=2)
    for name in "ab":
        cache.keep(name, "text", END)
    cache.get("a")
    cache.keep("c", "text", END)
    assert [name for name in "abc" if cache.get(name)] == ["a", "c"]


def test_a_kept_answer_is_streamed_marked_and_free() -> None:
    clock = Clock()
    cache = AnswerCache(60, clock)
    cache.keep("k", "one\ntwo", END)
    clock.now += 40
    kept = cache.get("k")
    assert kept is not None
    _, *deltas, finished = replay(kept, clock)
    assert deltas == [TextDelta("one\n"), TextDelta("two")]
    assert isinstance(finished, Finished)
    assert (finished.cache_age, finished.cost_usd, finished.usage) == (40, 0.0, Usage(0, 0))
    assert [attempt.outcome for attempt in finished.attempts] == ["cached"]


class Source:
    """A call of three pieces, a second apart; counts how often it was begun and closed."""

    def __init__(self, *, fails: bool = False) -> None:
        self.begun = 0
        self.closed = 0
        self._fails = fails

    async def __call__(self) -> AsyncIterator[StreamEvent]:
        self.begun += 1
        try:
            for piece in ("one", "two", "three"):
                yield TextDelta(piece)
                await asyncio.sleep(1)
            if self._fails:
                raise OverloadedError
        finally:
            self.closed += 1


async def read(flights: Flights, source: Source, pause: float = 0.0) -> list[str]:
    seen = []
    async with aclosing(cast("Any", flights.join("k", source))) as events:
        async for event in events:
            seen.append(event.text)
            await asyncio.sleep(pause)
    return seen


def test_readers_of_every_pace_see_the_same(in_virtual_time: Callable[..., None]) -> None:
    async def fly() -> None:
        flights, source = Flights(), Source()
        first = asyncio.create_task(read(flights, source))
        await asyncio.sleep(1.5)
        others = await asyncio.gather(read(flights, source), read(flights, source, pause=9))
        assert [await first, *others] == [["one", "two", "three"]] * 3
        assert (source.begun, source.closed) == (1, 1)
        assert await read(flights, source) == ["one", "two", "three"]
        assert source.begun == 2

    in_virtual_time(fly())


def test_what_fails_fails_for_all(in_virtual_time: Callable[..., None]) -> None:
    async def fly() -> None:
        flights, source = Flights(), Source(fails=True)
        ended = await asyncio.gather(
            *(read(flights, source) for _ in range(3)), return_exceptions=True
        )
        assert [type(error) for error in ended] == [OverloadedError] * 3
        assert source.begun == 1

    in_virtual_time(fly())


def test_who_leaves_does_not_end_the_call_of_the_others(
    in_virtual_time: Callable[..., None],
) -> None:
    async def fly() -> None:
        flights, source = Flights(), Source()
        leaving = asyncio.create_task(read(flights, source))
        staying = asyncio.create_task(read(flights, source))
        await asyncio.sleep(0.5)
        leaving.cancel()
        assert await staying == ["one", "two", "three"]
        assert leaving.cancelled()

    in_virtual_time(fly())


@pytest.mark.parametrize("fails", [False, True])
def test_the_last_who_leaves_ends_the_call(
    in_virtual_time: Callable[..., None], fails: bool
) -> None:
    async def fly() -> None:
        flights, source = Flights(), Source(fails=fails)
        reading = [asyncio.create_task(read(flights, source)) for _ in range(2)]
        await asyncio.sleep(0.5)
        for reader in reading:
            reader.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        assert (source.begun, source.closed) == (1, 1)
        assert len(asyncio.all_tasks()) == 2

    in_virtual_time(fly())
