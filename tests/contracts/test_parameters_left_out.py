"""One request goes to any model: what it refuses is left out, and that is said once."""

from __future__ import annotations

from typing import Any

import pytest

from providers import LLMMessage

REFUSING = {
    "anthropic": "claude-opus-5-5",
    "openai": "gpt-6-sol",
    "azure": "gpt-6-sol",
    "vllm": "openai/gpt-6-sol",
    "cohere": "gpt-6-sol",
    "ollama": "gpt-6-sol",
    "bedrock": "global.anthropic.claude-sonnet-5",
}


def answer(wire: Any) -> list[bytes]:
    return [*wire.opening(), wire.text("Hello"), *wire.closing()]


def selects(wire: Any) -> bool:
    return wire.provider in REFUSING


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


async def test_a_temperature_for_a_model_that_takes_none_is_no_error(
    wire: Any, server: Any, make: Any, messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers(*answer(wire))
    model = REFUSING[wire.provider]
    provider = make(model=model, temperature=0.7)
    for _ in range(2):
        assert (await provider.generate(messages)).content == "Hello"
    assert [wire.temperature_of(request.body) for request in server.chats] == [None, None]
    assert warnings_of(caplog) == [f"{model} does not take temperature: left out"]


async def test_a_begun_answer_for_a_model_that_refuses_one_is_left_out(
    wire: Any, server: Any, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers(*answer(wire))
    provider = make(model="claude-opus-5-5")
    begun = [LLMMessage("user", "What broke?"), LLMMessage("assistant", "secret")]
    assert (await provider.generate(begun)).content == "Hello"
    assert "secret" not in str(server.chats[0].body)
    assert warnings_of(caplog) == ["claude-opus-5-5 does not take prefill: left out"]


async def test_a_model_without_a_system_role_is_told_all_the_same(
    wire: Any, server: Any, make: Any, messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers(*answer(wire))
    assert (await make(model="gemma2:9b").generate(messages)).content == "Hello"
    body = server.chats[0].body
    assert wire.roles_of(body) == ["user"]
    assert "Be brief." in str(body)
    assert warnings_of(caplog) == ["gemma2:9b does not take system role: left out"]


async def test_a_parameter_learned_from_a_refusal_is_said_once(
    wire: Any, server: Any, make: Any, messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = "`temperature` is deprecated for this model."
    server.fails(400, wire.error_body("invalid_request_error", refusal))
    server.answers(*answer(wire))
    provider = make(model=wire.sampling_model(), temperature=0.3)
    for _ in range(2):
        await provider.generate(messages)
    (warning,) = warnings_of(caplog)
    assert "temperature" in warning
    assert "deprecated" not in warning


def effort_of(body: dict[str, Any]) -> Any:
    """Return the level that was sent, wherever this wire has it."""
    configs = (body.get("output_config", {}), body.get("outputConfig", {}))
    return body.get("reasoning_effort") or next(
        (level for config in configs if (level := config.get("effort"))), None
    )


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("gpt-6-sol", "low", True),
        ("gpt-6-sol", "minimal", False),
        ("claude-opus-5-5", "max", True),
        ("claude-opus-5-5", "none", False),
        ("gpt-4.1", "low", False),
        ("unheard-of", "low", True),
    ],
)
async def test_an_effort_is_sent_where_wire_and_model_know_it(
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    caplog: pytest.LogCaptureFixture,
    model: str,
    effort: str,
    sent: bool,
) -> None:
    server.answers(*answer(wire))
    provider = make(model=model)
    provider.reasoning_effort = effort
    await provider.generate(messages)
    expected = sent and provider.sends_effort
    assert effort_of(server.chats[0].body) == (effort if expected else None)
    said = [f"{model} does not take reasoning effort {effort}: left out"]
    assert warnings_of(caplog) == ([] if expected else said)
