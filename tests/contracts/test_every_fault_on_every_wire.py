"""Each fault of each vendor's wire, met through a manager of one provider; a table tells how."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product
from typing import Any

import pytest

from providers import LLMProvider, LLMProviderManager
from providers.base import StopReason
from providers.errors import ProviderError

SHORT = 0.2
REFUSED_PARAMETER = "`temperature` is deprecated for this model."
GENERIC = {"error": {"message": "secret text"}}


@dataclass
class Case:
    """One cell: a provider, its wire, and the server that is about to misbehave."""

    wire: Any
    server: Any
    make: Callable[..., Any]
    messages: Any
    clocks: dict[str, float] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    base_url: str | None = None

    def fails(self, status: int, kind: str = "", **headers: str) -> None:
        """Queue the vendor's own error of that status or kind, else a plain one."""
        told = [entry for entry in self.wire.failures() if kind in ("", entry[2])]
        own = [entry for entry in told if entry[0] == status] or (told if kind else [])
        code, body, _ = own[0] if own else (status, GENERIC, kind)
        self.server.fails(code, body, **headers)

    def answers(self, *steps: Any) -> None:
        self.server.answers(*self.wire.opening(), *steps)

    def ends(self, stop: str | None = None) -> list[bytes]:
        return self.wire.closing(stop) if stop else self.wire.closing()

    @contextlib.asynccontextmanager
    async def manager(self) -> AsyncIterator[LLMProviderManager]:
        at = {"base_url": self.base_url} if self.base_url else {}
        provider = self.make(**self.arguments, **at)
        await provider.initialize()
        manager = LLMProviderManager(
            providers=[provider], max_retries=0, hold_back=0, **self.clocks
        )
        yield manager
        await manager.close()


@dataclass(frozen=True)
class Seen:
    """How a call ended: "ok" or the error's kind, and what there was of an answer."""

    outcome: str
    text: str = ""
    stop: StopReason | None = None
    retry_after: float | None = None
    requests: int = 1


Arrange = Callable[[Case], None]
Expect = Callable[[Any, Seen], bool]


@dataclass(frozen=True)
class Fault:
    """What the server does, and how the call has to end."""

    name: str
    arrange: Arrange
    expect: Expect


def ends_as(kind: str, text: str = "", requests: int = 1) -> Expect:
    return lambda wire, seen: (seen.outcome, seen.text, seen.requests) == (kind, text, requests)


def waits(low: float | None, high: float | None = None) -> Expect:
    def expect(wire: Any, seen: Seen) -> bool:
        if low is None or seen.retry_after is None:
            return seen.outcome == "rate_limited" and seen.retry_after is low
        return seen.outcome == "rate_limited" and low <= seen.retry_after <= (high or low)

    return expect


def status(name: str, code: int, kind: str, told: str = "") -> Fault:
    return Fault(name, lambda case: case.fails(code, told), ends_as(kind))


def limited(name: str, expect: Expect, **headers: str) -> Fault:
    return Fault(name, lambda case: case.server.fails(429, GENERIC, **headers), expect)


def date_in_thirty_seconds() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)


def dated(case: Case) -> None:
    case.server.fails(429, GENERIC, Retry_After=date_in_thirty_seconds())


def refused_parameter(case: Case) -> None:
    case.arguments = {"model": case.wire.sampling_model(), "temperature": 0.3}
    case.server.fails(400, case.wire.error_body("invalid_request_error", REFUSED_PARAMETER))
    case.answers(case.wire.text("Hello"), *case.ends())


def refused_connection(case: Case) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        case.base_url = f"http://127.0.0.1:{nobody.getsockname()[1]}"


def silent(*steps: str, before_headers: bool = False, beats: bool = False) -> Arrange:
    """Say so much, then nothing, or keep-alives alone."""

    def arrange(case: Case) -> None:
        clock = "content_gap_timeout" if steps else "first_content_timeout"
        case.clocks = {clock: SHORT}
        forever = [case.wire.keep_alive, SHORT / 8] * 800 if beats else [case.server.HANG]
        if before_headers:
            case.server.hangs()
        else:
            case.answers(*map(case.wire.text, steps), *forever)

    return arrange


