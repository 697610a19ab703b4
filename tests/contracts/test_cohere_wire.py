"""What only Cohere's wire does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.base import TextDelta, Thinking
from providers.errors import OverloadedError, ServerError, StreamInterruptedError


def selects(wire: Any) -> bool:
    return wire.provider == "cohere"


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


async def test_a_plan_for_tools_is_thinking(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    plan = event({"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "hmm"}}})
    citation = event({"type": "citation-start", "index": 0, "delta": {}})
    server.answers(*wire.opening(), plan, wire.text("So."), citation, *wire.closing())
    events = [event async for event in provider.stream(messages)]
    assert events[:-1] == [Thinking(3), TextDelta("So.")]


async def test_text_may_come_with_the_start_of_its_block(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    content = {"message": {"content": {"type": "text", "text": "Hello"}}}
    start = event({"type": "content-start", "index": 0, "delta": content})
    server.answers(start, *wire.closing())
    assert (await provider.generate(messages)).content == "Hello"


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"message": "secret text"}, ServerError),
        ({"error": {"message": "secret", "type": "overloaded_error"}}, OverloadedError),
    ],
)
async def test_an_event_without_a_type_is_an_error(
    wire: Any, server: Any, provider: Any, messages: Any, told: Any, error: type[Exception]
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), event(told))
    with pytest.raises(error) as caught:
        await provider.generate(messages)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("end", [{}, {"delta": None}, {"delta": {"finish_reason": None}}])
async def test_an_end_without_a_reason_is_no_whole_answer(
    wire: Any, server: Any, provider: Any, messages: Any, end: dict[str, Any]
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), event({"type": "message-end", **end}))
    with pytest.raises(StreamInterruptedError):
        await provider.generate(messages)


@pytest.mark.parametrize("suffix", ["/v2", "/v2/", "/proxy/v1"])
async def test_the_versions_are_those_of_the_calls(
    wire: Any, server: Any, make: Any, messages: Any, suffix: str
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make(base_url=server.url + suffix).generate(messages)
    place = "/proxy" if "proxy" in suffix else ""
    assert server.chats[0].path == f"{place}/v2/chat"
