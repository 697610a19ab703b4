"""OpenAI's chat completions, as OpenAI, vLLM, LM Studio and Hugging Face send them."""

from __future__ import annotations

import json
from typing import Any, ClassVar


def _event(data: Any) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "model-a-2026",
            "choices": [choice],
            "usage": None,
        }
    )


class OpenAIWire:
    """What the contract suite needs to know of this wire."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.discovers = provider in ("vllm", "lmstudio")
        self.skips_unreadable = provider not in ("openai", "azure")
        self.health_routes: dict[str, Any] = {} if provider != "vllm" else {"/health": {}}

    content_type = "text/event-stream"
    chat_path = "/v1/chat/completions"
    model = "model-a"
    version = "model-a-2026"
    request_id_header = "x_request_id"
    keep_alive = b": keep-alive\n\n"
    unreadable = b"data: {not json\n\n"
    stops: ClassVar = {"stop": "stop", "length": "length", "tool_calls": "tool_calls"}
    refusal = "content_filter"
    aborts = ("abort", "error")
    usage = (11, 7, 3, 2)

    def opening(self) -> list[bytes]:
        return [_chunk({"role": "assistant", "content": None})]

    def text(self, piece: str) -> bytes:
        return _chunk({"content": piece})

    def thinking(self, piece: str) -> bytes:
        name = "reasoning_content" if self.provider == "lmstudio" else "reasoning"
        return _chunk({name: piece})

    def terminal(self, stop: str = "stop") -> bytes:
        return _chunk({}, stop)

    def closing(self, stop: str = "stop") -> list[bytes]:
        usage = {
            "prompt_tokens": 11,
            "completion_tokens": 7,
            "total_tokens": 18,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
        }
        last = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
        return [
            self.terminal(stop),
            _event({**last, "model": "model-a-2026", "choices": [], "usage": usage}),
            b"data: [DONE]\n\n",
        ]

    def error_body(self, kind: str, message: str = "secret text") -> dict[str, Any]:
        return {"error": {"message": message, "type": kind, "code": None, "param": None}}

    def in_band(self, kind: str) -> bytes:
        return _event(self.error_body(kind)) + b"data: [DONE]\n\n"

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""

        def coded(code: str, message: str = "secret text") -> dict[str, Any]:
            return {"error": {"message": message, "type": "invalid_request_error", "code": code}}

        return [
            (429, coded("insufficient_quota"), "quota"),
            (400, coded("context_length_exceeded"), "context_overflow"),
            (400, self.error_body("exceed_context_size_error"), "context_overflow"),
            (400, coded("", "This model's maximum context length is 9"), "context_overflow"),
            (400, coded("content_policy_violation"), "content_policy"),
            (404, coded("model_not_found"), "model_not_found"),
            (401, {"error": "Unauthorized"}, "authentication"),
            (503, self.error_body("unavailable_error"), "overloaded"),
            (400, {"object": "error", "message": "bad", "code": 400}, "invalid_request"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        listed = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in ids]
        return {"/v1/models": {"object": "list", "data": listed}, **self.health_routes}

    def sampling_model(self) -> str:
        """Return the id of a model that takes a temperature."""
        return self.model

    def temperature_of(self, body: dict[str, Any]) -> float | None:
        return body.get("temperature")

    def roles_of(self, body: dict[str, Any]) -> list[str]:
        return [message["role"] for message in body["messages"]]


class AzureWire(OpenAIWire):
    """The same, from a resource of Azure: it begins with what its filters found in the prompt."""

    chat_path = "/openai/v1/chat/completions"
    lists_deployments = False

    def opening(self) -> list[bytes]:
        found = {"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False}}}
        first = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
        return [_event({**first, "prompt_filter_results": [found]}), *super().opening()]

    def failures(self) -> list[tuple[int, Any, str]]:
        """Return statuses and bodies with the kind of error that they stand for."""
        filtered = {
            "message": "The prompt triggered the content management policy",
            "type": None,
            "param": "prompt",
            "code": "content_filter",
            "status": 400,
            "innererror": {
                "code": "ResponsibleAIPolicyViolation",
                "content_filter_result": {"hate": {"filtered": True, "severity": "high"}},
            },
        }
        volume = "Out of call volume quota. Quota will be replenished in 12 days."
        return [
            *super().failures(),
            (400, {"error": filtered}, "content_policy"),
            (400, {"error": {**filtered, "code": None, "message": "secret"}}, "content_policy"),
            (404, {"error": {"code": "DeploymentNotFound", "message": "x"}}, "model_not_found"),
            (403, {"statusCode": 403, "message": volume}, "quota"),
            (401, {"statusCode": 401, "message": "secret"}, "authentication"),
            (429, {"error": {"code": "429", "message": "x"}}, "rate_limited"),
        ]

    def models(self, *ids: str) -> dict[str, Any]:
        return {f"/openai{path}": body for path, body in super().models(*ids).items()}


COMPATIBLE = ("openai", "vllm", "lmstudio", "huggingface")
WIRES = [*map(OpenAIWire, COMPATIBLE), AzureWire("azure")]
