"""Anthropic's Messages API."""

from __future__ import annotations

import json
from typing import Any, ClassVar


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


class AnthropicWire:
    """What the contract suite needs to know of this wire."""

    provider = "anthropic"
    discovers = False
    skips_unreadable = False
    content_type = "text/event-stream"
    chat_path = "/v1/messages"
    model = "claude-sonnet-5-5"
    version = "claude-sonnet-5-5-live"
    request_id_header = "request_id"
    keep_alive = b'event: ping\ndata: {"type": "ping"}\n\n'
    unreadable = b"event: content_block_delta\ndata: {not json\n\n"
    stops: ClassVar = {
        "end_turn": "stop",
        "stop_sequence": "stop",
        "max_tokens": "length",
        "tool_use": "tool_calls",
        "pause_turn": "paused",
        "model_context_window_exceeded": "context_overflow",
        "something_new": "unknown",
    }
    refusal = "refusal"
    aborts = ()
    usage = (11, 7, 3, None)

    def opening(self) -> list[bytes]:
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.version,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {
                "input_tokens": 6,
                "cache_read_input_tokens": 3,
                "cache_creation_input_tokens": 2,
                "output_tokens": 1,
            },
        }
        block = {"type": "text", "text": ""}
        return [
            _event({"type": "message_start", "message": message}),
            _event({"type": "content_block_start", "index": 0, "content_block": block}),
        ]

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return _event({"type": "content_block_delta", "index": 0, "delta": delta})

    def text(self, piece: str) -> bytes:
        return self._delta({"type": "text_delta", "text": piece})

    def thinking(self, piece: str) -> bytes:
        return self._delta({"type": "thinking_delta", "thinking": piece})

    def terminal(self, stop: str = "end_turn") -> bytes:
        return b"".join(self.closing(stop))

    def closing(self, stop: str = "end_turn") -> list[bytes]:
        delta = {"stop_reason": stop, "stop_sequence": None}
        return [
            _event({"type": "content_block_stop", "index": 0}),
            _event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 7}}),
            _event({"type": "message_stop"}),
        ]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        return {"type": "error", "error": {"type": kind, "message": message}}

    def in_band(self, kind: str) -> bytes:
        return _event(self.error_body(kind))

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""
        invalid = "invalid_request_error"
        return [
            (529, self.error_body("overloaded_error"), "overloaded"),
            (402, self.error_body("billing_error"), "quota"),
            (400, self.error_body(invalid, "Your credit balance is too low"), "quota"),
            (400, self.error_body(invalid, "prompt is too long: 9 > 8"), "context_overflow"),
            (
                400,
                self.error_body(invalid, "blocked by content filtering policy"),
                "content_policy",
            ),
            (413, self.error_body("request_too_large"), "context_overflow"),
            (403, self.error_body("permission_error"), "authentication"),
            (404, self.error_body("not_found_error"), "model_not_found"),
            (400, self.error_body(invalid), "invalid_request"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        return {
            f"/v1/models/{name}": {
                "id": name,
                "type": "model",
                "display_name": name,
                "created_at": "2026-01-01T00:00:00Z",
                "lifecycle": "active",
            }
            for name in ids
        }

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return "claude-sonnet-4-6"

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body.get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        return [*(["system"] if "system" in body else []), *(m["role"] for m in body["messages"])]


WIRES = [AnthropicWire()]
