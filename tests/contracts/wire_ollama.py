"""Ollama's native chat."""

from __future__ import annotations

import json
from typing import Any, ClassVar


def _line(data: dict[str, Any]) -> bytes:
    stamped = {"model": "gemma4:latest", "created_at": "2026-01-01T00:00:00Z", **data}
    return f"{json.dumps(stamped, ensure_ascii=False)}\n".encode()


class OllamaWire:
    """What the contract suite needs to know of this wire."""

    provider = "ollama"
    discovers = True
    skips_unreadable = True
    content_type = "application/x-ndjson"
    chat_path = "/api/chat"
    model = "gemma4"
    version = "gemma4:latest"
    request_id_header = "x_request_id"
    keep_alive = b"\n"
    unreadable = b"{not json\n"
    stops: ClassVar = {"stop": "stop", "length": "length", "something": "unknown"}
    refusal = None
    aborts = ("",)
    usage = (11, 7, None, None)

    def opening(self) -> list[bytes]:
        return [_line({"message": {"role": "assistant", "content": ""}, "done": False})]

    def text(self, piece: str) -> bytes:
        return _line({"message": {"role": "assistant", "content": piece}, "done": False})

    def thinking(self, piece: str) -> bytes:
        message = {"role": "assistant", "content": "", "thinking": piece}
        return _line({"message": message, "done": False})

    def terminal(self, stop: str = "stop") -> bytes:
        return b"".join(self.closing(stop))

    def closing(self, stop: str = "stop") -> list[bytes]:
        counts = {"prompt_eval_count": 11, "eval_count": 7, "total_duration": 5}
        message = {"role": "assistant", "content": ""}
        return [_line({"message": message, "done": True, "done_reason": stop, **counts})]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        return {"error": message}

    def in_band(self, kind: str) -> bytes:
        return b'{"error": "secret text"}\n'

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""
        return [
            (404, {"error": "model 'gemma4' not found"}, "model_not_found"),
            (503, {"error": "server busy, please try again"}, "overloaded"),
            (400, {"error": "the input length exceeds the context length"}, "context_overflow"),
            (500, {"error": "prompt too long; exceeded max context length"}, "context_overflow"),
            (500, {"error": "runner stopped"}, "server_error"),
            (400, {"error": "invalid options"}, "invalid_request"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        return {"/api/tags": {"models": [{"name": name, "model": name} for name in ids]}}

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return self.model

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body["options"].get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        return [message["role"] for message in body["messages"]]


WIRES = [OllamaWire()]
