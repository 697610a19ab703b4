"""Which providers a manager puts together from names and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.base import LLMMessage, LLMProvider
from providers.errors import AllProvidersFailedError, ConfigurationError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

VARIABLES = [
    f"{prefix}_{name}"
    for prefix in ("OPENAI", "ANTHROPIC", "OLLAMA", "VLLM", "LMSTUDIO")
    for name in ("API_KEY", "MODEL", "BASE_URL")
]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("primary", "keys", "expected"),
    [
        (None, "", "ollama"),
        (None, "OPENAI ANTHROPIC", "openai anthropic ollama"),
        ("vllm", "", "vllm ollama"),
        ("anthropic", "OPENAI ANTHROPIC", "anthropic openai ollama"),
        ("openai", "ANTHROPIC", "openai anthropic ollama"),
        (LLMProvider.LMSTUDIO, "OPENAI", "lmstudio openai ollama"),
        (LLMProvider.OLLAMA, "", "ollama"),
    ],
)
async def test_default_chain(
    monkeypatch: pytest.MonkeyPatch, primary: str | None, keys: str, expected: str
) -> None:
    for prefix in keys.split():
        monkeypatch.setenv(f"{prefix}_API_KEY", "k")
    async with LLMProviderManager(primary_provider=primary) as chain:
        assert chain.providers == expected.split()


async def test_the_primary_has_the_model_that_was_named() -> None:
    async with LLMProviderManager(primary_provider="vllm", primary_model="large") as chain:
        status = chain.get_provider_health_status()
    assert status["vllm"]["model"] == "large"
    assert status["vllm"]["local"] is True


async def test_named_fallbacks_replace_the_default() -> None:
    chain = LLMProviderManager("vllm", "large", fallbacks=[("vllm", "small"), ("lmstudio", None)])
    async with chain:
        assert chain.providers == ["vllm", "vllm-2", "lmstudio"]
        assert chain.get_provider_health_status()["vllm-2"]["model"] == "small"


async def test_the_same_model_by_name_and_by_environment_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VLLM_MODEL", "large")
    async with LLMProviderManager("vllm", "large", fallbacks=[("vllm", None)]) as chain:
        assert chain.providers == ["vllm"]


async def test_a_primary_without_its_key_is_skipped_with_a_reason() -> None:
    async with LLMProviderManager("anthropic", "some-model", fallbacks=[]) as chain:
        status = chain.get_provider_health_status()["anthropic"]
        assert status["state"] == "not configured"
        with pytest.raises(AllProvidersFailedError) as caught:
            await chain.generate([LLMMessage("user", "?")])
    (attempt,) = caught.value.attempts
    assert (attempt.outcome, attempt.skipped) == ("configuration", True)


def test_an_unknown_name_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError, match="'nobody' is no provider"):
        LLMProviderManager("nobody")


def test_instances_and_names_do_not_mix() -> None:
    with pytest.raises(ConfigurationError, match="either"):
        LLMProviderManager("vllm", providers=[FakeProvider()])
