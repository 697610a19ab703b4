"""The deadline's division, and the clocks on content."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from providers.base import AttemptStarted, StreamEvent, TextDelta, Thinking
from providers.errors import ProviderError, StreamInterruptedError
from providers.policies.clocks import ClockPolicy, Clocks, Deadline, Limits, Pace
from providers.policies.content import ContentClock

KEEP_ALIVE = AttemptStarted("inner", "model")
Step = float | StreamEvent


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("deadline", "first_content", "reserve"),
    [(90, None, 12), (20, None, 3), (90, 2, 2)],
)
def test_reserve(deadline: float, first_content: float | None, reserve: float) -> None:
    policy = ClockPolicy(deadline, Clocks(first_content=first_content))
    assert policy.reserve == pytest.approx(reserve)


@pytest.mark.parametrize(
    ("pace", "patience"),
    [
        (Pace(), 12),
        (Pace(8.0, 19), 12),
        (Pace(2.0, 20), 8),
        (Pace(0.2, 500), 6),
        (Pace(8.0, 200), 32),
        (Pace(11.0, 200), 36),
        (Pace(2.0, 200, cold=True), 48),
    ],
)
def test_only_a_default_follows_what_a_model_was_seen_to_do(pace: Pace, patience: float) -> None:
    usual = ClockPolicy(90, Clocks())
    assert usual.limits("alpha", pace).first_content == pytest.approx(patience)
    given = ClockPolicy(90, Clocks(first_content=12))
    assert given.limits("alpha", pace).first_content == 12
    own = ClockPolicy(90, Clocks(), {"alpha": Clocks(first_content=4)})
    assert own.limits("alpha", pace).first_content == 4
    assert own.limits("beta", pace).first_content == pytest.approx(patience)


def test_a_providers_own_clocks_go_before_the_general_ones() -> None:
    general = Clocks(connect=1, content_gap=9, min_throughput=5)
    policy = ClockPolicy(90, general, {"alpha": Clocks(content_gap=30, min_throughput=0)})
    assert policy.limits("beta", Pace()) == Limits(1, 12, 9, 5, 10)
    assert policy.limits("alpha", Pace()) == Limits(1, 12, 30, 0, 10)


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
    deadline = Deadline(ClockPolicy(90, Clocks()), clock)
    clock.now += passed
    assert deadline.share(following) == pytest.approx(share)


@pytest.mark.parametrize(("passed", "spent"), [(0, False), (88, False), (88.9, True), (99, True)])
def test_spent(passed: float, spent: bool) -> None:
    clock = Clock()
    deadline = Deadline(ClockPolicy(90, Clocks()), clock)
    clock.now += passed
    assert deadline.spent is spent


async def play(steps: list[Step]) -> AsyncIterator[StreamEvent]:
    for step in steps:
        if isinstance(step, int | float):
            await asyncio.sleep(step)
        else:
            yield step


async def outcome(
    steps: list[Step], share: float, limits: Limits, fair_chance: float = 12
) -> tuple[str, float]:
    """Return the kind of the error that ended the stream, and when."""
    loop = asyncio.get_running_loop()
    content = ContentClock(limits, share, fair_chance, loop.time)
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
    kind, seconds = in_virtual_time(outcome([99.0], 4, Limits(), 0.75))
    assert kind == "first_content_timeout"
    assert seconds == pytest.approx(4)


def test_a_slow_consumer_does_not_make_a_provider_late(
    in_virtual_time: Callable[..., None],
) -> None:
    async def consume() -> None:
        content = ContentClock(Limits(), 90, 12, asyncio.get_running_loop().time)
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
        content = ContentClock(Limits(), 90, 12, asyncio.get_running_loop().time)
        events = broken()
        await content.next_event(events)
        with pytest.raises(TimeoutError, match="from inside"):
            await content.next_event(events)

    in_virtual_time(consume())


def words(count: int, seconds: float) -> list[Step]:
    """Return so many deltas of two tokens each, with so many seconds before each but the first."""
    return spaced(TextDelta("eight ch"), count, seconds)


def spaced(event: StreamEvent, count: int, seconds: float) -> list[Step]:
    """Return an event, and so many more with so many seconds before each."""
    return [event, *[step for _ in range(count) for step in (seconds, event)]]


@pytest.mark.parametrize(
    ("steps", "kind", "seconds"),
    [
        (words(40, 2.0), "too_slow", 10),
        (words(40, 0.5), "stream_interrupted", 20),
        ([*words(20, 0.5), *words(20, 3.0)], "too_slow", 22),
        (spaced(Thinking(8), 9, 2.0), "too_slow", 10),
        (
            spaced(Thinking(80), 9, 2.0),
            "stream_interrupted",
            18,
        ),
    ],
)
def test_a_floor_on_throughput(
    in_virtual_time: Callable[..., tuple[str, float]],
    steps: list[Step],
    kind: str,
    seconds: float,
) -> None:
    limits = Limits(min_throughput=2.0)
    ended, at = in_virtual_time(outcome(steps, 90, limits))
    assert (ended, at) == (kind, pytest.approx(seconds))


def test_the_longest_gap_is_that_between_contents(in_virtual_time: Callable[..., None]) -> None:
    async def consume() -> None:
        content = ContentClock(Limits(), 90, 12, asyncio.get_running_loop().time)
        events = play(
            [5.0, TextDelta("a"), 1.0, KEEP_ALIVE, 2.0, TextDelta("b"), 1.0, TextDelta("c")]
        )
        gaps = []
        for _ in range(4):
            await content.next_event(events)
            gaps.append(content.longest_gap)
        assert gaps == [None, None, pytest.approx(3), pytest.approx(3)]

    in_virtual_time(consume())
