"""Gemini's generateContent as data: what is sent, what each chunk means, what its errors say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from providers.answer import Answer
from providers.base import LLMMessage, StopReason, StreamEvent, Usage
from providers.conversation import conversation
from providers.errors import ContentPolicyError
from providers.signals import Signal, error_for, read_signal
from providers.wire import duration_seconds

_WITHHELD = (
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MODEL_ARMOR",
    "ESCALATION",
)
_BROKEN = (
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "PUP_LIMITED_DISABLED",
)

STOP_REASONS = {
    "STOP": StopReason.STOP,
    "MAX_TOKENS": StopReason.LENGTH,
    "CONTINUATION": StopReason.LENGTH,
    **dict.fromkeys(_WITHHELD, StopReason.CONTENT_FILTER),
    **dict.fromkeys(_BROKEN, StopReason.ERROR),
}

_ROLES = {"user": "user", "assistant": "model"}

_MESSAGES = (
    (re.compile(r"input token count|tokens? allowed", re.IGNORECASE), "context_length_exceeded"),
    (re.compile(r"API key (not valid|expired|not found)", re.IGNORECASE), "invalid_api_key"),
    (re.compile(r"billing|prepayment|credits", re.IGNORECASE), "insufficient_quota"),
)


def generate_body(messages: Sequence[LLMMessage], generation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request; `generation` is what may be left out."""
    told = conversation(messages)
    body: dict[str, Any] = {
        "contents": [
            {"role": _ROLES[turn.role], "parts": _parts(turn.texts)} for turn in told.turns
        ]
    }
    if told.system:
        body["systemInstruction"] = {"parts": _parts(told.system)}
    if generation:
        body["generationConfig"] = dict(generation)
    return body


def read_chunk(chunk: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    """Take a chunk into the answer and return its events.

    Raises what an error in it stands for, and ContentPolicyError where the prompt was blocked.
    """
    if chunk.get("error"):
        raise error_for(google_signal(None, chunk))
    feedback = chunk.get("promptFeedback")
    if isinstance(feedback, Mapping) and feedback.get("blockReason"):
        raise ContentPolicyError("the prompt was blocked")
    if isinstance(version := chunk.get("modelVersion"), str):
        answer.model_version = version
    if isinstance(request_id := chunk.get("responseId"), str) and not answer.request_id:
        answer.request_id = request_id
    if isinstance(usage := chunk.get("usageMetadata"), Mapping):
        answer.usage = _usage(usage)
    candidates = chunk.get("candidates")
    candidate = candidates[0] if isinstance(candidates, list) and candidates else None
    return list(_read_candidate(candidate, answer)) if isinstance(candidate, Mapping) else []


def google_signal(
    status: int | None, body: object, headers: Mapping[str, str] | None = None
) -> Signal:
    """Read an error of Google's: how long to wait, and why, is in its details."""
    if isinstance(body, list) and body:
        # Without server-sent events an error comes inside of an array.
        body = body[0]
    signal = read_signal(status, body, headers)
    details = _details(body)
    words = [word for pattern, word in _MESSAGES if pattern.search(signal.message)]
    if any("PerDay" in str(violation) for violation in _listed(details, "violations")):
        words.append("insufficient_quota")
    delays = [duration_seconds(detail.get("retryDelay")) for detail in details]
    wait = next((delay for delay in delays if delay is not None), None)
    return replace(
        signal,
        words=(*words, *signal.words),
        retry_after=signal.retry_after if wait is None else wait,
    )


def _parts(texts: Sequence[str]) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def _read_candidate(candidate: Mapping[str, Any], answer: Answer) -> Iterator[StreamEvent]:
    content = candidate.get("content")
    for part in _listed([content] if isinstance(content, Mapping) else [], "parts"):
        text = part.get("text") if isinstance(part, Mapping) else None
        if isinstance(text, str) and text:
            yield answer.thinking(text) if part.get("thought") else answer.text(text)
    if isinstance(reason := candidate.get("finishReason"), str) and reason:
        answer.raw_stop_reason = reason
        answer.complete = True


def _usage(told: Mapping[str, Any]) -> Usage:
    prompt, visible, thoughts, cached = (
        told.get(name) if isinstance(told.get(name), int) else None
        for name in (
            "promptTokenCount",
            "candidatesTokenCount",
            "thoughtsTokenCount",
            "cachedContentTokenCount",
        )
    )
    # The vendor's count of candidates leaves thoughts out; ours has them in.
    completion = None if visible is None else visible + (thoughts or 0)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached,
        reasoning_tokens=thoughts,
    )


def _details(body: object) -> list[Mapping[str, Any]]:
    error = body.get("error") if isinstance(body, Mapping) else None
    found = _listed([error] if isinstance(error, Mapping) else [], "details")
    return [detail for detail in found if isinstance(detail, Mapping)]


def _listed(parts: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [item for part in parts if isinstance(part.get(name), list) for item in part[name]]
