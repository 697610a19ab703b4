"""What every contestant is measured by, in its own process and environment; prints JSON.

A contestant gives `prepare(url)`, timed together with its imports, which returns how it asks.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from statistics import median, quantiles

QUESTION = "What broke?"
REQUESTS = 200
AT_ONCE, TOGETHER = 50, 600
SHORT, LONG, STREAMS = 20, 1_020, 10


@dataclass(frozen=True)
class Contestant:
    """`ask` returns a whole answer, `stream` yields its pieces; both take a number of words.

    `fail_over` yields the pieces of a call whose first provider is dead.
    """

    ask: Callable[[int], Awaitable[str]]
    stream: Callable[[int], AsyncIterator[str]]
    fail_over: Callable[[], AsyncIterator[str]] | None = None


def run(began: float, prepare: Callable[[str], Awaitable[Contestant]]) -> None:
    """Measure; `began` is time.perf_counter() before the contestant's imports."""
    asyncio.run(_measure(began, prepare))


async def _measure(began: float, prepare: Callable[[str], Awaitable[Contestant]]) -> None:
    contestant = await prepare(sys.argv[1])
    result = {"ready_seconds": time.perf_counter() - began, "ready_mb": _megabytes()}
    for _ in range(20):
        assert len((await contestant.ask(5)).split()) == 5
    result |= await _one_by_one(contestant)
    result["chunk_us"] = await _chunk(contestant)
    result["requests_per_second"] = await _at_once(contestant.ask)
    result["streams_per_second"] = await _at_once(lambda words: _whole(contestant.stream(words)))
    if contestant.fail_over is not None:
        result["failover_ms"] = await _failover(contestant)
    result["peak_mb"] = _megabytes()
    sys.stdout.write(json.dumps(result) + "\n")


async def _one_by_one(contestant: Contestant) -> dict[str, float]:
    taken, cpu = [], time.process_time()
    for _ in range(REQUESTS):
        started = time.perf_counter()
        await contestant.ask(5)
        taken.append(time.perf_counter() - started)
    used = (time.process_time() - cpu) / REQUESTS
    return {
        "p50_ms": median(taken) * 1e3,
        "p99_ms": quantiles(taken, n=100)[98] * 1e3,
        "cpu_ms": used * 1e3,
    }


async def _chunk(contestant: Contestant) -> float:
    """Return the microseconds of CPU that one more piece costs."""
    short, long = await _cpu(contestant, SHORT), await _cpu(contestant, LONG)
    return (long - short) / (LONG - SHORT) * 1e6


async def _cpu(contestant: Contestant, words: int) -> float:
    used = []
    for _ in range(STREAMS):
        started = time.process_time()
        pieces = [piece async for piece in contestant.stream(words)]
        used.append(time.process_time() - started)
        assert len("".join(pieces).split()) == words
    return median(used)


async def _whole(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])


async def _at_once(ask: Callable[[int], Awaitable[str]]) -> float:
    left = iter(range(TOGETHER))

    async def worker() -> None:
        for _ in left:
            await ask(5)

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return TOGETHER / (time.perf_counter() - started)


async def _failover(contestant: Contestant) -> float:
    """Return the milliseconds that a dead first provider adds until the first text."""
    assert contestant.fail_over is not None
    direct = [await _first(contestant.stream(5)) for _ in range(60)]
    around = [await _first(contestant.fail_over()) for _ in range(60)]
    return (median(around) - median(direct)) * 1e3


async def _first(pieces: AsyncIterator[str]) -> float:
    started, first = time.perf_counter(), None
    async for piece in pieces:
        if piece and first is None:
            first = time.perf_counter() - started
    assert first is not None
    return first


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
