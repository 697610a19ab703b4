"""What is peculiar to servers that speak OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from providers.errors import (
    ContentPolicyError,
    ContextOverflowError,
    InvalidRequestError,
    MalformedResponseError,
    OverloadedError,
    ProviderError,
    ServerError,
    StreamInterruptedError,
)


def selects(wire: Any) -> bool:
    return wire.chat_path == "/v1/chat/completions"


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


async def test_finish_reason_is_enough_without_done_and_usage(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), wire.terminal())
    response = await make().generate(messages)
    assert (response.content, response.usage.estimated) == ("Hello", True)


async def test_a_missing_usage_is_waited_for_only_shortly(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello"), wire.terminal(), server.HANG)
    async with asyncio.timeout(5):
        response = await make().generate(messages)
    assert (response.content, response.usage.estimated) == ("Hello", True)
    async with asyncio.timeout(5):
        await server.disconnected.wait()


async def test_a_fault_behind_a_whole_answer_costs_nothing(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    whole = (*wire.opening(), wire.text("Hello"), wire.terminal())
    server.answers(*whole, server.CUT)
    server.answers(*whole, wire.unreadable)
    provider = make()
    for _ in range(2):
        assert (await provider.generate(messages)).content == "Hello"


async def test_done_alone_is_no_success(wire: Any, server: Any, make: Any, messages: Any) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), b"data: [DONE]\n\n")
    with pytest.raises(StreamInterruptedError):
        await make().generate(messages)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"type": "InternalServerError", "code": 500}, ServerError),
        ({"type": "Unavailable", "code": 503}, OverloadedError),
        ({"code": "context_length_exceeded"}, ContextOverflowError),
    ],
)
async def test_an_event_that_is_an_error_ends_the_answer_whatever_follows(
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    error: dict[str, Any],
    expected: type[ProviderError],
) -> None:
    server.answers(wire.text("Hel"), event({"error": error}), *wire.closing())
    with pytest.raises(expected):
        await make().generate(messages)


async def test_a_plain_json_answer_is_no_stream(server: Any, make: Any, messages: Any) -> None:
    server.fails(200, {"choices": [{"message": {"content": "Hello"}}]})
    with pytest.raises(MalformedResponseError):
        await make().generate(messages)


async def test_the_cap_goes_into_the_other_field_where_one_is_refused(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    mine, other = "max_tokens", "max_completion_tokens"
    if wire.provider == "openai":
        mine, other = other, mine
    message = f"Unsupported parameter: '{mine}' is not supported. Use '{other}' instead."
    refusal = {"message": message, "type": "invalid_request_error", "param": mine}
    server.fails(400, {"error": {**refusal, "code": "unsupported_parameter"}})
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    provider = make(max_tokens=50)
    for _ in range(2):
        await provider.generate(messages)
    first, second, third = (request.body for request in server.chats)
    assert (first.get(mine), first.get(other)) == (50, None)
    assert (second.get(mine), second.get(other)) == (None, 50)
    assert (third.get(mine), third.get(other)) == (None, 50)


async def test_a_cap_larger_than_the_window_is_left_out_for_this_prompt_only(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    message = "'max_tokens' or 'max_completion_tokens' is too large: 4096. maximum context length"
    server.fails(400, {"error": {"message": message, "type": "BadRequestError"}})
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    provider = make(max_tokens=50)
    for _ in range(2):
        await provider.generate(messages)
    caps = [
        request.body.get("max_tokens") or request.body.get("max_completion_tokens")
        for request in server.chats
    ]
    assert caps[0] == 50
    assert caps[-1] == 50
    assert len(caps) <= 4


async def test_a_server_that_refuses_everything_is_asked_a_bounded_number_of_times(
    server: Any, make: Any, messages: Any
) -> None:
    names = "temperature, max_tokens, max_completion_tokens and stream_options"
    server.fails(400, {"error": {"message": f"not supported: {names}"}})
    with pytest.raises(InvalidRequestError):
        await make(temperature=0.5).generate(messages)
    assert len(server.chats) == 5


async def test_text_of_a_refusal_is_not_an_answer(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    refusal = {"choices": [{"index": 0, "delta": {"refusal": "I cannot"}}]}
    server.answers(event(refusal), *wire.closing())
    with pytest.raises(ContentPolicyError):
        await make().generate(messages)


async def test_events_of_an_unknown_shape_are_passed_over(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(
        event({"choices": [], "prompt_filter_results": []}),
        event({"choices": [{"index": 0, "delta": None}]}),
        event({"note": "new"}),
        wire.text("Hello"),
        *wire.closing(),
    )
    assert (await make().generate(messages)).content == "Hello"


async def test_lines_may_end_as_on_windows(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    whole = [*wire.opening(), wire.text("Hello"), *wire.closing()]
    server.answers(*(piece.replace(b"\n", b"\r\n") for piece in whole))
    assert (await make().generate(messages)).content == "Hello"


async def test_a_netrc_entry_does_not_replace_the_key(
    wire: Any, server: Any, make: Any, messages: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    await make().generate(messages)
    assert server.chats[0].headers["Authorization"] == "Bearer key-1"


async def test_usage_that_never_comes_is_estimated_and_flagged(
    wire: Any, server: Any, provider: Any, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hello world"), wire.terminal())
    usage = (await provider.generate(messages)).metadata["usage"]
    assert usage == {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "estimated": True,
    }
