"""A server's list of models, reduced to those that can chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.errors import MalformedResponseError

# What servers call the size of a model's window: vLLM, Cohere and routers, LM Studio.
_WINDOWS = ("max_model_len", "context_length", "context_window", "loaded_context_length")
_NOT_FOR_CHAT = ("embed", "rerank", "whisper", "clip-", "dall-e", "gpt-image", "tts", "moderation")


def chat_models(body: object, list_name: str, id_name: str) -> tuple[str, ...]:
    """Return the ids in a list of models, without those that cannot chat.

    Raises MalformedResponseError where it is no such list.
    """
    models = body.get(list_name) if isinstance(body, Mapping) else None
    if not isinstance(models, list):
        raise MalformedResponseError("no list of models")
    ids = [model.get(id_name) for model in models if isinstance(model, Mapping)]
    return tuple(
        found
        for found in ids
        if isinstance(found, str) and not any(word in found.lower() for word in _NOT_FOR_CHAT)
    )


def window_in(record: Mapping[str, Any]) -> int | None:
    """Return the window that an entry names, in tokens; None where it names none."""
    sizes = (record.get(name) for name in _WINDOWS)
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)


def record_of(model: str, body: object, list_name: str, id_name: str) -> Mapping[str, Any]:
    """Return the entry of one model in such a list; an empty one where there is none."""
    models = body.get(list_name) if isinstance(body, Mapping) else None
    for entry in models if isinstance(models, list) else ():
        if isinstance(entry, Mapping) and entry.get(id_name) == model:
            return entry
    return {}
