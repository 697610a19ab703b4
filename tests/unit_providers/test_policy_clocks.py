"""The deadline's division, and the clocks on content."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from providers.base import AttemptStarted, StreamEvent, TextDelta, Thinking
from providers.errors import ProviderError, StreamInterruptedError
from providers.policies.clocks import ContentClock, Deadline, Limits

KEEP_ALIVE = AttemptStarted("inner", "model")
Step = float | StreamEvent


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("limits", "reserve"),
    [(Limits(), 12), (Limits(deadline=20), 3), (Limits(first_content=2), 2)],
)
def test_reserve(limits: Limits, reserve: float) -> None:
    assert limits.reserve == pytest.approx(reserve)


@pytest.mark.parametrize(
    ("passed", "following", "share"),
    [
        (0, 0, 90),
        (0, 1, 78),
        (0, 3, 54),
        (54, 2, 12),
        (60, 2, 10),
        (80, 2, 10 / 3),
        (80, 0, 10),
        (95, 1, 0),
    ],
)
def test_share(passed: float, following: int, share: float) -> None:
    clock = Clock()
    deadline = Deadline(Limits(), clock)
    clock.now += passed
    assert deadline.share(following) == pytest.approx(share)


@pytest.mark.parametrize(("passed", "spent"), [(0, False), (88, False), (88.9, True), (99, True)])
def test_spent(passed: float, spent: bool) -> None:
    clock = Clock()
    deadline = Deadline(Limits(), clock)
    clock.now += passed
    assert deadline.spent is spent


async def play(steps: list[Step]) -> AsyncIterator[StreamEvent]:
    for step in steps:
        if isinstance(step, int | float):
            await asyncio.sleep(step)
        else:
            yield step


async def outcome(steps: list[Step], share: float, limits: Limits) -> tuple[str, float]:
    """Return the kind of the error that ended the stream, and when."""
    loop = asyncio.get_running_loop()
    content = ContentClock(limits, share, loop.time)
    events = play(steps)
    try:
        while True:
            await content.next_event(events)
    except ProviderError as error:
        return error.kind, loop.time()


@pytest.mark.parametrize(
    ("steps", "share", "kind", "seconds"),
    [
        ([99.0], 90, "first_content_timeout", 12),
        ([11.0, TextDelta("a"), 99.0], 90, "content_gap_timeout", 26),
        ([11.0, Thinking(5), 14.0, TextDelta("a"), 99.0], 90, "content_gap_timeout", 40),
        ([5.0, KEEP_ALIVE, 5.0, KEEP_ALIVE, 5.0], 90, "first_content_timeout", 12),
        ([TextDelta(""), 8.0, TextDelta(""), 8.0], 90, "first_content_timeout", 12),
        (
            [TextDelta("a"), 10.0, KEEP_ALIVE, 10.0, KEEP_ALIVE],
            90,
            "content_gap_timeout",
            15,
        ),
        ([TextDelta("a"), 1.0], 90, "stream_interrupted", 1),
        ([99.0], 5, "deadline", 5),
        ([99.0], 0, "deadline", 0),
        ([TextDelta("a"), 9.0, TextDelta("b"), 9.0], 10, "deadline", 10),
        ([TextDelta("a")] * 9, 0, "deadline", 0),
    ],
)
def test_what_ends_a_stream_and_when(
    in_virtual_time: Callable[..., tuple[str, float]],
    steps: list[Step],
    share: float,
    kind: str,
    seconds: float,
) -> None:
    ended, at = in_virtual_time(outcome(steps, share, Limits()))
    assert ended == kind
    assert at == pytest.approx(seconds)


def test_silence_for_a_fair_share_is_the_providers(
    in_virtual_time: Callable[..., tuple[str, float]],
) -> None:
    """A short deadline must not excuse a provider that never says a word."""
    kind, seconds = in_virtual_time(outcome([99.0], 4, Limits(deadline=5)))
    assert kind == "first_content_timeout"
    assert seconds == pytest.approx(4)


def test_a_slow_consumer_does_not_make_a_provider_late(
    in_virtual_time: Callable[..., None],
) -> None:
    async def consume() -> None:
        content = ContentClock(Limits(), 90, asyncio.get_running_loop().time)
        events = play([TextDelta("a"), 14.0, TextDelta("b")])
        await content.next_event(events)
        await asyncio.sleep(30)
        assert await content.next_event(events) == TextDelta("b")
        with pytest.raises(StreamInterruptedError):
            await content.next_event(events)

    in_virtual_time(consume())


def test_a_timeout_of_another_is_not_taken_for_ours(
    in_virtual_time: Callable[..., None],
) -> None:
    async def broken() -> AsyncIterator[StreamEvent]:
        yield TextDelta("a")
        raise TimeoutError("from inside")

    async def consume() -> None:
        content = ContentClock(Limits(), 90, asyncio.get_running_loop().time)
        events = broken()
        await content.next_event(events)
        with pytest.raises(TimeoutError, match="from inside"):
            await content.next_event(events)

    in_virtual_time(consume())
