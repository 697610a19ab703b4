"""The sixteen scenarios of the public failover benchmark, with its pass conditions, unscaled.

failoverbench/failoverbench, scenarios/catalogue.yaml, methodology v0.1: two retries, one fallback.
Its 30 s timeout is our default clocks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from arena import BACKUP_ANSWER, HTTP, SDK, WHOLE, WORDS, Arena, Met, Row, arena, error, warm
from model_server import ModelServer

CUT, HANG = ModelServer.CUT, ModelServer.HANG
TITLE = "sixteen scenarios"


@dataclass(frozen=True)
class Scenario:
    """`stage` sets the fault up, `passes` is the benchmark's condition."""

    id: str
    fault: str
    condition: str
    stage: Callable[[Arena], None]
    passes: Callable[[Met], bool]


def whole(it: Arena) -> None:
    it.primary.answers(*it.wire.opening(), *it.says(*WORDS), *it.wire.closing())


def limited_once(it: Arena) -> None:
    it.primary.fails(429, error("rate_limit_error"), retry_after="2")
    whole(it)


def failing_once(it: Arena) -> None:
    it.primary.fails(500, error("server_error"))
    whole(it)


def late(it: Arena) -> None:
    it.primary.answers(*it.wire.opening(), 20.0, *it.says(*WORDS), *it.wire.closing())


def cut(it: Arena) -> None:
    it.primary.answers(*it.wire.opening(), *it.says(*WORDS[:40], pause=0.05), CUT)


def stalled(it: Arena) -> None:
    steps = it.says(*WORDS[:20], pause=0.05)
    it.primary.answers(*it.wire.opening(), *steps, 30.0, *it.says(*WORDS[20:]), *it.wire.closing())


def malformed(it: Arena) -> None:
    steps = [*it.says(*WORDS[:30]), it.wire.unreadable, *it.says(*WORDS[30:])]
    it.primary.answers(*it.wire.opening(), *steps, *it.wire.closing())


def without_done(it: Arena) -> None:
    closing = it.wire.closing()[:-1]
    it.primary.answers(*it.wire.opening(), *it.says(*WORDS), *closing, HANG)


def gap(met: Met) -> float:
    return met.primary[1].at - met.primary[0].at


def never_continued(met: Met) -> bool:
    """Say whether no request asked a model to go on with somebody else's words."""
    return all(request.body["messages"][-1]["role"] == "user" for request in met.backup)


SCENARIOS = [
    Scenario(
        "S01",
        "429 with Retry-After 2, once",
        "waits 1.8 s or more, same provider, at most 2 tries in 1.5 s",
        limited_once,
        lambda met: (
            met.text == WHOLE
            and len(met.primary) == 2
            and gap(met) >= 1.8
            and met.asked_within(1.5) <= 2
            and not met.backup
        ),
    ),
    Scenario(
        "S02",
        "429 without header, always",
        "at most 4 tries in 3 s and 6 in all, rescued",
        lambda it: it.primary.fails(429, error("rate_limit_error")),
        lambda met: met.by_backup and met.asked_within(3) <= 4 and len(met.primary) <= 6,
    ),
    Scenario(
        "S03",
        "500 once",
        "the same provider is asked once more",
        failing_once,
        lambda met: met.text == WHOLE and len(met.primary) == 2 and not met.backup,
    ),
    Scenario(
        "S04",
        "503 always",
        "bounded, rescued",
        lambda it: it.primary.fails(503, error("overloaded_error")),
        lambda met: met.by_backup and len(met.primary) <= 3,
    ),
    Scenario(
        "S05",
        "reset before headers",
        "an answer",
        lambda it: it.primary.resets(),
        lambda met: met.by_backup,
    ),
    Scenario(
        "S06",
        "no response",
        "ends within 100 s, one try",
        lambda it: it.primary.hangs(),
        lambda met: met.by_backup and met.seconds <= 100 and len(met.primary) == 1,
    ),
    Scenario(
        "S07",
        "first token after 20 s",
        "an answer within 15 s",
        late,
        lambda met: met.by_backup and met.seconds <= 15,
    ),
    Scenario("S08", "cut after 40 of 60 tokens", "a whole answer", cut, lambda met: met.whole),
    Scenario(
        "S09",
        "stall of 30 s after 20 tokens",
        "a whole answer within 45 s",
        stalled,
        lambda met: met.whole and met.seconds <= 45,
    ),
    Scenario("S10", "malformed chunk", "a whole answer", malformed, lambda met: met.whole),
    Scenario(
        "S11",
        "no [DONE]",
        "ends within 8 s, with usage",
        without_done,
        lambda met: (
            met.text == WHOLE
            and met.seconds <= 8
            and met.finished is not None
            and met.finished.usage.total_tokens == 18
        ),
    ),
    Scenario(
        "S12",
        "400 context_length_exceeded",
        "one try, rescued",
        lambda it: it.primary.fails(400, error("invalid_request_error", "context_length_exceeded")),
        lambda met: met.by_backup and len(met.primary) == 1,
    ),
    Scenario(
        "S13",
        "400 content_policy_violation",
        "one try, a clean error",
        lambda it: it.primary.fails(
            400, error("invalid_request_error", "content_policy_violation")
        ),
        lambda met: met.outcome == "content_policy" and len(met.primary) == 1 and not met.backup,
    ),
    Scenario(
        "S14",
        "cut, and a fallback without prefill",
        "a whole answer; nothing asked to be continued",
        cut,
        lambda met: met.whole and never_continued(met),
    ),
    Scenario(
        "S16",
        "503, then the fallback",
        "reports the fallback's model and usage",
        lambda it: it.primary.fails(503, error("overloaded_error")),
        lambda met: (
            met.by_backup
            and met.finished is not None
            and met.finished.model == "model-b"
            and met.finished.usage.total_tokens == 18
        ),
    ),
]


