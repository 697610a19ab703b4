"""Every fault that the usual clients were measured by, with the outcome that is right.

Streams of 20 words over two real wires. Where a vendor's SDK gives a stream up after one
unreadable event, the answer restarts instead of going on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from arena import BACKUP_ANSWER, HTTP, SDK, WORDS, Arena, Met, Row, arena, error, warm
from model_server import ModelServer

CUT, HANG = ModelServer.CUT, ModelServer.HANG
TITLE = "measured faults"
TWENTY = WORDS[:20]
ANSWER = "".join(TWENTY)


@dataclass(frozen=True)
class Fault:
    """`settings` go to the chain; `opens` is how long the primary's breaker must stay open."""

    name: str
    right: str
    stage: Callable[[Arena], None]
    passes: Callable[[Met], bool]
    settings: dict[str, Any] = field(default_factory=dict)
    opens: float = 0.0


def fails(status: int, kind: str, code: str | None = None, **headers: str) -> Any:
    return lambda it: it.primary.fails(status, error(kind, code), **headers)


def streams(*parts: Callable[[Arena], list[Any]]) -> Callable[[Arena], None]:
    """Return a stage on which the primary opens a stream and goes on with these parts."""

    def stage(it: Arena) -> None:
        steps = [step for part in parts for step in part(it)]
        it.primary.answers(*it.wire.opening(), *steps)

    return stage


def words(count: int = 8, pause: float = 0.0) -> Callable[[Arena], list[Any]]:
    return lambda it: it.says(*TWENTY[:count], pause=pause)


def rest(it: Arena) -> list[Any]:
    return [*it.says(*TWENTY[8:]), *it.wire.closing()]


def end(it: Arena) -> list[Any]:
    return it.wire.closing()


def exactly(*steps: Any) -> Callable[[Arena], list[Any]]:
    return lambda it: list(steps)


def keep_alives(seconds: int) -> Callable[[Arena], list[Any]]:
    return lambda it: [step for _ in range(seconds) for step in (1.0, it.wire.keep_alive)]


def in_band(it: Arena) -> list[Any]:
    return [it.wire.in_band("server_error")]


def aborted(it: Arena) -> list[Any]:
    return it.wire.closing("abort")


def page(it: Arena) -> None:
    it.primary.sends_page("<html><body>Bad gateway</body></html>")


def silent_after_headers(it: Arena) -> None:
    it.primary.answers(20.0, *it.says(*TWENTY), *it.wire.closing())


def fallen_over(met: Met) -> bool:
    return met.by_backup and len(met.primary) == 1


def restarted(met: Met) -> bool:
    """Say whether one whole answer was shown; before text a transient fault may be repeated."""
    return met.by_backup and len(met.primary) <= 2


def in_time(seconds: float) -> Callable[[Met], bool]:
    return lambda met: fallen_over(met) and met.seconds <= seconds


def went_on_or_restarted(met: Met) -> bool:
    return met.error is None and met.text in (ANSWER, BACKUP_ANSWER) and len(met.primary) == 1


def complete(met: Met) -> bool:
    return met.text == ANSWER and met.error is None and not met.backup


def surfaced(met: Met) -> bool:
    return met.outcome == "content_policy" and len(met.primary) == 1 and not met.backup


