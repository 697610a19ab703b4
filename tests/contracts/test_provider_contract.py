"""What every provider promises, over its real wire."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from providers import BaseLLMProvider, LLMMessage
from providers.base import Finished, StopReason, StreamEvent, TextDelta, Thinking
from providers.errors import (
    ConfigurationError,
    ConnectionLostError,
    ContentGapTimeoutError,
    EmptyResponseError,
    FirstContentTimeoutError,
    InvalidRequestError,
    MalformedResponseError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    ServerError,
    StreamInterruptedError,
    UnreachableError,
)

STATUSES = {
    400: "invalid_request",
    401: "authentication",
    402: "quota",
    403: "authentication",
    404: "model_not_found",
    405: "malformed_response",
    408: "server_error",
    409: "server_error",
    413: "context_overflow",
    422: "invalid_request",
    429: "rate_limited",
    500: "server_error",
    502: "server_error",
    503: "overloaded",
    504: "overloaded",
    529: "overloaded",
}

WITHOUT_CODES = ("ollama", "cohere")
"""Wires whose errors inside a stream are words alone."""


async def collect(provider: BaseLLMProvider, messages: Any, **arguments: Any) -> list[StreamEvent]:
    return [event async for event in provider.stream(messages, **arguments)]


async def collect_until_error(provider: BaseLLMProvider, messages: Any) -> tuple[str, Any]:
    text = ""
    try:
        async for event in provider.stream(messages):
            text += event.text if isinstance(event, TextDelta) else ""
    except ProviderError as error:
        return text, error
    return text, None


def answer(wire: Any, *pieces: str, stop: str | None = None) -> list[bytes]:
    closing = wire.closing(stop) if stop else wire.closing()
    return [*wire.opening(), *map(wire.text, pieces), *closing]


async def test_an_answer_arrives_as_text_and_ends_with_finished(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*answer(wire, "Hello ", "world"), **{wire.request_id_header: "req-7"})
    *pieces, finished = await collect(provider, messages)
    assert pieces == [TextDelta("Hello "), TextDelta("world")]
    assert isinstance(finished, Finished)
    assert (finished.provider, finished.model) == (wire.provider, wire.model)
    assert finished.model_version == wire.version
    assert finished.stop_reason is StopReason.STOP
    assert finished.request_id == "req-7"
    assert finished.time_to_first_token is not None
    assert 0 < finished.time_to_first_token <= finished.latency_seconds


async def test_generate_is_the_folded_stream(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*answer(wire, "Hello ", "world"))
    response = await provider.generate(messages)
    assert response.content == "Hello world"
    assert response.provider == wire.provider
    assert response.metadata["model_version"] == wire.version
    assert response.metadata["usage"]["total_tokens"] == 18


async def test_usage_is_what_the_vendor_counted(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*answer(wire, "Hello"))
    usage = (await provider.generate(messages)).usage
    counted = (
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.cached_tokens,
        usage.reasoning_tokens,
    )
    assert counted == wire.usage


async def test_the_request_carries_prompt_model_cap_and_key(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.answers(*answer(wire, "Hello"))
    await make(model=wire.sampling_model(), max_tokens=99, temperature=0.0).generate(messages)
    (request,) = server.chats
    assert request.path == wire.chat_path
    assert wire.roles_of(request.body) == ["system", "user"]
    assert wire.sampling_model() in f"{request.path} {request.body.get('model')}"
    assert "': 99" in str(request.body)
    assert wire.temperature_of(request.body) == 0.0
    assert "key-1" in str(request.headers)


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_the_base_url_is_taken_with_and_without_version(
    wire: Any, server: Any, make: Any, messages: Any, suffix: str
) -> None:
    server.answers(*answer(wire, "Hello"))
    await make(base_url=server.url + suffix).generate(messages)
    assert server.chats[0].path == wire.chat_path


async def test_every_stop_reason_is_normalised_and_kept(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    for raw in wire.stops:
        server.answers(*answer(wire, "Hello", stop=raw))
    for raw, normalised in wire.stops.items():
        response = await provider.generate(messages)
        assert (response.raw_stop_reason, response.stop_reason) == (raw, normalised)


async def test_thinking_is_progress_and_no_text(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.thinking("hmm"), wire.text("So."), *wire.closing())
    events = await collect(provider, messages)
    assert events[:2] == [Thinking(3), TextDelta("So.")]


async def test_each_status_is_one_kind_of_error(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    for status in STATUSES:
        server.fails(status, {"error": {"message": "secret text"}})
    for status, kind in STATUSES.items():
        _, error = await collect_until_error(provider, messages)
        assert (error.kind, error.status) == (kind, status)
        assert (error.provider, error.model) == (wire.provider, wire.model)
        assert "secret" not in str(error)
    assert len(server.chats) == len(STATUSES)


async def test_what_the_vendor_says_goes_before_the_status(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    for status, body, _ in wire.failures():
        server.fails(status, body)
    for status, body, kind in wire.failures():
        _, error = await collect_until_error(provider, messages)
        assert error.kind == kind, (status, body)
        assert "secret" not in repr(error)
    assert len(server.chats) == len(wire.failures())


async def test_an_error_page_is_judged_by_its_status(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.sends_page("<html>secret text</html>", status=502)
    with pytest.raises(ServerError):
        await provider.generate(messages)


async def test_retry_after_is_handed_on_and_the_adapter_itself_does_not_retry(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.fails(429, {"error": {"message": "slow down"}}, Retry_After="7")
    with pytest.raises(RateLimitedError) as caught:
        await provider.generate(messages)
    assert caught.value.retry_after == 7.0
    assert len(server.chats) == 1


async def test_an_error_inside_the_stream_before_any_text(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.in_band("overloaded_error"))
    text, error = await collect_until_error(provider, messages)
    expected = ServerError if wire.provider in WITHOUT_CODES else OverloadedError
    assert (text, type(error)) == ("", expected)
    assert "secret" not in str(error)


async def test_an_error_inside_the_stream_after_text_is_no_success(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), wire.in_band("server_error"))
    text, error = await collect_until_error(provider, messages)
    assert (text, type(error)) == ("Hel", ServerError)


async def test_a_reset_before_any_answer(
    server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.resets()
    with pytest.raises(ConnectionLostError):
        await provider.generate(messages)
    assert len(server.chats) == 1


async def test_a_reset_in_the_middle(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), server.CUT)
    text, error = await collect_until_error(provider, messages)
    assert (text, type(error)) == ("Hel", StreamInterruptedError)


async def test_a_polite_end_in_the_middle_is_no_answer(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Half an ans"))
    text, error = await collect_until_error(provider, messages)
    assert (text, type(error)) == ("Half an ans", StreamInterruptedError)


async def test_a_stream_without_any_event_is_no_answer(
    server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers()
    with pytest.raises(StreamInterruptedError):
        await provider.generate(messages)


@pytest.mark.parametrize("pieces", [(), (" ", "\n")])
async def test_a_whole_answer_without_a_word_is_an_error(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any, pieces: tuple[str, ...]
) -> None:
    server.answers(*answer(wire, *pieces))
    with pytest.raises(EmptyResponseError):
        await provider.generate(messages)


async def test_a_cap_spent_on_thinking_is_an_empty_answer(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    length = next(raw for raw, normalised in wire.stops.items() if normalised == "length")
    server.answers(*wire.opening(), wire.thinking("hmm"), *wire.closing(length))
    with pytest.raises(EmptyResponseError, match="token limit"):
        await provider.generate(messages)


async def test_a_page_of_html_is_no_answer(
    server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.sends_page("<html>Sign in: secret text</html>")
    with pytest.raises(MalformedResponseError) as caught:
        await provider.generate(messages)
    assert "secret" not in str(caught.value)


async def test_one_unreadable_event(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    """Our own clients skip it; the SDKs give up at it, and that is said."""
    server.answers(
        *wire.opening(), wire.text("a"), wire.unreadable, wire.text("b"), *wire.closing()
    )
    text, error = await collect_until_error(provider, messages)
    if wire.skips_unreadable:
        assert (text, error) == ("ab", None)
    else:
        assert (text, type(error)) == ("a", MalformedResponseError)


async def test_many_unreadable_events(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("a"), *[wire.unreadable] * 3, *wire.closing())
    text, error = await collect_until_error(provider, messages)
    assert (text, type(error)) == ("a", MalformedResponseError)


async def test_keep_alives_are_not_content(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    beat = wire.keep_alive
    server.answers(beat, *wire.opening(), beat, wire.text("a"), beat, beat, *wire.closing())
    events = await collect(provider, messages)
    assert events[:-1] == [TextDelta("a")]


async def test_a_character_may_be_split_between_two_reads(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    encoded = wire.text("障害")
    middle = encoded.index("障".encode()) + 1
    halves = (encoded[:middle], 0.02, encoded[middle:])
    server.answers(*wire.opening(), *halves, *wire.closing())
    assert (await provider.generate(messages)).content == "障害"


async def test_an_aborted_answer_is_not_whole(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    for raw in wire.aborts:
        server.answers(*wire.opening(), wire.text("Hel"), *wire.closing(raw))
    for _ in wire.aborts:
        text, error = await collect_until_error(provider, messages)
        assert (text, type(error)) == ("Hel", StreamInterruptedError)


async def test_a_server_that_never_closes_does_not_hold_up_a_whole_answer(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*answer(wire, "Hello"), server.HANG)
    async with asyncio.timeout(5):
        assert (await provider.generate(messages)).content == "Hello"


async def test_a_refused_parameter_is_left_out_at_once_and_from_then_on(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    refusal = "`temperature` is deprecated for this model."
    server.fails(400, wire.error_body("invalid_request_error", refusal))
    server.answers(*answer(wire, "Hello"))
    provider = make(model=wire.sampling_model(), temperature=0.3)
    assert (await provider.generate(messages)).content == "Hello"
    assert (await provider.generate(messages)).content == "Hello"
    sent = [wire.temperature_of(request.body) for request in server.chats]
    assert sent == [0.3, None, None]


async def test_a_parameter_that_was_not_sent_is_no_reason_to_ask_again(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    refusal = "`temperature` is deprecated for this model."
    server.fails(400, wire.error_body("invalid_request_error", refusal))
    with pytest.raises(InvalidRequestError):
        await provider.generate(messages)
    assert len(server.chats) == 1


async def test_a_caller_who_closes_ends_the_request(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*wire.opening(), wire.text("Hel"), server.HANG)
    events = cast("AsyncIterator[StreamEvent]", provider.stream(messages))
    async with aclosing(cast("Any", events)):
        assert await anext(events) == TextDelta("Hel")
    async with asyncio.timeout(5):
        await server.disconnected.wait()


@pytest.mark.parametrize("begun", [True, False])
async def test_a_caller_who_is_cancelled_ends_the_request(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any, begun: bool
) -> None:
    server.answers(*([*wire.opening(), wire.text("Hel")] if begun else []), server.HANG)
    task = asyncio.create_task(provider.generate(messages))
    await server.asked.wait()
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await server.disconnected.wait()


@pytest.mark.parametrize(
    ("pieces", "expected"), [((), FirstContentTimeoutError), (("a",), ContentGapTimeoutError)]
)
async def test_a_caller_without_clocks_is_told_of_silence(
    wire: Any,
    server: Any,
    provider: Any,
    messages: Any,
    pieces: tuple[str, ...],
    expected: type[ProviderError],
) -> None:
    provider.read_timeout = 0.1
    server.answers(*wire.opening(), *map(wire.text, pieces), server.HANG)
    with pytest.raises(expected):
        await provider.generate(messages)


async def test_a_server_that_is_not_there(make: Any, messages: Any, unused_tcp_port: int) -> None:
    provider = make(base_url=f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(UnreachableError):
        await provider.generate(messages, connect_timeout=2.0)
    health = await provider.health_check()
    assert not health.ok
    assert "cannot be reached" in health.detail


async def test_health_asks_for_models_and_spends_nothing(
    wire: Any, server: Any, provider: BaseLLMProvider
) -> None:
    server.routes = wire.models(wire.model, "model-b")
    health = await provider.health_check()
    assert (health.ok, health.detail) == (True, "")
    assert wire.model in health.models
    assert health.checked.startswith(("GET /", "POST /"))
    assert health.latency_seconds is not None
    assert server.chats == []


async def test_health_says_that_the_model_is_missing(
    wire: Any, server: Any, provider: BaseLLMProvider
) -> None:
    server.routes = wire.models("model-b")
    health = await provider.health_check()
    assert health.ok is not getattr(wire, "lists_deployments", True)
    assert "model" in health.detail or "deployment" in health.detail
    assert "secret" not in health.detail


@pytest.mark.parametrize("answer", [401, 503, "<html>secret text</html>"])
async def test_health_never_raises_nor_quotes(
    wire: Any, server: Any, provider: BaseLLMProvider, answer: Any
) -> None:
    server.routes = dict.fromkeys(wire.models(wire.model), answer)
    health = await provider.health_check()
    assert not health.ok
    assert health.detail
    assert "secret" not in health.detail


async def test_nothing_is_sent_by_initialize_and_close_may_come_twice(
    server: Any, provider: BaseLLMProvider
) -> None:
    await provider.initialize()
    await provider.initialize()
    assert server.requests == []
    await provider.close()
    await provider.close()


async def test_many_answers_in_a_row_and_at_once(
    wire: Any, server: Any, provider: BaseLLMProvider, messages: Any
) -> None:
    server.answers(*answer(wire, "Hello"))
    for _ in range(5):
        await provider.generate(messages)
    responses = await asyncio.gather(*(provider.generate(messages) for _ in range(8)))
    assert {response.content for response in responses} == {"Hello"}


async def test_proxy_variables_are_obeyed(
    wire: Any, server: Any, make: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.answers(*answer(wire, "Hello"))
    provider = make(base_url="http://model.invalid")
    assert (await provider.generate(messages)).content == "Hello"
    assert server.chats[0].headers["Host"] == "model.invalid"


async def test_a_server_without_tls_behind_an_https_address(
    server: Any, make: Any, messages: Any
) -> None:
    provider = make(base_url=server.url.replace("http:", "https:"))
    with pytest.raises(UnreachableError):
        await provider.generate(messages)


@pytest.mark.parametrize("base_url", ["nonsense", "http://[bad", "http://host:999999"])
async def test_a_malformed_address_is_a_matter_of_configuration(
    make: Any, messages: Any, base_url: str
) -> None:
    with pytest.raises(ConfigurationError):
        await make(base_url=base_url).generate(messages)


async def test_a_key_that_no_header_can_carry(make: Any, server: Any, messages: Any) -> None:
    with pytest.raises(ConfigurationError, match="_API_KEY is malformed") as caught:
        await make(api_key="sk-…secret").generate(messages)
    assert "secret" not in str(caught.value)
    assert server.requests == []


async def test_a_connection_that_is_never_accepted_is_given_up_in_time(
    make: Any, messages: Any
) -> None:
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            # They fill the queue of the kernel: the next one gets no answer at all.
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        provider = make(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(UnreachableError, match="connect timeout"):
            await provider.generate(messages, connect_timeout=0.1)


async def test_nothing_that_was_asked_or_answered_is_logged(
    wire: Any,
    server: Any,
    make: Any,
    messages: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers(*answer(wire, "a-secret-answer"))
    server.fails(400, wire.error_body("invalid_request_error"))
    provider = make(api_key="a-secret-key")
    prompt = [LLMMessage("user", "a-secret-question")]
    await provider.generate(prompt)
    with pytest.raises(InvalidRequestError):
        await provider.generate(prompt)
    assert "secret" not in caplog.text