def error_event(*texts: str, kind: str) -> Arrange:
    return lambda case: case.answers(*map(case.wire.text, texts), case.wire.in_band(kind))


def overloaded_in_band(wire: Any, seen: Seen) -> bool:
    # Two wires tell errors inside a stream in words alone.
    return seen.outcome == ("server_error" if wire.provider in WORDS_ALONE else "overloaded")


def malformed_event(case: Case) -> None:
    wire = case.wire
    case.answers(wire.text("a"), wire.unreadable, wire.text("b"), *case.ends())


def skipped_or_told(wire: Any, seen: Seen) -> bool:
    told = ("ok", "ab") if wire.skips_unreadable else ("malformed_response", "a")
    return (seen.outcome, seen.text) == told


def too_long(case: Case) -> None:
    raw = next(raw for raw, stop in case.wire.stops.items() if stop == "length")
    case.answers(case.wire.text("Hel"), *case.ends(raw))


def half_a_character(case: Case) -> None:
    encoded = case.wire.text("障害")
    middle = encoded.index("障".encode()) + 1
    case.answers(encoded[:middle], 0.02, encoded[middle:], *case.ends())


MEGABYTE = "x" * 1_000_000
WORDS_ALONE = ("ollama", "cohere")
CANCELLED = "cancelled"

FAULTS = [
    status("401", 401, "authentication"),
    status("403", 403, "authentication", "authentication"),
    status("404 model", 404, "model_not_found", "model_not_found"),
    status("400 context", 400, "context_overflow", "context_overflow"),
    status("400 policy", 400, "content_policy", "content_policy"),
    Fault("400 parameter", refused_parameter, ends_as("ok", "Hello", requests=2)),
    status("402 or quota", 402, "quota", "quota"),
    limited("429, wait in seconds", waits(7.0), Retry_After="7"),
    limited("429, broken seconds", waits(0.5), Retry_After="0.5"),
    Fault("429, wait as a date", dated, waits(25.0, 30.0)),
    limited("429, milliseconds", waits(0.25), Retry_After_Ms="250"),
    limited("429, no wait told", waits(None)),
    Fault("500", lambda case: case.server.fails(500, GENERIC), ends_as("server_error")),
    Fault("503", lambda case: case.server.fails(503, GENERIC), ends_as("overloaded")),
    status("vendor's overload", 503, "overloaded", "overloaded"),
    Fault("connection refused", refused_connection, ends_as("unreachable", requests=0)),
    Fault("reset before headers", lambda case: case.server.resets(), ends_as("connection_lost")),
    Fault(
        "reset after tokens",
        lambda case: case.answers(case.wire.text("Hel"), case.server.CUT),
        ends_as("stream_interrupted", "Hel"),
    ),
    Fault("silence before headers", silent(before_headers=True), ends_as("first_content_timeout")),
    Fault("silence before content", silent(), ends_as("first_content_timeout")),
    Fault("keep-alives, no content", silent(beats=True), ends_as("first_content_timeout")),
    Fault("silence in the middle", silent("Hel"), ends_as("content_gap_timeout", "Hel")),
    Fault(
        "keep-alives in the middle",
        silent("Hel", beats=True),
        ends_as("content_gap_timeout", "Hel"),
    ),
    Fault("error before content", error_event(kind="overloaded_error"), overloaded_in_band),
    Fault(
        "error after content",
        error_event("Hel", kind="server_error"),
        ends_as("server_error", "Hel"),
    ),
    Fault("malformed event", malformed_event, skipped_or_told),
    Fault(
        "clean early end",
        lambda case: case.answers(case.wire.text("Half")),
        ends_as("stream_interrupted", "Half"),
    ),
    Fault("empty answer", lambda case: case.answers(*case.ends()), ends_as("empty_response")),
    Fault(
        "HTML answer",
        lambda case: case.server.sends_page("<html>secret text</html>"),
        ends_as("malformed_response"),
    ),
    Fault(
        "length stop",
        too_long,
        lambda wire, seen: (seen.text, seen.stop) == ("Hel", StopReason.LENGTH),
    ),
    Fault(
        "refusal",
        lambda case: case.answers(*case.ends(case.wire.refusal)),
        ends_as("content_policy"),
    ),
    Fault(
        "cancelled by the caller",
        lambda case: case.answers(case.wire.text("Hel"), case.server.HANG),
        ends_as(CANCELLED),
    ),
    Fault("half a character", half_a_character, ends_as("ok", "障害")),
    Fault(
        "1 MB in one event",
        lambda case: case.answers(case.wire.text(MEGABYTE), *case.ends()),
        ends_as("ok", MEGABYTE),
    ),
]

