"""OpenAI's chat completions as data: what is sent, and what each chunk means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any

from providers.answer import Answer
from providers.base import StopReason, StreamEvent, Usage
from providers.capabilities import Capabilities
from providers.errors import ProviderError
from providers.signals import error_for, read_signal

STOP_REASONS = {
    "stop": StopReason.STOP,
    "eos_token": StopReason.STOP,
    "stop_sequence": StopReason.STOP,
    "length": StopReason.LENGTH,
    "tool_calls": StopReason.TOOL_CALLS,
    "function_call": StopReason.TOOL_CALLS,
    "content_filter": StopReason.CONTENT_FILTER,
    "abort": StopReason.ERROR,
    "error": StopReason.ERROR,
}

USAGE_GRACE_SECONDS = 1.0

_LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")


def optional_parameters(
    capabilities: Capabilities,
    *,
    max_tokens: int,
    temperature: float | None,
    effort: str | None,
    without: frozenset[str],
) -> dict[str, Any]:
    """Return what of a request may be left out, short of what the model refuses."""
    wanted: dict[str, Any] = {"stream_options": {"include_usage": True}}
    if temperature is not None:
        wanted["temperature"] = temperature
    if effort is not None:
        wanted["reasoning_effort"] = effort
    if limit_field := _limit_field(capabilities, without):
        wanted[limit_field] = capabilities.token_limit(max_tokens)
    return {name: value for name, value in wanted.items() if name not in without}


def _limit_field(capabilities: Capabilities, without: frozenset[str]) -> str | None:
    names = sorted(_LIMIT_FIELDS, key=lambda name: name != capabilities.limit_field)
    return next((name for name in names if name not in without), None)


def read_chunk(chunk: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    """Take a chunk into the answer and return its events. Raises what an error in it stands for."""
    if chunk.get("error") or chunk.get("object") == "error":
        raise error_for(read_signal(None, chunk))
    if isinstance(model := chunk.get("model"), str) and model:
        answer.model_version = model
    if isinstance(usage := chunk.get("usage"), Mapping):
        answer.usage = _usage(usage)
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    return _read_choice(choice, answer) if isinstance(choice, Mapping) else []


def _read_choice(choice: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    delta = choice.get("delta")
    events = _read_delta(delta, answer) if isinstance(delta, Mapping) else []
    if isinstance(reason := choice.get("finish_reason"), str) and reason:
        answer.raw_stop_reason = reason
        answer.complete = True
        events += answer.rest_of_tagged_text()
    return events


def _read_delta(delta: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    events: list[StreamEvent] = []
    if reasoning := _text(delta.get("reasoning")) or _text(delta.get("reasoning_content")):
        events.append(answer.thinking(reasoning))
    if content := _text(delta.get("content")):
        events += answer.tagged_text(content)
    if _text(delta.get("refusal")):
        answer.refused = True
    return events


async def wait_for_usage(
    chunks: AsyncIterator[Mapping[str, Any]],
    answer: Answer,
    read: Callable[[Mapping[str, Any], Answer], object] = read_chunk,
) -> None:
    """Read on for the usage that follows the last text, shortly.

    The answer is whole by now: neither silence nor a fault behind it may cost it.
    """
    with suppress(TimeoutError, ProviderError):
        async with asyncio.timeout(USAGE_GRACE_SECONDS):
            while answer.usage.completion_tokens is None:
                chunk = await anext(chunks, None)
                if chunk is None:
                    return
                read(chunk, answer)


def _usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        reasoning_tokens=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(part: object, name: str) -> int | None:
    value = part.get(name) if isinstance(part, Mapping) else None
    return value if isinstance(value, int) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
