"""What is peculiar to Vertex AI: Gemini's chunks, Google's errors, who asks, and where."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from providers import VertexProvider
from providers.errors import (
    ConfigurationError,
    ContentPolicyError,
    RateLimitedError,
)


def selects(wire: Any) -> bool:
    return wire.provider == "vertex"


def hello(wire: Any) -> list[bytes]:
    return [*wire.opening(), wire.text("Hello"), *wire.closing()]


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


async def test_gemini_is_sent_turns_system_and_its_own_names(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*hello(wire))
    provider = make(max_tokens=50, temperature=0.1)
    await provider.generate([*messages, messages[1]])
    (request,) = server.chats
    text = {"text": "What broke?"}
    assert request.body == {
        "contents": [{"role": "user", "parts": [text, text]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {"maxOutputTokens": 50, "temperature": 0.1},
    }
    assert request.raw_path.endswith(":streamGenerateContent?alt=sse")
    assert request.headers["x-goog-api-key"] == "key-1"


async def test_a_model_that_thinks_is_asked_to_show_it_and_one_that_is_fixed_is_not_tuned(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*hello(wire))
    model = "gemini-3.8-flash"
    await make(model=model, temperature=0.7, reasoning_effort="low").generate(messages)
    sent = server.chats[0].body["generationConfig"]
    assert sent["thinkingConfig"] == {"includeThoughts": True, "thinkingLevel": "LOW"}
    assert "temperature" not in sent
    assert sent["maxOutputTokens"] > 10_000


async def test_thinking_that_is_refused_is_left_out(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    refusal = 'Invalid JSON payload received. Unknown name "thinkingConfig": Cannot find field.'
    server.fails(400, wire.error_body("invalid_request_error", refusal))
    server.answers(*hello(wire))
    assert (await make(model="gemini-3.8-flash").generate(messages)).content == "Hello"
    assert "thinkingConfig" not in server.chats[1].body["generationConfig"]


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "MODEL_ARMOR"])
async def test_a_withheld_answer_is_a_refusal(
    wire: Any, server: Any, make: Any, messages: Any, reason: str
) -> None:
    server.answers(*wire.opening(), *wire.closing(reason))
    with pytest.raises(ContentPolicyError):
        await make().generate(messages)


async def test_a_blocked_prompt_is_a_refusal(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "secret text"}
    server.answers(event({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 5}}))
    with pytest.raises(ContentPolicyError) as caught:
        await make().generate(messages)
    assert "secret" not in str(caught.value)


async def test_odd_chunks_are_passed_over(wire: Any, server: Any, make: Any, messages: Any) -> None:
    server.answers(
        event({"candidates": []}),
        event({"candidates": ["x"], "responseId": "resp-1"}),
        event({"candidates": [{"content": {"parts": ["x", {"functionCall": {}}]}}]}),
        event({"candidates": [{"content": None}], "usageMetadata": {"totalTokenCount": 1}}),
        *hello(wire),
    )
    response = await make().generate(messages)
    assert (response.content, response.request_id) == ("Hello", "resp-1")


async def test_how_long_to_wait_is_in_the_details(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    kind = "type.googleapis.com/google.rpc.RetryInfo"
    details = [{"@type": kind, "retryDelay": "13.5s"}, "odd"]
    server.fails(429, {"error": {"code": 429, "message": "secret text", "details": details}})
    with pytest.raises(RateLimitedError) as caught:
        await make().generate(messages)
    assert caught.value.retry_after == 13.5


async def test_a_token_is_read_for_every_request_and_goes_before_the_key(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERTEX_PROJECT", "my-project")
    monkeypatch.setenv("VERTEX_API_KEY", "key-2")
    server.answers(*hello(wire))
    provider = make(api_key=None)
    for token in ("token-1", "token-2"):
        monkeypatch.setenv("VERTEX_ACCESS_TOKEN", token)
        await provider.generate(messages)
    monkeypatch.delenv("VERTEX_ACCESS_TOKEN")
    await provider.generate(messages)
    sent = [request.headers.get("Authorization") for request in server.chats]
    assert sent == ["Bearer token-1", "Bearer token-2", None]
    assert server.chats[2].headers["x-goog-api-key"] == "key-2"
    place = "/v1/projects/my-project/locations/global/publishers/google/models/"
    assert server.chats[0].path.startswith(place)


async def test_a_token_that_no_header_can_carry(
    server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERTEX_PROJECT", "my-project")
    monkeypatch.setenv("VERTEX_ACCESS_TOKEN", "to…ken")
    with pytest.raises(ConfigurationError, match="VERTEX_ACCESS_TOKEN is malformed"):
        await make(api_key=None).generate(messages)


async def test_without_project_or_key_nothing_is_asked(
    server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERTEX_ACCESS_TOKEN", "token-1")
    with pytest.raises(ConfigurationError, match="VERTEX_PROJECT is not set"):
        await make(api_key=None).generate(messages)
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "https://aiplatform.googleapis.com/v1/publishers/google/models/m"),
        (
            {"project": "p", "location": "europe-west4"},
            "https://europe-west4-aiplatform.googleapis.com/v1"
            "/projects/p/locations/europe-west4/publishers/google/models/m",
        ),
        (
            {"project": "p", "location": "eu", "model": "claude-sonnet-4-5@20250929"},
            "https://aiplatform.eu.rep.googleapis.com/v1"
            "/projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-4-5%4020250929",
        ),
        (
            {"base_url": "https://generativelanguage.googleapis.com/v1beta"},
            "https://generativelanguage.googleapis.com/v1beta/models/m",
        ),
    ],
)
def test_the_address_of_a_model(
    clean_environment: None, arguments: dict[str, str], expected: str
) -> None:
    provider = VertexProvider(**{"model": "m", "api_key": "key-1", **arguments})
    assert provider.model_url(within_project=True) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"VERTEX_API_KEY": "k"}, True),
        ({"VERTEX_ACCESS_TOKEN": "t"}, True),
        ({"GOOGLE_CLOUD_PROJECT": "p"}, True),
    ],
)
def test_whether_it_is_configured(
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    expected: bool,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert VertexProvider.configured() is expected


async def test_a_probe_that_is_answered_by_a_stranger(server: Any, make: Any, wire: Any) -> None:
    server.routes = {path: {"hello": "world"} for path in wire.models(wire.model)}
    health = await make().health_check()
    assert not health.ok


async def test_no_library_for_credentials_is_said(
    make: Any, server: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    monkeypatch.setenv("VERTEX_PROJECT", "my-project")
    with pytest.raises(ConfigurationError, match="google-auth not installed"):
        await make(api_key=None).generate(messages)
    assert server.requests == []