NO_FILTER = "no filter in front of the model: refusing is left to the model's own words"
NO_BILL = "a server of one's own sends no bill"
NO_REFUSAL = "no stop reason stands for a refusal"
NOT_ON_THIS_WIRE = {
    **{(name, "400 policy"): NO_FILTER for name in ("ollama", "vllm", "lmstudio", "cohere")},
    ("bedrock", "400 policy"): "a guardrail answers 200: it is a stop reason, see refusal",
    ("vertex", "400 policy"): "a blocked prompt is answered 200: promptFeedback, see refusal",
    **{(name, "402 or quota"): NO_BILL for name in ("ollama", "vllm", "lmstudio")},
    **{(name, "refusal"): NO_REFUSAL for name in ("ollama", "cohere")},
}


async def see(case: Case, fault: Fault) -> Seen:
    async with case.manager() as manager:
        ask = cancelled_call if fault.name.startswith("cancelled") else call
        return await ask(manager, case)


async def call(manager: LLMProviderManager, case: Case) -> Seen:
    text, stop = "", None
    try:
        async for event in manager.stream(case.messages):
            text += getattr(event, "text", "")
            stop = getattr(event, "stop_reason", stop)
    except ProviderError as error:
        return seen_failure(error, text, len(case.server.chats))
    return Seen("ok", text, stop, requests=len(case.server.chats))


def seen_failure(error: ProviderError, text: str, requests: int) -> Seen:
    told = f"{error!r} {error} {error.__cause__!r} {error.attempts}"
    assert "secret" not in told
    cause = error.__cause__ if isinstance(error.__cause__, ProviderError) else error
    return Seen(error.attempts[-1].outcome, text, None, cause.retry_after, requests)


async def cancelled_call(manager: LLMProviderManager, case: Case) -> Seen:
    task = asyncio.create_task(manager.generate(case.messages))
    await case.server.asked.wait()
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await case.server.disconnected.wait()
    (status,) = manager.get_provider_health_status().values()
    assert (status["errors"], status["breaker"]) == ({}, "closed")
    return Seen(CANCELLED, requests=len(case.server.chats))


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
async def test_a_fault(
    fault: Fault,
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    fault_table: dict[tuple[str, str], str],
) -> None:
    cell = (wire.provider, fault.name)
    if cell in NOT_ON_THIS_WIRE:
        fault_table[cell] = f"n/a: {NOT_ON_THIS_WIRE[cell]}"
        return
    fault_table[cell] = "FAILED"
    case = Case(wire, server, make, messages)
    fault.arrange(case)
    seen = await see(case, fault)
    assert fault.expect(wire, seen), seen
    fault_table[cell] = "met"


def test_no_cell_of_the_table_is_missing(
    fault_table: dict[tuple[str, str], str], request: pytest.FixtureRequest
) -> None:
    """All ten by all faults are asked for, and each that was asked for left its mark."""
    cells = set(product(map(str, LLMProvider), (fault.name for fault in FAULTS)))
    assert len(cells) == 10 * 34
    assert set(NOT_ON_THIS_WIRE) <= cells
    asked = [item for item in request.session.items if item.name.startswith("test_a_fault[")]
    everything = len(asked) == len(cells)
    assert len(fault_table) == len(asked)
    assert not everything or set(fault_table) == cells
