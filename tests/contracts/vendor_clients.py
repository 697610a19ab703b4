"""Each vendor's own library, asked three times: for an answer, and for what it makes of two errors.

Run as `python vendor_clients.py VENDOR ADDRESS MODEL` in an environment that has the library;
prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

MESSAGES = [{"role": "user", "content": "What broke?"}]

Told = tuple[str, str, int]
"""Text, the vendor's word for why it ended, and the tokens of the answer."""


def openai(address: str, model: str) -> Told:
    from openai import OpenAI

    client = OpenAI(base_url=address, api_key="key-1", max_retries=0)
    options = {"include_usage": True}
    with (
        client,
        client.chat.completions.create(
            model=model, messages=MESSAGES, stream=True, stream_options=options
        ) as stream,
    ):
        return _chat_completion(stream)


def huggingface(address: str, model: str) -> Told:
    from huggingface_hub import InferenceClient

    options = {"include_usage": True}
    with InferenceClient(base_url=address, api_key="key-1", timeout=10) as client:
        return _chat_completion(
            client.chat_completion(
                model=model, messages=MESSAGES, stream=True, stream_options=options
            )
        )


def _chat_completion(chunks: Any) -> Told:
    text, stop, tokens = "", "", 0
    for chunk in chunks:
        if chunk.usage:
            tokens = chunk.usage.completion_tokens
        for choice in chunk.choices:
            text += choice.delta.content or ""
            stop = choice.finish_reason or stop
    return text, stop, tokens


def anthropic(address: str, model: str) -> Told:
    from anthropic import Anthropic

    client = Anthropic(base_url=address, api_key="key-1", max_retries=0)
    with (
        client,
        client.messages.stream(model=model, messages=MESSAGES, max_tokens=99) as stream,
    ):
        message = stream.get_final_message()
    text = "".join(block.text for block in message.content)
    return text, message.stop_reason or "", message.usage.output_tokens


def bedrock(address: str, model: str) -> Told:
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )
    turns = [{"role": "user", "content": [{"text": "What broke?"}]}]
    text, stop, tokens = "", "", 0
    try:
        for event in client.converse_stream(modelId=model, messages=turns)["stream"]:
            text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
            stop = event.get("messageStop", {}).get("stopReason", stop)
            tokens = event.get("metadata", {}).get("usage", {}).get("outputTokens", tokens)
    finally:
        client.close()
    return text, stop, tokens


def ollama(address: str, model: str) -> Told:
    from ollama import Client

    text, stop, tokens = "", "", 0
    for part in Client(host=address).chat(model=model, messages=MESSAGES, stream=True):
        text += part.message.content or ""
        stop, tokens = part.done_reason or stop, part.eval_count or tokens
    return text, stop, tokens


def vertex(address: str, model: str) -> Told:
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=address, api_version="v1")
    text, stop, tokens = "", "", 0
    with genai.Client(vertexai=True, api_key="key-1", http_options=options) as client:
        for chunk in client.models.generate_content_stream(model=model, contents="What broke?"):
            for candidate in chunk.candidates or []:
                parts = candidate.content.parts if candidate.content else None
                text += "".join(part.text or "" for part in parts or [])
                stop = candidate.finish_reason.value if candidate.finish_reason else stop
            if chunk.usage_metadata:
                tokens = chunk.usage_metadata.candidates_token_count or tokens
    return text, stop, tokens


def cohere(address: str, model: str) -> Told:
    import cohere

    text, stop, tokens = "", "", 0
    client = cohere.ClientV2(api_key="key-1", base_url=address)
    options = {"max_retries": 0}
    for event in client.chat_stream(model=model, messages=MESSAGES, request_options=options):
        if event.type == "content-delta":
            text += event.delta.message.content.text or ""
        if event.type == "message-end":
            stop = event.delta.finish_reason
            tokens = int(event.delta.usage.tokens.output_tokens)
    return text, stop, tokens


VENDORS = {
    client.__name__: client
    for client in (openai, huggingface, anthropic, bedrock, ollama, vertex, cohere)
}


def failure_of(ask: Callable[[], Told]) -> dict[str, Any]:
    """Return what the library raises, by name and status; nothing where it raises nothing."""
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its answer
        response = getattr(error, "response", None)
        told = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
        statuses = (
            getattr(error, "status_code", None),
            getattr(error, "code", None),
            getattr(response, "status_code", None),
            told.get("HTTPStatusCode"),
        )
        status = next((status for status in statuses if isinstance(status, int)), None)
        return {"name": type(error).__name__, "status": status}
    return {}


def main(vendor: str, address: str, model: str) -> None:
    def ask() -> Told:
        return VENDORS[vendor](address, model)

    report = {"answer": ask(), "refused": failure_of(ask), "broken": failure_of(ask)}
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
