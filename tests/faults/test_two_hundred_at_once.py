"""Two hundred questions at once over one dead, one slow and one good provider: nothing leaks."""

from __future__ import annotations

import asyncio
import gc
import socket
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from arena import BACKUP_ANSWER, HTTP, QUESTION, error
from model_server import ModelServer
from wire_openai import OpenAIWire

from providers import LLMProviderFactory
from providers.manager import LLMProviderManager

AT_ONCE = 200
MEMORY_BYTES = 4_000_000
"""A second two hundred may leave this much more behind than the first: caches, not answers."""


Servers = tuple[LLMProviderManager, ModelServer, ModelServer]


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def three(dead: str, **chain: Any) -> AsyncIterator[Servers]:
    """Yield the chain dead, slow, good, and the two servers that are there."""
    wire = OpenAIWire(HTTP)
    slow, good = ModelServer("text/event-stream"), ModelServer("text/event-stream")
    for server, pause in ((slow, 30.0), (good, 0.2)):
        await server.start()
        server.answers(*wire.opening(), pause, wire.text(BACKUP_ANSWER), *wire.closing())
    providers = [
        LLMProviderFactory.create(HTTP, model=f"m{number}", base_url=url)
        for number, url in enumerate((dead, slow.url, good.url))
    ]
    clock = asyncio.get_running_loop().time
    manager = LLMProviderManager(providers=providers, clock=clock, **chain)
    try:
        async with manager:
            yield manager, slow, good
    finally:
        await slow.stop()
        await good.stop()


async def all_at_once(chain: LLMProviderManager) -> Counter[str]:
    answers = await asyncio.gather(*(chain.generate(QUESTION) for _ in range(AT_ONCE)))
    assert {answer.content for answer in answers} == {BACKUP_ANSWER}
    return Counter(answer.provider for answer in answers)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts /proc/self/fd")
async def test_all_are_answered_and_nothing_is_left_behind(clean_environment: None) -> None:
    before, tasks = descriptors(), our_tasks()
    dead = f"http://127.0.0.1:{closed_port()}"
    async with three(dead, first_content_timeout=4.0) as (chain, slow, good):
        assert await all_at_once(chain) == {"vllm-3": AT_ONCE}
        status = chain.get_provider_health_status()
        # All of them may have set out before the first refusal came back; nobody asks twice.
        assert status["vllm"]["requests"] <= AT_ONCE
        assert status["vllm"]["breaker"] == "open"
        assert [row["in_flight"] for row in status.values()] == [0, 0, 0]
        kept = memory(slow, good)
        for _ in range(3):
            assert await all_at_once(chain) == {"vllm-3": AT_ONCE}
        again = chain.get_provider_health_status()["vllm"]["requests"]
        # Its breaker lets one trial through in half a minute: not six hundred.
        assert again - status["vllm"]["requests"] <= 2
        assert memory(slow, good) - kept < MEMORY_BYTES
    tracemalloc.stop()
    await asyncio.sleep(0.1)
    assert our_tasks() == tasks
    assert descriptors() <= before + 2


def our_tasks() -> int:
    """Count the tasks but for those of the servers, which sleep on after their client left."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return sum(not name.startswith("RequestHandler.") for name in names)


def memory(*servers: ModelServer) -> int:
    """Return the bytes that are held, but for what the servers remember of their requests."""
    for server in servers:
        server.requests.clear()
    gc.collect()
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]


def test_a_dead_one_is_left_alone_while_questions_keep_coming(
    in_fast_time: Callable[[Awaitable[Any]], Any], clean_environment: None
) -> None:
    """One after the other over a minute: two to open its breaker, then a trial each half minute."""

    async def ask() -> None:
        async with three(f"http://127.0.0.1:{closed_port()}") as (chain, slow, _):
            slow.forget()
            slow.fails(503, error("overloaded_error"))
            for _ in range(60):
                await chain.generate(QUESTION)
                await asyncio.sleep(1)
            status = chain.get_provider_health_status()
            assert status["vllm"]["requests"] <= 2 + 3
            assert status["vllm-2"]["requests"] <= 3 + 3

    in_fast_time(ask())
