"""Local servers are asked which model they have."""

from __future__ import annotations

from typing import Any

import pytest

from providers.errors import ModelNotFoundError


def selects(wire: Any) -> bool:
    return wire.discovers


async def test_a_local_server_is_asked_what_it_has(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.routes = wire.models("nomic-embed-text", "model-z", "model-b")
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    provider = make(model=None)
    for _ in range(2):
        await provider.generate(messages)
    assert provider.model == "model-z"
    assert [request.body["model"] for request in server.chats] == ["model-z"] * 2
    assert sum(request.method == "GET" for request in server.requests) == 1


async def test_a_local_server_whose_model_changed_is_asked_again(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.routes = wire.models("model-z")
    server.fails(404, wire.error_body("NotFoundError"))
    server.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    provider = make(model=None)
    with pytest.raises(ModelNotFoundError) as caught:
        await provider.generate(messages)
    assert caught.value.model == "model-z"
    server.routes = wire.models("model-y")
    assert (await provider.generate(messages)).model == "model-y"


async def test_a_local_server_without_models(
    wire: Any, server: Any, make: Any, messages: Any
) -> None:
    server.routes = wire.models()
    provider = make(model=None)
    with pytest.raises(ModelNotFoundError):
        await provider.generate(messages)
    assert not (await provider.health_check()).ok
