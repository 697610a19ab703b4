"""Azure's addresses, ways to sign in, and names of deployments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from providers import AzureProvider
from providers.errors import ConfigurationError
from providers.signals import read_signal

V1 = "/openai/v1/chat/completions"
CLASSIC = "/openai/deployments/prod/chat/completions"


def selects(wire: Any) -> bool:
    return wire.provider == "azure"


def answer(wire: Any) -> list[bytes]:
    return [*wire.opening(), wire.text("Hello"), *wire.closing()]


def write_token(token: str) -> None:
    lines = f"AZURE_OPENAI_MODEL=prod\nAZURE_OPENAI_AD_TOKEN={token}\n"
    Path(".env").write_text(lines)


@pytest.fixture
def asked(server: Any, wire: Any, messages: Any, clean_environment: None):
    """Ask once, configured by the environment alone, and return what was sent."""
    server.answers(*answer(wire))

    async def ask(**arguments: Any) -> Any:
        async with AzureProvider(**arguments) as provider:
            assert (await provider.generate(messages)).content == "Hello"
        return server.chats[-1]

    return ask


@pytest.mark.parametrize(
    "suffix",
    ["", "/", "/openai", "/openai/v1/", "/v1", "/models", "/openai/deployments/x?api-version=1"],
)
@pytest.mark.parametrize(("version", "path"), [("", V1), ("2024-10-21", CLASSIC)])
async def test_an_address_is_taken_however_the_portal_writes_it(
    asked: Any, server: Any, monkeypatch: Any, suffix: str, version: str, path: str
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url + suffix)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-1")
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "prod")
    monkeypatch.setenv("AZURE_OPENAI_API_VERSION", version)
    request = await asked()
    assert request.path == path
    assert request.headers["api-key"] == "key-1"
    assert request.body["model"] == "prod"


async def test_a_model_served_on_its_own_keeps_its_shorter_path(clean_environment: None) -> None:
    provider = AzureProvider(
        base_url="https://x.eastus2.models.ai.azure.com", model="m", api_key="k"
    )
    async with provider:
        assert str(provider._client.base_url) == "https://x.eastus2.models.ai.azure.com/v1/"


@pytest.mark.parametrize("version", ["", "2024-10-21"])
async def test_a_token_of_entra_is_read_anew_for_each_request(
    asked: Any, server: Any, monkeypatch: Any, messages: Any, version: str
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("AZURE_OPENAI_API_VERSION", version)
    write_token("token-1")
    assert AzureProvider.configured()
    async with AzureProvider() as provider:
        await provider.generate(messages)
        write_token("token-2")
        await provider.generate(messages)
        write_token("")
        with pytest.raises(ConfigurationError, match="AD_TOKEN is not set"):
            await provider.generate(messages)
    sent = [request.headers["Authorization"] for request in server.chats]
    assert sent == ["Bearer token-1", "Bearer token-2"]
    assert "api-key" not in server.chats[0].headers


async def test_a_deployment_is_named_and_its_model_is_known(
    asked: Any, server: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "prod")
    monkeypatch.setenv("AZURE_OPENAI_MODEL", "gpt-6-sol")
    request = await asked(base_url=server.url, api_key="k", temperature=0.7, max_tokens=9)
    assert request.body["model"] == "prod"
    assert "temperature" not in request.body
    assert request.body["max_completion_tokens"] > 9


@pytest.mark.parametrize(
    ("model", "field"),
    [("my-own", "max_completion_tokens"), ("DeepSeek-R1", "max_tokens")],
)
async def test_the_models_of_other_vendors_take_their_own_parameters(
    asked: Any, server: Any, model: str, field: str
) -> None:
    request = await asked(base_url=server.url, api_key="k", model=model)
    assert field in request.body


async def test_a_model_that_refuses_the_newer_limit_is_sent_the_older(
    asked: Any, server: Any, wire: Any
) -> None:
    server._scripts.clear()
    refusal = "Extra inputs are not permitted: max_completion_tokens"
    server.fails(422, {"error": {"code": "invalid", "message": refusal}})
    server.answers(*answer(wire))
    request = await asked(base_url=server.url, api_key="k", model="my-llama")
    assert "max_tokens" in request.body


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ({"api_key": "k", "model": "m"}, "AZURE_OPENAI_ENDPOINT"),
        ({"api_key": "k", "base_url": "http://h"}, "AZURE_OPENAI_DEPLOYMENT"),
        ({"base_url": "http://h", "model": "m"}, "AZURE_OPENAI_API_KEY"),
        ({"base_url": "nonsense", "model": "m", "api_key": "k"}, "AZURE_OPENAI_BASE_URL"),
    ],
)
async def test_what_is_missing_is_named(
    clean_environment: None, arguments: Any, missing: str
) -> None:
    assert not AzureProvider.configured()
    with pytest.raises(ConfigurationError, match=missing):
        await AzureProvider(**arguments).initialize()


async def test_health_says_what_it_cannot_check(server: Any, make: Any, wire: Any) -> None:
    server.routes = wire.models("gpt-6-sol")
    health = await make(model="prod").health_check()
    assert health.ok
    assert "deployment" in health.detail
    server.routes = wire.models()
    assert not (await make(model="prod").health_check()).ok


@pytest.mark.parametrize("within", [None, "text", {"code": 7}])
def test_an_inner_error_may_be_anything(within: Any) -> None:
    assert read_signal(400, {"error": {"innererror": within}}).words == ()
