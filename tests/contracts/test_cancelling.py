"""A caller may leave at any moment: the request ends at once, and the provider stays usable."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from providers import BaseLLMProvider
from providers.base import Finished, TextDelta

PATIENCE = 30
"""Seconds until a hanging test is given up: a vendor's library may take some to load."""


def hang(wire: Any, server: Any, moment: str) -> None:
    """Queue an answer that stops for good at this moment."""
    match moment:
        case "before the headers":
            server.hangs()
        case "before any content":
            server.answers(*wire.opening(), server.HANG)
        case "in the middle":
            server.answers(*wire.opening(), wire.text("Hel"), server.HANG)
        case "in the middle of an event":
            server.answers(*wire.opening(), wire.text("Hel")[:-5], server.HANG)
        case "in the body of an error":
            server.fails_halfway(500)


MOMENTS = (
    "before the headers",
    "before any content",
    "in the middle",
    "in the middle of an event",
    "in the body of an error",
)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_cancelled(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any, moment: str
) -> None:
    hang(wire, server, moment)
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    task = asyncio.create_task(provider.generate(messages))
    async with asyncio.timeout(PATIENCE):
        await server.asked.wait()
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(PATIENCE):
        await server.disconnected.wait()
    assert (await provider.generate(messages)).content == "Hello"


async def test_cancelled_when_the_answer_is_whole_already(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    """Usage may be awaited then, or the connection be read out: neither may hold anyone up."""
    server.answers(*wire.opening(), wire.text("Hello"), wire.terminal(), server.HANG)
    task = asyncio.create_task(provider.generate(messages))
    async with asyncio.timeout(PATIENCE):
        await server.asked.wait()
        await asyncio.sleep(0.03)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.disconnected.wait()


@pytest.fixture
def silent_address() -> Iterator[str]:
    """Return an address where nobody ever accepts a connection."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            # They fill the queue of the kernel: the next one gets no answer at all.
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_cancelled_while_the_connection_is_being_opened(
    make: Any, messages: Any, silent_address: str
) -> None:
    task = asyncio.create_task(make(base_url=silent_address).generate(messages))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_before_anything_was_done(
    server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    task = asyncio.create_task(provider.generate(messages))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert server.chats == []


async def test_left_after_each_event(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    """Whoever has seen enough closes the stream; the next question is answered."""
    script = [*wire.opening(), *map(wire.text, "abc"), *wire.closing()]
    server.answers(*script)
    for seen in range(5):
        events = cast("Any", provider.stream(messages))
        async with aclosing(events):
            for _ in range(seen):
                await anext(events)
    whole = [event async for event in provider.stream(messages)]
    assert [event.text for event in whole if isinstance(event, TextDelta)] == ["a", "b", "c"]
    assert isinstance(whole[-1], Finished)


async def test_a_provider_that_is_closed_ends_what_is_running(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), server.HANG)
    task = asyncio.create_task(provider.generate(messages))
    async with asyncio.timeout(PATIENCE):
        await server.asked.wait()
        await asyncio.sleep(0.02)
        await provider.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.disconnected.wait()


async def test_no_task_is_left_behind(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), server.HANG)
    await provider.initialize()
    before = asyncio.all_tasks()
    task = asyncio.create_task(provider.generate(messages))
    async with asyncio.timeout(PATIENCE):
        await server.asked.wait()
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(PATIENCE):
        await server.disconnected.wait()
    await asyncio.sleep(0.02)
    gc.collect()
    ours = [left for left in asyncio.all_tasks() - before if "web_protocol" not in repr(left)]
    assert ours == []
