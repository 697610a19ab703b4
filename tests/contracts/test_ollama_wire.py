"""What is peculiar to Ollama's native chat."""

from __future__ import annotations

from typing import Any

import pytest

from providers.errors import StreamInterruptedError


def selects(wire: Any) -> bool:
    return wire.provider == "ollama"


async def test_the_window_is_named_and_nothing_is_cut_silently(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make(max_tokens=50).generate(messages)
    body = server.chats[0].body
    assert (body["truncate"], body["shift"], body["stream"]) == (False, False, True)
    assert body["options"] == {"num_ctx": 8192, "num_predict": 50}


async def test_the_window_can_be_set(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_NUM_CTX", "16384")
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make().generate(messages)
    await make(num_ctx=4096).generate(messages)
    assert [chat.body["options"]["num_ctx"] for chat in server.chats] == [16384, 4096]


async def test_done_without_a_reason_is_a_lost_runner(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    done = b'{"model": "gemma4", "message": {"content": "."}, "done": true}\n'
    server.answers(wire.text("Hel"), done)
    with pytest.raises(StreamInterruptedError):
        await make().generate(messages)


async def test_counts_that_are_missing_are_guessed_and_not_zero(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    done = b'{"model": "gemma4", "done": true, "done_reason": "stop", "eval_count": 4}'
    server.answers(wire.text("Hello"), done)
    usage = (await make().generate(messages)).usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (5, 4)
    assert usage.estimated


async def test_a_name_without_tag_means_latest(wire: Any, server: Any, make: Any) -> None:
    server.routes = wire.models("gemma4:latest")
    assert (await make().health_check()).ok


async def test_the_users_own_machine_costs_nothing(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    assert (await make().generate(messages)).cost_usd == 0.0