def noted(tables: dict[str, list[Row]], scenario: Scenario, wire: str, met: Met) -> None:
    row = Row(
        scenario.id,
        scenario.fault,
        scenario.condition,
        wire,
        met.outcome,
        len(met.primary),
        len(met.backup),
        met.seconds,
    )
    tables.setdefault(TITLE, []).append(row)


@pytest.mark.parametrize("wire", [HTTP, SDK])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_scenario(
    in_fast_time: Callable[[Awaitable[Met]], Met],
    clean_environment: None,
    tables: dict[str, list[Row]],
    scenario: Scenario,
    wire: str,
) -> None:
    async def meet() -> Met:
        async with arena(wire) as it:
            await warm(it)
            scenario.stage(it)
            return await it.ask()

    met = in_fast_time(meet())
    assert scenario.passes(met), met
    noted(tables, scenario, wire, met)


@pytest.mark.parametrize("wire", [HTTP, SDK])
def test_a_minutes_outage(
    in_fast_time: Callable[[Awaitable[Any]], Any],
    clean_environment: None,
    tables: dict[str, list[Row]],
    wire: str,
) -> None:
    """S15: all of 20 requests are served, and the primary is back within 30 s of its return."""

    async def outage() -> tuple[list[Met], float]:
        loop = asyncio.get_running_loop()
        async with arena(wire) as it:
            await warm(it)
            it.primary.fails(503, error("overloaded_error"))
            began = loop.time()
            served = []
            for _ in range(20):
                served.append(await it.ask())
                await asyncio.sleep(3)
            it.primary.forget()
            it.answers_well(it.primary, WHOLE)
            returned = loop.time()
            assert returned - began >= 60
            for _ in range(40):
                if (await it.ask()).text == WHOLE:
                    break
                await asyncio.sleep(1)
            return served, loop.time() - returned

    served, back_after = in_fast_time(outage())
    assert all(met.text == BACKUP_ANSWER for met in served)
    assert back_after <= 30
    probes = sum(len(met.primary) for met in served)
    assert probes <= 10
    condition = "all of 20 served, back within 30 s"
    row = Row("S15", "down for 60 s", condition, wire, "served", probes, 20, back_after)
    tables[TITLE].append(row)


def test_no_scenario_is_missing(tables: dict[str, list[Row]]) -> None:
    """Both wires meet all sixteen; a scenario that was dropped would be noticed here."""
    for wire in (HTTP, SDK):
        met = sorted(row.id for row in tables[TITLE] if row.wire == wire)
        assert met == [f"S{number:02d}" for number in range(1, 17)]
