"""Anthropic's Messages as data: the prompt, and what each event means, whoever serves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from providers.adapter import wire_messages
from providers.answer import Answer
from providers.base import LLMMessage, StopReason, StreamEvent, Usage
from providers.signals import error_for, read_signal

STOP_REASONS = {
    "end_turn": StopReason.STOP,
    "stop_sequence": StopReason.STOP,
    "max_tokens": StopReason.LENGTH,
    "tool_use": StopReason.TOOL_CALLS,
    "refusal": StopReason.CONTENT_FILTER,
    "model_context_window_exceeded": StopReason.CONTEXT_OVERFLOW,
    "pause_turn": StopReason.PAUSED,
}


def prompt(messages: Sequence[LLMMessage]) -> dict[str, Any]:
    """Return the messages with the system's words beside them."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    turns = [message for message in messages if message.role != "system"]
    told: dict[str, Any] = {"messages": wire_messages(turns)}
    return {**told, "system": system} if system else told


def read_message(message: Mapping[str, Any], answer: Answer) -> list[StreamEvent]:
    """Take an event into the answer and return what it yields. Raises what an error stands for."""
    match message.get("type"):
        case "message_start":
            _read_start(message.get("message"), answer)
        case "content_block_delta":
            return _read_delta(message.get("delta"), answer)
        case "message_delta":
            _read_end(message, answer)
        case "message_stop":
            answer.complete = True
        case "error":
            raise error_for(read_signal(None, message))
    return []


def _read_start(start: object, answer: Answer) -> None:
    if not isinstance(start, Mapping):
        return
    if isinstance(model := start.get("model"), str):
        answer.model_version = model
    answer.usage = _merged_usage(answer.usage, start.get("usage"))


def _read_delta(delta: object, answer: Answer) -> list[StreamEvent]:
    if not isinstance(delta, Mapping):
        return []
    if isinstance(thinking := delta.get("thinking"), str) and thinking:
        return [answer.thinking(thinking)]
    if isinstance(text := delta.get("text"), str) and text:
        return [answer.text(text)]
    return []


def _read_end(message: Mapping[str, Any], answer: Answer) -> None:
    delta = message.get("delta")
    if isinstance(delta, Mapping) and isinstance(reason := delta.get("stop_reason"), str):
        answer.raw_stop_reason = reason
    answer.usage = _merged_usage(answer.usage, message.get("usage"))


def _merged_usage(usage: Usage, told: object) -> Usage:
    """Return the usage with what was told anew; counts are cumulative, parts may be missing."""
    if not isinstance(told, Mapping):
        return usage
    fresh, read, written = (
        told.get(name)
        for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )
    output = told.get("output_tokens")
    if isinstance(fresh, int) and (usage.prompt_tokens is None or isinstance(read, int)):
        # The vendor's input count leaves cached tokens out; ours has them in.
        usage = replace(usage, prompt_tokens=fresh + (read or 0) + (written or 0))
    if isinstance(read, int):
        usage = replace(usage, cached_tokens=read)
    return replace(usage, completion_tokens=output) if isinstance(output, int) else usage
