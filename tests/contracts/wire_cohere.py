"""Cohere's second chat API."""

from __future__ import annotations

import json
from typing import Any, ClassVar


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


class CohereWire:
    """What the contract suite needs to know of this wire."""

    provider = "cohere"
    discovers = False
    skips_unreadable = True
    content_type = "text/event-stream"
    chat_path = "/v2/chat"
    model = "command-a-plus-05-2026"
    version = "command-a-plus-05-2026"
    request_id_header = "x_request_id"
    keep_alive = b": keep-alive\n\n"
    unreadable = b"event: content-delta\ndata: {not json\n\n"
    stops: ClassVar = {
        "COMPLETE": "stop",
        "STOP_SEQUENCE": "stop",
        "MAX_TOKENS": "length",
        "TOOL_CALL": "tool_calls",
        "SOMETHING_NEW": "unknown",
    }
    refusal = None
    aborts = ("ERROR", "TIMEOUT")
    usage = (11, 7, 3, None)

    def opening(self) -> list[bytes]:
        start = {"message": {"role": "assistant", "content": [], "tool_calls": []}}
        content = {"message": {"content": {"type": "text", "text": ""}}}
        return [
            _event({"type": "message-start", "id": "m1", "delta": start}),
            _event({"type": "content-start", "index": 0, "delta": content}),
        ]

    def _content(self, content: dict[str, str]) -> bytes:
        delta = {"message": {"content": content}}
        return _event({"type": "content-delta", "index": 0, "delta": delta})

    def text(self, piece: str) -> bytes:
        return self._content({"text": piece})

    def thinking(self, piece: str) -> bytes:
        return self._content({"thinking": piece})

    def terminal(self, stop: str = "COMPLETE") -> bytes:
        usage = {
            "billed_units": {"input_tokens": 5.0, "output_tokens": 7.0},
            "tokens": {"input_tokens": 11.0, "output_tokens": 7.0},
            "cached_tokens": 3.0,
        }
        delta = {"finish_reason": stop, "usage": usage}
        return _event({"type": "message-end", "id": "m1", "delta": delta})

    def closing(self, stop: str = "COMPLETE") -> list[bytes]:
        end = _event({"type": "content-end", "index": 0})
        return [end, self.terminal(stop), b"data: [DONE]\n\n"]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        return {"id": "e1", "message": message}

    def in_band(self, kind: str) -> bytes:
        delta = {"finish_reason": "ERROR", "error": "secret text"}
        return _event({"type": "message-end", "id": "m1", "delta": delta})

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""
        too_long = "too many tokens: size limit exceeded by 9 tokens"
        return [
            (400, self.error_body("", too_long), "context_overflow"),
            (400, self.error_body("", "invalid request"), "invalid_request"),
            (401, self.error_body("", "invalid api token"), "authentication"),
            (498, self.error_body("", "blocked token"), "authentication"),
            (402, self.error_body("", "add a payment method"), "quota"),
            (404, self.error_body("", "model 'x' not found"), "model_not_found"),
            (422, self.error_body("", "unprocessable"), "invalid_request"),
            (499, self.error_body("", "request cancelled"), "server_error"),
            (501, self.error_body("", "not implemented"), "server_error"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        listed = [
            {"name": name, "endpoints": ["chat"], "is_deprecated": False, "context_length": 256000}
            for name in ids
        ]
        return {"/v1/models": {"models": listed, "next_page_token": None}}

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return self.model

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body.get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        return [message["role"] for message in body["messages"]]


WIRES = [CohereWire()]
