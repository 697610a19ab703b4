"""The first text of an attempt is kept back for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, cast

import pytest

from providers.base import Finished, StopReason, StreamEvent, TextDelta, Thinking, Usage
from providers.policies.holdback import HoldBack

END = Finished("a", "m", "m", StopReason.STOP, "stop", Usage(), 1.0, None)


Step = float | StreamEvent


def text(*pieces: str) -> list[StreamEvent]:
    return [TextDelta(piece) for piece in pieces]


async def play(steps: list[Step]) -> AsyncGenerator[StreamEvent, None]:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            yield step


A, B, C = text("a", "b", "c")


@pytest.mark.parametrize(
    ("seconds", "steps", "shown"),
    [
        (0.0, [A, B, END], []),
        (1.0, [A, 0.5, B, END], [(0.5, A), (0.5, B), (0.5, END)]),
        (1.0, [A, 5.0, B, END], [(1.0, A), (5.0, B)]),
        (1.0, [5.0, Thinking(3), 5.0, A, 2.0, END], [(5.0, Thinking(3)), (11.0, A), (12.0, END)]),
        (1.0, [A, 0.4, B, 0.4, C, 0.4, A, END], [(1.0, A), (1.0, B), (1.0, C), (1.2, A)]),
    ],
)
def test_what_is_shown_and_when(
    in_virtual_time: Callable[..., None],
    seconds: float,
    steps: list[Step],
    shown: list[tuple[float, StreamEvent]],
) -> None:
    async def read() -> None:
        loop = asyncio.get_running_loop()
        hold = HoldBack(seconds, loop.time)
        seen = [(loop.time(), event) async for event in hold.first(play(steps))]
        assert [(pytest.approx(at), event) for at, event in seen] == shown
        assert hold.released

    in_virtual_time(read())


@pytest.mark.parametrize("after", [0.5, 2.0])
def test_a_reader_who_leaves_ends_the_stream(
    in_virtual_time: Callable[..., None], after: float
) -> None:
    """Be it before the text is shown, or just when it is."""

    async def leave() -> None:
        loop = asyncio.get_running_loop()
        closed: list[float] = []

        async def endless() -> AsyncGenerator[StreamEvent, None]:
            try:
                yield A
                await asyncio.sleep(1_000)
            finally:
                closed.append(loop.time())

        async def read() -> None:
            shown = HoldBack(1.0, loop.time).first(endless())
            async with aclosing(cast("Any", shown)) as events:
                async for _ in events:
                    await asyncio.sleep(1_000)

        reading = asyncio.create_task(read())
        await asyncio.sleep(after)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 2

    in_virtual_time(leave())
