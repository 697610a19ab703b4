"""Acme's wire."""

from __future__ import annotations

import json
from typing import Any, ClassVar


def _line(data: dict[str, Any]) -> bytes:
    return f"{json.dumps(data, ensure_ascii=False)}\n".encode()


class AcmeWire:
    """What the contract suite needs to know of this wire."""

    provider = "acme"
    discovers = False
    skips_unreadable = True
    content_type = "application/x-ndjson"
    chat_path = "/v1/say"
    model = "acme-1"
    version = "acme-1-live"
    request_id_header = "x_request_id"
    keep_alive = b"\n"
    unreadable = b"{not json\n"
    stops: ClassVar = {"done": "stop", "full": "length", "something_new": "unknown"}
    refusal = "refused"
    aborts = ("broken",)
    usage = (11, 7, 3, 2)

    def opening(self) -> list[bytes]:
        return [_line({"hello": True})]

    def text(self, piece: str) -> bytes:
        return _line({"words": piece})

    def thinking(self, piece: str) -> bytes:
        return _line({"thought": piece})

    def terminal(self, stop: str = "done") -> bytes:
        return _line({"end": stop, "model": self.version, "counts": self.usage})

    def closing(self, stop: str = "done") -> list[bytes]:
        return [self.terminal(stop)]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        return {"error": {"type": kind, "message": message}}

    def in_band(self, kind: str) -> bytes:
        return _line(self.error_body(kind))

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""
        return [
            (400, self.error_body("context_length_exceeded"), "context_overflow"),
            (400, self.error_body("content_policy_violation"), "content_policy"),
            (503, self.error_body("overloaded_error"), "overloaded"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        return {"/v1/models": {"data": [{"id": name} for name in ids]}}

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return self.model

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body.get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        return [turn["role"] for turn in body["turns"]]


WIRES = [AcmeWire()]
