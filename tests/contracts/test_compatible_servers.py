"""Servers that have a name, an address and no adapter of their own."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import SettingsError, load_settings
from providers import LLMProviderFactory, LLMProviderManager
from providers.errors import ConfigurationError


def selects(wire: Any) -> bool:
    return wire.provider == "huggingface"


@pytest.fixture
def openrouter(server: Any, clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("RCA_COMPATIBLE_OPENROUTER_BASE_URL", f"{server.url}/api/v1")
    return server


async def test_a_name_an_address_a_key_and_a_model_are_enough(
    wire: Any, openrouter: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    openrouter.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    monkeypatch.setenv("RCA_COMPATIBLE_OPENROUTER_API_KEY", "key-9")
    monkeypatch.setenv("RCA_COMPATIBLE_OPENROUTER_MODEL", "vendor/model-a")
    manager = LLMProviderManager("openrouter", fallbacks=[])
    response = await manager.generate(messages)
    await manager.close()
    assert (response.provider, response.content) == ("openrouter", "Hello")
    (request,) = openrouter.chats
    assert request.path == "/api/v1/chat/completions"
    assert request.headers["Authorization"] == "Bearer key-9"
    assert request.body["model"] == "vendor/model-a"


async def test_without_a_key_none_is_sent_and_without_a_model_one_is_found(
    wire: Any, openrouter: Any, messages: Any
) -> None:
    openrouter.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    openrouter.routes = {"/api/v1/models": {"data": [{"id": "found"}]}}
    async with LLMProviderFactory.create("openrouter") as provider:
        response = await provider.generate(messages)
    assert response.model == "found"
    assert "Authorization" not in openrouter.chats[0].headers


@pytest.mark.parametrize("named", ["context_length", "max_model_len"])
async def test_the_window_that_a_server_names_is_known(
    wire: Any, openrouter: Any, messages: Any, named: str
) -> None:
    openrouter.answers(*wire.opening(), wire.text("Hello"), *wire.closing())
    openrouter.routes = {"/api/v1/models": {"data": [{"id": "found", named: 12_288}]}}
    async with LLMProviderFactory.create("openrouter") as provider:
        assert provider.prompt_tokens is None
        await provider.generate(messages)
        assert provider.prompt_tokens == 12_288 - 4_096


def test_two_names_are_two_providers(openrouter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RCA_COMPATIBLE_MY_GATEWAY_BASE_URL", "http://gateway.invalid")
    first, second = map(LLMProviderFactory.create, ("openrouter", "my-gateway"))
    assert (first.name, second.name) == ("openrouter", "my-gateway")
    assert type(second).configured()
    assert second.base_url == "http://gateway.invalid"
    assert LLMProviderFactory.provider_class("openrouter") is type(first)


@pytest.mark.parametrize("name", ["groq", "no name", "../groq", "-", "GROQ"])
def test_a_name_without_an_address_is_unknown(openrouter: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match="RCA_COMPATIBLE_<NAME>_BASE_URL"):
        LLMProviderFactory.create(name)


async def test_a_malformed_address_and_a_malformed_number_are_named(
    openrouter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RCA_COMPATIBLE_XAI_BASE_URL", "nonsense")
    with pytest.raises(ConfigurationError, match="RCA_COMPATIBLE_XAI_BASE_URL is malformed"):
        await LLMProviderFactory.create("xai").initialize()
    monkeypatch.setenv("RCA_COMPATIBLE_XAI_MAX_TOKENS", "secret")
    with pytest.raises(ConfigurationError, match="RCA_COMPATIBLE_XAI_MAX_TOKENS") as caught:
        LLMProviderFactory.create("xai")
    assert "secret" not in str(caught.value)


def test_the_applications_settings_know_such_a_name(
    openrouter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RCA_PRIMARY_PROVIDER", "openrouter")
    monkeypatch.setenv("RCA_FALLBACKS", "openrouter:other/model:free,ollama")
    settings = load_settings(slack=False)
    assert settings.fallbacks == [("openrouter", "other/model:free"), ("ollama", None)]
    monkeypatch.setenv("RCA_FALLBACKS", "groq")
    with pytest.raises(SettingsError, match="RCA_FALLBACKS: 'groq' is no provider"):
        load_settings(slack=False)
