"""Anthropic's models on Vertex AI: their own wire, at Google's address."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from providers import BaseLLMProvider
from providers.base import Thinking
from providers.errors import (
    ContentPolicyError,
    OverloadedError,
    RateLimitedError,
    StreamInterruptedError,
)

MODEL = "claude-sonnet-4-6"
PLACE = f"/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/{MODEL}"


def selects(wire: Any) -> bool:
    return wire.provider == "vertex"


@pytest.fixture
def claude() -> Any:
    return sys.modules["contracts_wire_anthropic"].AnthropicWire()


@pytest.fixture
def provider(make: Any) -> BaseLLMProvider:
    provider: BaseLLMProvider = make(
        model=MODEL, project="my-project", location="us-east5", temperature=0.2, max_tokens=50
    )
    return provider


async def test_the_model_is_in_the_address_and_the_version_in_the_body(
    claude: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*claude.opening(), claude.text("Hello"), *claude.closing())
    response = await provider.generate(messages)
    assert (response.content, response.provider) == ("Hello", "vertex")
    assert (response.stop_reason, response.usage.total_tokens) == ("stop", 18)
    (request,) = server.chats
    assert request.path == f"{PLACE}:streamRawPredict"
    assert request.body == {
        "anthropic_version": "vertex-2023-10-16",
        "max_tokens": 50,
        "stream": True,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "What broke?"}],
        "temperature": 0.2,
    }


async def test_thinking_pings_and_refusals_are_anthropics(
    claude: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    beat = claude.keep_alive
    server.answers(*claude.opening(), beat, claude.thinking("hmm"), *claude.closing("refusal"))
    server.answers(*claude.opening(), claude.thinking("hmm"), claude.text("a"), *claude.closing())
    with pytest.raises(ContentPolicyError):
        await provider.generate(messages)
    events = [event async for event in provider.stream(messages)]
    assert events[0] == Thinking(3)


async def test_an_error_event_is_raised(
    claude: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*claude.opening(), claude.text("Hel"), claude.in_band("overloaded_error"))
    with pytest.raises(OverloadedError) as caught:
        await provider.generate(messages)
    assert "secret" not in str(caught.value)


async def test_an_end_without_message_stop_is_no_answer(
    claude: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*claude.opening(), claude.text("Hello"), *claude.closing()[:-1])
    with pytest.raises(StreamInterruptedError):
        await provider.generate(messages)


async def test_errors_come_in_either_ones_words(
    claude: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.fails(529, claude.error_body("overloaded_error"))
    server.fails(429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}})
    for expected in (OverloadedError, RateLimitedError):
        with pytest.raises(expected):
            await provider.generate(messages)


async def test_a_claude_of_today_is_sent_an_effort_and_no_temperature(
    claude: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*claude.opening(), claude.text("Hello"), *claude.closing())
    arguments = {"model": "claude-sonnet-5", "temperature": 0.7, "reasoning_effort": "high"}
    await make(**arguments, project="p").generate(messages)
    body = server.chats[0].body
    assert "temperature" not in body
    assert body["output_config"] == {"effort": "high"}


async def test_health_asks_for_anthropics_model(server: Any, provider: BaseLLMProvider) -> None:
    path = f"/v1/publishers/anthropic/models/{MODEL}"
    server.routes = {path: {"name": f"publishers/anthropic/models/{MODEL}"}}
    health = await provider.health_check()
    assert (health.ok, health.detail) == (True, "")
