"""What is peculiar to Anthropic's Messages API."""

from __future__ import annotations

from typing import Any

import pytest

from providers.errors import ContextOverflowError, StreamInterruptedError


def selects(wire: Any) -> bool:
    return wire.provider == "anthropic"


async def test_a_model_without_sampling_is_sent_no_temperature(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make(temperature=0.2).generate(messages)
    assert "temperature" not in server.chats[0].body


async def test_thinking_comes_on_top_of_the_cap(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make(max_tokens=1000).generate(messages)
    assert server.chats[0].body["max_tokens"] > 10_000


async def test_system_messages_are_joined_outside_of_the_turns(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make().generate([messages[0], messages[0], messages[1]])
    body = server.chats[0].body
    assert body["system"] == "Be brief.\n\nBe brief."
    assert [message["role"] for message in body["messages"]] == ["user"]


async def test_a_prompt_without_system_message_has_no_system(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make().generate(messages[1:])
    assert "system" not in server.chats[0].body


async def test_the_version_header_can_be_set_for_a_gateway(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_VERSION", "2023-06-01")
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make().generate(messages)
    assert server.chats[0].headers["anthropic-version"] == "2023-06-01"
    assert server.chats[0].headers["Authorization"] == "Bearer key-1"


async def test_a_stop_reason_without_message_stop_is_not_the_end(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing()[:-1])
    with pytest.raises(StreamInterruptedError):
        await make().generate(messages)


async def test_a_window_that_is_full_before_any_text(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), *wire.closing("model_context_window_exceeded"))
    with pytest.raises(ContextOverflowError):
        await make().generate(messages)


async def test_events_of_an_unknown_kind_are_passed_over(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    unknown = b'event: content_block_delta\ndata: {"type": "content_block_delta"}\n\n'
    signature = b'{"type": "content_block_delta", "delta": {"type": "signature_delta"}}'
    server.answers(
        *wire.opening(),
        unknown,
        b"event: content_block_delta\ndata: " + signature + b"\n\n",
        b'event: message_start\ndata: {"type": "message_start"}\n\n',
        wire.text("Hello"),
        *wire.closing(),
    )
    assert (await make().generate(messages)).content == "Hello"


async def test_a_retired_model_is_not_healthy(wire: Any, server: Any, make: Any) -> None:
    server.routes = wire.models("claude-other")
    health = await make().health_check()
    assert health.detail == "anthropic does not have the model (HTTP 404)"


async def test_a_known_model_has_a_price(wire: Any, server: Any, make: Any, messages: Any) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    response = await make().generate(messages)
    assert response.cost_usd is not None
    assert 0 < response.cost_usd < 0.01
