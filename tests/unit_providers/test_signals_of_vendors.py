"""Which error a vendor's words and statuses stand for."""

from __future__ import annotations

from typing import Any

import pytest

from providers.signals import error_for, read_signal, refused_parameter


def openai_error(message: str = "", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, openai_error(code="rate_limit_exceeded"), "rate_limited"),
        (429, openai_error(code="insufficient_quota"), "quota"),
        (429, {"error": {"type": "insufficient_quota"}}, "quota"),
        (403, openai_error(code="insufficient_quota"), "quota"),
        (400, openai_error(code="content_filter"), "content_policy"),
        (400, openai_error(code="invalid_prompt"), "content_policy"),
        (500, {"error": {"type": "overloaded_error"}}, "overloaded"),
        (None, {"error": {"type": "overloaded_error"}}, "overloaded"),
        (200, {"error": {"type": "rate_limit_error"}}, "rate_limited"),
        (None, {"error": {"type": "api_error"}}, "server_error"),
        (None, {"error": {"type": "not_found_error"}}, "model_not_found"),
        (None, {"error": {"type": "invalid_request_error"}}, "invalid_request"),
        (None, openai_error("prompt is too long: 9 tokens"), "context_overflow"),
        (None, {"error": {"code": 503}}, "overloaded"),
        (None, {"error": {"code": 429}}, "rate_limited"),
        (None, {"error": {"code": 7}}, "server_error"),
        (None, {"error": "it broke"}, "server_error"),
        (None, None, "server_error"),
        (400, {"message": "maximum context length is 4096", "code": 400}, "context_overflow"),
        (401, openai_error("context length"), "authentication"),
        (400, "not json", "invalid_request"),
        (400, ["odd"], "invalid_request"),
        (302, None, "malformed_response"),
        (405, None, "malformed_response"),
        (520, None, "server_error"),
    ],
)
def test_a_signal_is_one_kind_of_error(status: int | None, body: Any, kind: str) -> None:
    assert error_for(read_signal(status, body)).kind == kind


def test_an_error_quotes_nothing_of_the_vendor() -> None:
    """A code may be quoted where it is one of the known ones, and nothing else is."""
    body = openai_error("sk-secret", code="sk-secret", param="sk-secret")
    error = error_for(read_signal(400, body, {"Retry-After": "2"}))
    assert "secret" not in f"{error} {error!r} {vars(error)}"
    assert error.retry_after == 2.0


@pytest.mark.parametrize(
    ("status", "error", "sent", "refused"),
    [
        (400, {"message": "`temperature` is deprecated for this model."}, ["temperature"], True),
        (400, {"message": "Unsupported value", "param": "temperature"}, ["temperature"], True),
        (400, {"code": "unsupported_value", "param": "temperature"}, ["temperature"], True),
        (422, {"message": "temperature: Extra inputs are not permitted"}, ["temperature"], True),
        (400, {"message": "`temperature` must be between 0 and 2"}, ["temperature"], False),
        (400, {"message": "`temperature` is deprecated"}, [], False),
        (400, {"message": "unknown model"}, ["temperature"], False),
        (400, {"message": "temperatures are unsupported"}, ["temperature"], False),
        (500, {"message": "`temperature` is not supported"}, ["temperature"], False),
        (None, {"message": "`temperature` is not supported"}, ["temperature"], False),
    ],
)
def test_which_messages_refuse_a_parameter(
    status: int | None, error: dict[str, str], sent: list[str], refused: bool
) -> None:
    found = refused_parameter(read_signal(status, {"error": error}), sent)
    assert (found is not None and found.parameter == "temperature") is refused


def test_the_parameter_named_first_is_the_refused_one() -> None:
    message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    sent = ["max_completion_tokens", "max_tokens"]
    found = refused_parameter(read_signal(400, openai_error(message)), sent)
    assert found is not None
    assert (found.parameter, found.lasting) == ("max_tokens", True)


@pytest.mark.parametrize(
    "message",
    [
        "'max_tokens' or 'max_completion_tokens' is too large: 4096. maximum context length 4096",
        "maximum context length is 4096 tokens. You requested 4096 output tokens and 9 input",
    ],
)
def test_a_cap_that_does_not_fit_this_prompt_is_refused_for_once(message: str) -> None:
    found = refused_parameter(read_signal(400, openai_error(message)), ["max_tokens"])
    assert found is not None
    assert (found.parameter, found.lasting) == ("max_tokens", False)


def test_a_prompt_that_is_too_large_without_a_cap_is_an_overflow() -> None:
    signal = read_signal(400, openai_error("request too large for the context window"))
    assert refused_parameter(signal, ["temperature"]) is None
    assert error_for(signal).kind == "context_overflow"
