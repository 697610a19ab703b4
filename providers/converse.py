"""Bedrock's Converse as data: what is sent, what each event means, and what its errors say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from providers.answer import Answer
from providers.base import LLMMessage, StopReason, StreamEvent, Usage
from providers.conversation import conversation
from providers.signals import Signal, error_for, read_signal

STOP_REASONS = {
    "end_turn": StopReason.STOP,
    "stop_sequence": StopReason.STOP,
    "max_tokens": StopReason.LENGTH,
    "tool_use": StopReason.TOOL_CALLS,
    "content_filtered": StopReason.CONTENT_FILTER,
    "guardrail_intervened": StopReason.CONTENT_FILTER,
    "refusal": StopReason.CONTENT_FILTER,
    "model_context_window_exceeded": StopReason.CONTEXT_OVERFLOW,
    "malformed_model_output": StopReason.ERROR,
    "malformed_tool_use": StopReason.ERROR,
}

# AWS's names of errors as the words that stand for them everywhere else.
_WORDS = {
    "accessdenied": "permission_error",
    "expiredtoken": "authentication_error",
    "internalserver": "server_error",
    "invalidsignature": "authentication_error",
    "modelerror": "server_error",
    "modelnotready": "overloaded_error",
    "modelstreamerror": "server_error",
    "modeltimeout": "timeout_error",
    "resourcenotfound": "model_not_found",
    "servicequotaexceeded": "insufficient_quota",
    "serviceunavailable": "overloaded_error",
    "throttling": "rate_limit_exceeded",
    "unrecognizedclient": "authentication_error",
    "validation": "invalid_request_error",
}

_MESSAGES = (
    (
        re.compile(r"on-demand throughput|model identifier is invalid|end of its life", re.I),
        "model_not_found",
    ),
    (re.compile(r"tokens per day", re.I), "insufficient_quota"),
)


def converse_body(messages: Sequence[LLMMessage], optional: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request; `optional` are `effort` and parameters of inference."""
    told = conversation(messages)
    body: dict[str, Any] = {
        "messages": [
            {"role": turn.role, "content": [{"text": text} for text in turn.texts]}
            for turn in told.turns
        ]
    }
    if told.system:
        body["system"] = [{"text": text} for text in told.system]
    inference = dict(optional)
    if effort := inference.pop("effort", None):
        body["outputConfig"] = {"effort": effort}
    if inference:
        body["inferenceConfig"] = inference
    return body


def read_event(event: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    """Take an event into the answer and return what it yields. Raises what an exception says."""
    kind, payload = next(iter(event.items()))
    if not isinstance(payload, Mapping):
        return []
    match kind:
        case "contentBlockDelta":
            return _read_delta(payload.get("delta"), answer)
        case "messageStop":
            answer.raw_stop_reason = str(payload.get("stopReason", ""))
            answer.complete = True
        case "metadata":
            answer.usage = _usage(payload.get("usage"))
        case _ if _is_error(kind):
            raise error_for(aws_signal(None, {**payload, "__type": kind}))
    return []


def aws_signal(
    status: int | None, body: object, headers: Mapping[str, str] | None = None
) -> Signal:
    """Read an error of AWS: its name is in a header or in the body's `__type`."""
    signal = read_signal(status, body, headers)
    told = headers.get("x-amzn-errortype", "") if headers else ""
    if not told and isinstance(body, Mapping):
        told = str(body.get("__type", ""))
    by_message = [word for pattern, word in _MESSAGES if pattern.search(signal.message)]
    word = _WORDS.get(_short(told), "")
    words = (*by_message, word) if word else tuple(by_message)
    return Signal(signal.status, (*words, *signal.words), signal.message, "", signal.retry_after)


def _short(name: str) -> str:
    """Return "throttling" for `ThrottlingException:http://…` and `com.amazon…#Throttling…`."""
    bare = name.partition(":")[0].rpartition("#")[2].lower()
    return bare.removesuffix("exception")


def _is_error(kind: str) -> bool:
    # An error that is no exception has a code as its kind; events that are new are passed over.
    return kind.endswith(("Exception", "Error", "Failure"))


def _read_delta(delta: object, answer: Answer) -> list[StreamEvent]:
    if not isinstance(delta, Mapping):
        return []
    reasoning = delta.get("reasoningContent")
    if isinstance(reasoning, Mapping) and isinstance(thought := reasoning.get("text"), str):
        return [answer.thinking(thought)] if thought else []
    if isinstance(text := delta.get("text"), str) and text:
        return [answer.text(text)]
    return []


def _usage(told: object) -> Usage:
    if not isinstance(told, Mapping):
        return Usage()
    fresh, read, written, output = (
        told.get(name) if isinstance(told.get(name), int) else None
        for name in ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens", "outputTokens")
    )
    # Cached tokens are left out of the vendor's input count; ours has them in.
    prompt = None if fresh is None else fresh + (read or 0) + (written or 0)
    return Usage(prompt_tokens=prompt, completion_tokens=output, cached_tokens=read)
