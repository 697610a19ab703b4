"""What a vendor's error says, and which of our errors that is.

Looked at in this order, since many vendors put several failures under one status: the vendor's
code and type, the few messages that have no code, the status.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from providers.errors import (
    AuthenticationError,
    ContentPolicyError,
    ContextOverflowError,
    InvalidRequestError,
    MalformedResponseError,
    ModelNotFoundError,
    OverloadedError,
    ProviderError,
    QuotaExceededError,
    RateLimitedError,
    ServerError,
)
from providers.wire import retry_after


@dataclass(frozen=True, slots=True)
class Signal:
    """One error of a vendor; `status` is None where it came inside a stream.

    `words` are its code and type. `message` is looked at and never shown: it may quote a prompt.
    """

    status: int | None = None
    words: tuple[str, ...] = ()
    message: str = ""
    parameter: str = ""
    retry_after: float | None = None


class ParameterRefusedError(InvalidRequestError):
    """The model does not take a parameter; `lasting` where it never will."""

    def __init__(self, parameter: str, *, lasting: bool, status: int | None) -> None:
        self.parameter = parameter
        self.lasting = lasting
        super().__init__(f"parameter {parameter}", status=status)


_SPECIFIC: dict[str, type[ProviderError]] = {
    "insufficient_quota": QuotaExceededError,
    "billing_hard_limit_reached": QuotaExceededError,
    "billing_not_active": QuotaExceededError,
    "billing_error": QuotaExceededError,
    "context_length_exceeded": ContextOverflowError,
    "exceed_context_size_error": ContextOverflowError,
    "string_above_max_length": ContextOverflowError,
    "request_too_large": ContextOverflowError,
    "content_policy_violation": ContentPolicyError,
    "content_filter": ContentPolicyError,
    "invalid_prompt": ContentPolicyError,
    "model_not_found": ModelNotFoundError,
    "invalid_api_key": AuthenticationError,
    "authentication_error": AuthenticationError,
    "permission_error": AuthenticationError,
    "rate_limit_exceeded": RateLimitedError,
    "rate_limit_error": RateLimitedError,
    "overloaded_error": OverloadedError,
    "unavailable_error": OverloadedError,
    "engine_overloaded": OverloadedError,
    "overloaded": OverloadedError,
    "deploymentnotfound": ModelNotFoundError,
    "responsibleaipolicyviolation": ContentPolicyError,
}

_MESSAGES: tuple[tuple[re.Pattern[str], type[ProviderError]], ...] = (
    (
        re.compile(
            r"context (length|window|size|limit)|prompt is too long|prompt too long"
            r"|input length exceeds|input is too long|too many tokens"
            r"|tokens \+ `?max_new_tokens`? must be",
            re.IGNORECASE,
        ),
        ContextOverflowError,
    ),
    (re.compile(r"credit balance|call volume quota", re.IGNORECASE), QuotaExceededError),
    (
        re.compile(r"content (filtering|management) policy|usage polic", re.IGNORECASE),
        ContentPolicyError,
    ),
)

_GENERAL: dict[str, type[ProviderError]] = {
    "not_found_error": ModelNotFoundError,
    "notfounderror": ModelNotFoundError,
    "timeout_error": ServerError,
    "api_error": ServerError,
    "server_error": ServerError,
    "internalservererror": ServerError,
    "internal_server_error": ServerError,
    "invalid_request_error": InvalidRequestError,
    "badrequesterror": InvalidRequestError,
}

_STATUSES: dict[int, type[ProviderError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    402: QuotaExceededError,
    403: AuthenticationError,
    404: ModelNotFoundError,
    408: ServerError,
    409: ServerError,
    413: ContextOverflowError,
    422: InvalidRequestError,
    424: ServerError,
    429: RateLimitedError,
    498: AuthenticationError,
    499: ServerError,
    503: OverloadedError,
    504: OverloadedError,
    529: OverloadedError,
}

# Statuses under which a message may say more than the status does.
_TELLING = (None, 400, 403, 413, 422, 500)

_REFUSAL = re.compile(
    r"unsupported|not support|deprecated|unrecogni[sz]ed|unknown|not permitted|not allowed"
    r"|not compatible|unexpected|extra (inputs?|fields?)",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(r"too large|requested \d+ output tokens", re.IGNORECASE)
_LIMITS = ("max_tokens", "max_completion_tokens")


def read_signal(status: int | None, body: Any, headers: Mapping[str, str] | None = None) -> Signal:
    """Read an error body: `{"error": {…}}`, `{"error": "…"}`, the inner object, or anything."""
    outer: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    inner = outer.get("error", body)
    if not isinstance(inner, Mapping):
        inner = {"message": inner}
    code = inner.get("code")
    if status in (None, 200):
        status = code if isinstance(code, int) and code >= 400 else None
    return Signal(
        status=status,
        words=_words(code, inner.get("type"), outer.get("error_type"), _inner_code(inner)),
        message=_text(inner.get("message")),
        parameter=_text(inner.get("param")),
        retry_after=_wait(outer, headers or {}),
    )


def error_for(signal: Signal) -> ProviderError:
    """Return the error that a signal stands for; its text is ours, never the vendor's."""
    found, word = _by_words(signal, _SPECIFIC)
    if found is None:
        found = _by_message(signal)
    if found is None and signal.status is None:
        found, word = _by_words(signal, _GENERAL)
    error = found or _by_status(signal.status)
    return error(word, status=signal.status, retry_after=signal.retry_after)


def refused_parameter(signal: Signal, optional: Collection[str]) -> ParameterRefusedError | None:
    """Return the optional parameter that a 400 or 422 objects to, where it names one we sent."""
    if signal.status not in (400, 422):
        return None
    if _TOO_LARGE.search(signal.message):
        # Too large for this prompt: a shorter one may have it again.
        name, lasting = next((name for name in _LIMITS if name in optional), None), False
    else:
        name, lasting = _named_as_refused(signal, optional), True
    return ParameterRefusedError(name, lasting=lasting, status=signal.status) if name else None


def _named_as_refused(signal: Signal, optional: Collection[str]) -> str | None:
    told = " ".join((*signal.words, signal.message))
    if not _REFUSAL.search(told):
        return None
    if signal.parameter in optional:
        return signal.parameter
    found = {
        match.start(): name
        for name in optional
        if (match := re.search(rf"\b{re.escape(name)}\b", signal.message))
    }
    return found[min(found)] if found else None


def _by_words(
    signal: Signal, table: Mapping[str, type[ProviderError]]
) -> tuple[type[ProviderError] | None, str]:
    for word in signal.words:
        if error := table.get(word.lower()):
            return error, word.lower()
    return None, ""


def _by_message(signal: Signal) -> type[ProviderError] | None:
    if signal.status not in _TELLING:
        return None
    return next((error for pattern, error in _MESSAGES if pattern.search(signal.message)), None)


def _by_status(status: int | None) -> type[ProviderError]:
    if status is None or status >= 500:
        return _STATUSES.get(status or 500, ServerError)
    # 3xx, 405 and the like: whatever answered there, it is not a model's server.
    return _STATUSES.get(status, MalformedResponseError)


def _inner_code(error: Mapping[str, Any]) -> object:
    within = error.get("innererror")
    return within.get("code") if isinstance(within, Mapping) else None


def _words(*told: object) -> tuple[str, ...]:
    return tuple(word for word in told if isinstance(word, str))


def _wait(body: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait: a header's, else those that a model takes to load."""
    seconds = retry_after(headers)
    loading = body.get("estimated_time")
    return loading if seconds is None and isinstance(loading, float) else seconds


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
