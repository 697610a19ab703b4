"""Bedrock's Converse, as a binary event stream."""

from __future__ import annotations

import json
import struct
from typing import Any, ClassVar
from zlib import crc32


def frame(payload: bytes, **headers: str) -> bytes:
    """Return one message of an event stream; `_` in a header's name stands for `-`."""
    encoded = b""
    for name, value in headers.items():
        key, text = f":{name.replace('_', '-')}".encode(), value.encode()
        encoded += bytes([len(key)]) + key + b"\x07" + struct.pack(">H", len(text)) + text
    prelude = struct.pack(">II", 16 + len(encoded) + len(payload), len(encoded))
    body = prelude + struct.pack(">I", crc32(prelude)) + encoded + payload
    return body + struct.pack(">I", crc32(body))


def event(kind: str, data: dict[str, Any]) -> bytes:
    payload = json.dumps(data, ensure_ascii=False).encode()
    return frame(payload, message_type="event", event_type=kind, content_type="application/json")


def exception(kind: str) -> bytes:
    payload = json.dumps({"message": "secret text"}).encode()
    return frame(
        payload, message_type="exception", exception_type=kind, content_type="application/json"
    )


class BedrockWire:
    """What the contract suite needs to know of this wire."""

    provider = "bedrock"
    discovers = False
    skips_unreadable = True
    content_type = "application/vnd.amazon.eventstream"
    model = "anthropic.claude-haiku-4-5-20251001-v1:0"
    chat_path = f"/model/{model}/converse-stream"
    version = model
    request_id_header = "x_amzn_requestid"
    keep_alive = event("contentBlockStart", {"contentBlockIndex": 0, "start": {}, "p": "ab"})
    unreadable = frame(b"{not json", message_type="event", event_type="contentBlockDelta")
    stops: ClassVar = {
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "tool_use": "tool_calls",
        "model_context_window_exceeded": "context_overflow",
        "something_new": "unknown",
    }
    refusal = "guardrail_intervened"
    aborts = ("malformed_model_output", "malformed_tool_use")
    usage = (11, 7, 3, None)
    exception = staticmethod(exception)
    event = staticmethod(event)
    frame = staticmethod(frame)

    def opening(self) -> list[bytes]:
        return [event("messageStart", {"role": "assistant", "p": "abcd"})]

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return event("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta, "p": "ab"})

    def text(self, piece: str) -> bytes:
        return self._delta({"text": piece})

    def thinking(self, piece: str) -> bytes:
        return self._delta({"reasoningContent": {"text": piece}})

    def terminal(self, stop: str = "end_turn") -> bytes:
        return event("messageStop", {"stopReason": stop})

    def closing(self, stop: str = "end_turn") -> list[bytes]:
        usage = {
            "inputTokens": 6,
            "outputTokens": 7,
            "totalTokens": 18,
            "cacheReadInputTokens": 3,
            "cacheWriteInputTokens": 2,
        }
        return [
            event("contentBlockStop", {"contentBlockIndex": 0}),
            self.terminal(stop),
            event("metadata", {"usage": usage, "metrics": {"latencyMs": 5}}),
        ]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        names = {"invalid_request_error": "ValidationException"}
        return {"__type": names.get(kind, kind), "message": message}

    def in_band(self, kind: str) -> bytes:
        names = {
            "overloaded_error": "serviceUnavailableException",
            "server_error": "internalServerException",
        }
        return exception(names[kind])

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""

        def told(name: str, message: str = "secret text") -> dict[str, Any]:
            return {"__type": f"com.amazon.coral.service#{name}Exception", "message": message}

        return [
            (429, told("Throttling"), "rate_limited"),
            (429, told("ModelNotReady"), "overloaded"),
            (429, told("Throttling", "Too many tokens per day, please wait"), "quota"),
            (400, told("ServiceQuotaExceeded"), "quota"),
            (400, told("Validation", "Input is too long for requested model."), "context_overflow"),
            (
                400,
                told("Validation", "Invocation with on-demand throughput isn't supported."),
                "model_not_found",
            ),
            (
                400,
                told("Validation", "The provided model identifier is invalid."),
                "model_not_found",
            ),
            (404, told("ResourceNotFound"), "model_not_found"),
            (403, told("AccessDenied"), "authentication"),
            (403, told("ExpiredToken"), "authentication"),
            (408, told("ModelTimeout"), "server_error"),
            (424, told("ModelError"), "server_error"),
            (503, told("ServiceUnavailable"), "overloaded"),
            (400, told("Validation"), "invalid_request"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        return {f"/model/{name}/count-tokens": {"inputTokens": 1} for name in ids}

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return self.model

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body["inferenceConfig"].get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        return [*(["system"] if "system" in body else []), *(m["role"] for m in body["messages"])]


WIRES = [BedrockWire()]
