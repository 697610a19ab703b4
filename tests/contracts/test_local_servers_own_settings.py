"""What vLLM, LM Studio and Ollama take beyond the wire that they share."""

from __future__ import annotations

from typing import Any

import pytest

OWN = {
    "vllm": {"top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1},
    "lmstudio": {"ttl": 600, "repeat_penalty": 1.1},
}


def selects(wire: Any) -> bool:
    return wire.provider in (*OWN, "ollama")


def answer(wire: Any) -> list[bytes]:
    return [*wire.opening(), wire.text("Hello"), *wire.closing()]


async def test_what_is_not_set_is_not_sent(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    server.answers(*answer(wire))
    await provider.generate(messages)
    sent = server.chats[0].body
    assert not {"top_k", "min_p", "repetition_penalty", "ttl", "keep_alive"} & set(sent)


async def test_what_is_set_is_sent_and_may_be_refused(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = OWN.get(wire.provider, {})
    for name, value in own.items():
        monkeypatch.setenv(f"{wire.provider.upper()}_{name.upper()}", str(value))
    *taken, refused = own or ("num_ctx", "num_predict")
    message = f"Unrecognized request argument supplied: {refused}"
    server.fails(400, wire.error_body("invalid_request_error", message))
    server.answers(*answer(wire))
    await make().generate(messages)
    first, second = (request.body.get("options", request.body) for request in server.chats)
    assert {name: first[name] for name in own} == own
    assert refused in first
    assert refused not in second
    assert all(name in second for name in taken)


@pytest.mark.parametrize(("setting", "sent"), [("30m", "30m"), ("-1", -1), ("600", 600)])
async def test_how_long_ollama_keeps_a_model(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: Any, setting: str, sent: Any
) -> None:
    monkeypatch.setenv("OLLAMA_KEEP_ALIVE", setting)
    server.answers(*answer(wire))
    await make().generate(messages)
    expected = sent if wire.provider == "ollama" else None
    assert server.chats[0].body.get("keep_alive") == expected
