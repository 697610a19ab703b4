"""Vertex AI: Gemini's generateContent, and Anthropic's Messages as Google serves them."""

from __future__ import annotations

import json
from typing import Any, ClassVar


def _event(data: Any) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\r\n\r\n".encode()


class VertexWire:
    """What the contract suite needs to know of this wire."""

    provider = "vertex"
    discovers = False
    skips_unreadable = True
    content_type = "text/event-stream"
    model = "model-a"
    chat_path = f"/v1/publishers/google/models/{model}:streamGenerateContent"
    version = "model-a-001"
    request_id_header = "x_request_id"
    keep_alive = b": keep-alive\r\n\r\n"
    unreadable = b"data: {not json\r\n\r\n"
    stops: ClassVar = {"STOP": "stop", "MAX_TOKENS": "length", "SOMETHING_NEW": "unknown"}
    refusal = "SAFETY"
    aborts = ("MALFORMED_RESPONSE", "OTHER")
    usage = (11, 7, 3, 2)

    def _chunk(self, part: dict[str, Any] | None = None, **candidate: Any) -> bytes:
        content = {"role": "model", "parts": [part] if part else []}
        return _event(
            {
                "candidates": [{"content": content, **candidate}],
                "modelVersion": self.version,
                "createTime": "2026-01-01T00:00:00Z",
            }
        )

    def opening(self) -> list[bytes]:
        return [self._chunk()]

    def text(self, piece: str) -> bytes:
        return self._chunk({"text": piece})

    def thinking(self, piece: str) -> bytes:
        return self._chunk({"text": piece, "thought": True})

    def terminal(self, stop: str = "STOP") -> bytes:
        return self._chunk(finishReason=stop)

    def closing(self, stop: str = "STOP") -> list[bytes]:
        usage = {
            "promptTokenCount": 11,
            "candidatesTokenCount": 5,
            "thoughtsTokenCount": 2,
            "cachedContentTokenCount": 3,
            "totalTokenCount": 18,
        }
        return [self.terminal(stop), _event({"usageMetadata": usage, "modelVersion": self.version})]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}

    def in_band(self, kind: str) -> bytes:
        codes = {"overloaded_error": (503, "UNAVAILABLE"), "server_error": (500, "INTERNAL")}
        code, status = codes[kind]
        return _event({"error": {"code": code, "message": "secret text", "status": status}})

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""

        def told(status: str, message: str = "secret text", *details: Any) -> dict[str, Any]:
            return {"error": {"message": message, "status": status, "details": list(details)}}

        per_day = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}
        too_long = "The input token count (9) exceeds the maximum number of tokens allowed (8)."
        return [
            (429, told("RESOURCE_EXHAUSTED"), "rate_limited"),
            (429, told("RESOURCE_EXHAUSTED", "secret text", per_day), "quota"),
            (400, told("INVALID_ARGUMENT", too_long), "context_overflow"),
            (400, told("INVALID_ARGUMENT", "API key not valid."), "authentication"),
            (400, told("FAILED_PRECONDITION", "Enable billing for this project."), "quota"),
            (401, told("UNAUTHENTICATED"), "authentication"),
            (403, told("PERMISSION_DENIED"), "authentication"),
            (404, told("NOT_FOUND"), "model_not_found"),
            (404, [told("NOT_FOUND")], "model_not_found"),
            (503, told("UNAVAILABLE"), "overloaded"),
            (504, told("DEADLINE_EXCEEDED"), "overloaded"),
            (400, told("INVALID_ARGUMENT"), "invalid_request"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        return {
            f"/v1/publishers/google/models/{name}": {"name": f"publishers/google/models/{name}"}
            for name in ids
        }

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return self.model

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body["generationConfig"].get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        system = ["system"] if "systemInstruction" in body else []
        return [*system, *(turn["role"] for turn in body["contents"])]


WIRES = [VertexWire()]
