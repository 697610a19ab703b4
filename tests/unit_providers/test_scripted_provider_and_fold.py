"""The scripted provider plays what it is told, and a stream folds into an answer."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any, cast

import pytest

from providers.base import (
    Finished,
    LLMMessage,
    Restarted,
    StopReason,
    TextDelta,
    Thinking,
    Usage,
    fold,
)
from providers.errors import (
    AllProvidersFailedError,
    OverloadedError,
    ProviderError,
    StreamInterruptedError,
)
from providers.fake import FakeProvider, Silence

PROMPT = [LLMMessage("user", "What broke?")]


async def test_turns_are_played_in_order_and_the_last_repeats() -> None:
    fake = FakeProvider(name="alpha", script=[["Hello ", "world"], ["again"]])
    answers = [(await fake.generate(PROMPT)).content for _ in range(3)]
    assert answers == ["Hello world", "again", "again"]
    assert fake.calls == [PROMPT] * 3


async def test_an_error_is_raised_and_signed() -> None:
    fake = FakeProvider(name="alpha", model="m", script=[["part", OverloadedError()]])
    for _ in range(2):
        with pytest.raises(OverloadedError, match="alpha is overloaded") as caught:
            await fake.generate(PROMPT)
        assert caught.value.model == "m"


async def test_events_are_yielded_as_they_are() -> None:
    finished = Finished(
        provider="x",
        model="y",
        model_version="z",
        stop_reason=StopReason.LENGTH,
        raw_stop_reason="length",
        usage=Usage(),
        latency_seconds=1.0,
        time_to_first_token=None,
    )
    fake = FakeProvider(script=[[Thinking(5), TextDelta("a"), finished, "never said"]])
    events = [event async for event in fake.stream(PROMPT, connect_timeout=2.0)]
    assert events == [Thinking(5), TextDelta("a"), finished]
    assert fake.connect_timeouts == [2.0]


async def test_silence_passes_or_lasts() -> None:
    fake = FakeProvider(script=[[Silence(0.001), "a"], [Silence()]])
    assert (await fake.generate(PROMPT)).content == "a"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await fake.generate(PROMPT)
    assert fake.open_streams == 0


async def test_a_closed_stream_is_not_running() -> None:
    fake = FakeProvider(script=[["a", "b"]])
    async with aclosing(cast("Any", fake.stream(PROMPT))) as events:
        await anext(events)
        assert fake.open_streams == 1
    assert fake.open_streams == 0


async def test_an_empty_script_finishes_with_nothing_said() -> None:
    assert (await FakeProvider(script=[]).generate(PROMPT)).content == ""


async def test_its_life_is_counted() -> None:
    fake = FakeProvider()
    async with fake:
        assert (await fake.health_check()).ok
    assert (fake.initialized, fake.closed, fake.health_checks) == (1, 1, 1)
    assert not fake.configured()


async def test_folding_forgets_what_was_retracted() -> None:
    fake = FakeProvider(script=[["wrong", Restarted("a", "overloaded", "is overloaded", 5), "ok"]])
    assert (await fake.generate(PROMPT)).content == "ok"


async def test_folding_a_stream_without_an_end_is_an_error() -> None:
    async def endless() -> Any:
        yield TextDelta("half")

    with pytest.raises(StreamInterruptedError):
        await fold(endless())


@pytest.mark.parametrize(
    ("prompt", "completion", "total"), [(1, 2, 3), (None, 2, None), (1, None, None), (0, 0, 0)]
)
def test_a_total_needs_both_parts(
    prompt: int | None, completion: int | None, total: int | None
) -> None:
    assert Usage(prompt, completion).total_tokens == total


def test_errors_read_as_sentences() -> None:
    error = OverloadedError("busy", provider="alpha", status=503)
    assert str(error) == "alpha is overloaded (HTTP 503): busy"
    assert str(ProviderError()) == "the provider failed"
    assert str(AllProvidersFailedError(())) == "the provider chain could not answer"