FAULTS = [
    Fault(
        "503 always",
        "ok, 1-2p",
        fails(503, "overloaded_error"),
        lambda met: met.by_backup and len(met.primary) <= 2,
    ),
    Fault("401", "ok, and told", fails(401, "authentication_error"), fallen_over, opens=900),
    Fault(
        "429 insufficient_quota",
        "1p, long open",
        fails(429, "insufficient_quota", "insufficient_quota"),
        fallen_over,
        opens=900,
    ),
    Fault(
        "429 with Retry-After 4",
        "fail over at once",
        fails(429, "rate_limit_error", retry_after="4"),
        in_time(1.5),
        opens=2,
    ),
    Fault(
        "429 with Retry-After 3600",
        "1p/1b",
        fails(429, "rate_limit_error", retry_after="3600"),
        in_time(1.5),
        opens=3500,
    ),
    Fault(
        "400 context length",
        "a larger model only",
        fails(400, "invalid_request_error", "context_length_exceeded"),
        fallen_over,
    ),
    Fault(
        "400 content policy",
        "surface",
        fails(400, "invalid_request_error", "content_policy_violation"),
        surfaced,
    ),
    Fault("200 with a page of HTML", "fall over", page, fallen_over),
    Fault(
        "no response", "ok by the first-content clock", lambda it: it.primary.hangs(), in_time(14)
    ),
    Fault("headers, then silence for 20 s", "the same", silent_after_headers, in_time(14)),
    Fault(
        "keep-alives for 20 s, then tokens",
        "the same",
        streams(keep_alives(20), words(20), end),
        in_time(14),
    ),
    Fault("empty stream", "fall over", streams(end), fallen_over),
    Fault("role, then an in-band error", "ok", streams(in_band), restarted),
    Fault("in-band error after 8 words", "restart", streams(words(), in_band), fallen_over),
    Fault("cut after 8 words", "restart", streams(words(), exactly(CUT)), fallen_over),
    Fault("clean end after 8 words", "restart", streams(words()), fallen_over),
    Fault("silence after 8 words", "restart", streams(words(), exactly(HANG)), in_time(18)),
    Fault(
        "keep-alives after 8 words for 30 s",
        "restart: idle on content",
        streams(words(), keep_alives(30), rest),
        in_time(18),
    ),
    Fault(
        "malformed event in the middle",
        "skip one, go on",
        streams(words(), lambda it: [it.wire.unreadable], rest),
        went_on_or_restarted,
    ),
    Fault(
        "no [DONE], but a finish reason",
        "ok",
        streams(words(20), lambda it: it.wire.closing()[:-1]),
        complete,
    ),
    Fault(
        "a word every 2 s",
        "rate guard",
        streams(words(20, pause=2.0), end),
        in_time(16),
        settings={"min_throughput": 2.0, "throughput_window": 10.0},
    ),
    Fault(
        "engine abort",
        "fall over",
        streams(words(), lambda it: it.wire.closing("abort")),
        fallen_over,
    ),
    Fault(
        "nothing but white space",
        "fall over",
        streams(lambda it: it.says(" ", "\n"), end),
        fallen_over,
    ),
    Fault("404 for the model", "fall over", fails(404, "not_found_error"), fallen_over, opens=900),
    Fault("402 for billing", "1p, long open", fails(402, "billing_error"), fallen_over, opens=900),
    Fault(
        "500 always",
        "once more, then over",
        fails(500, "server_error"),
        lambda met: met.by_backup and len(met.primary) == 2,
    ),
    Fault(
        "400 of our own making",
        "surface: the next would say the same",
        fails(400, "invalid_request_error"),
        lambda met: met.outcome == "invalid_request" and not met.backup,
    ),
]


@pytest.mark.parametrize("wire", [HTTP, SDK])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(
    in_fast_time: Callable[[Awaitable[Any]], Any],
    clean_environment: None,
    tables: dict[str, list[Row]],
    fault: Fault,
    wire: str,
) -> None:
    async def meet() -> tuple[Met, float | None]:
        async with arena(wire, **fault.settings) as it:
            await warm(it)
            fault.stage(it)
            met = await it.ask()
            return met, it.chain.get_provider_health_status()[wire]["reopens_in_seconds"]

    met, reopens = in_fast_time(meet())
    assert fault.passes(met), met
    assert reopens is not None
    assert reopens >= fault.opens * 0.9
    asked = len(met.primary), len(met.backup)
    row = Row("", fault.name, fault.right, wire, met.outcome, *asked, met.seconds)
    tables.setdefault(TITLE, []).append(row)


def test_no_fault_is_missing(tables: dict[str, list[Row]]) -> None:
    assert len(FAULTS) == 27
    assert len(tables[TITLE]) == 2 * len(FAULTS)


@pytest.mark.parametrize("wire", [HTTP, SDK])
def test_a_slow_drip_and_a_slow_fallback_share_the_deadline(
    in_fast_time: Callable[[Awaitable[Any]], Any], clean_environment: None, wire: str
) -> None:
    """Whatever the first one uses up, the second keeps enough to finish."""

    async def meet() -> Met:
        async with arena(wire, deadline=30.0, hold_back=0) as it:
            await warm(it)
            it.primary.answers(*it.wire.opening(), *it.says(*WORDS, pause=1.0))
            it.backup.forget()
            it.backup.answers(*it.wire.opening(), 2.0, it.text(BACKUP_ANSWER), *it.wire.closing())
            return await it.ask()

    met = in_fast_time(meet())
    assert met.by_backup
    assert met.restarts == 1
    assert met.seconds < 30


@pytest.mark.parametrize("wire", [HTTP, SDK])
def test_a_reader_who_leaves_in_the_middle_costs_nobody_anything(
    in_fast_time: Callable[[Awaitable[Any]], Any], clean_environment: None, wire: str
) -> None:
    async def leave() -> None:
        async with arena(wire) as it:
            await warm(it)
            it.primary.answers(*it.wire.opening(), *it.says(*TWENTY), HANG)
            asking = asyncio.create_task(it.ask())
            await it.primary.asked.wait()
            await asyncio.sleep(2)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            async with asyncio.timeout(50):
                await it.primary.disconnected.wait()
            status = it.chain.get_provider_health_status()[wire]
            assert (status["breaker"], status["errors"], status["in_flight"]) == ("closed", {}, 0)

    in_fast_time(leave())
