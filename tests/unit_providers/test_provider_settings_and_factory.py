"""How providers are found, made and configured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import providers
from providers import (
    AnthropicProvider,
    AzureProvider,
    CohereProvider,
    HuggingFaceProvider,
    LLMMessage,
    LLMProvider,
    LLMProviderFactory,
    LMStudioProvider,
    OllamaProvider,
    OpenAIProvider,
    VLLMProvider,
)
from providers.errors import ConfigurationError

ADAPTERS: dict[str, Any] = {
    "openai": OpenAIProvider,
    "anthropic": AnthropicProvider,
    "ollama": OllamaProvider,
    "vllm": VLLMProvider,
    "lmstudio": LMStudioProvider,
    "azure": AzureProvider,
    "cohere": CohereProvider,
    "huggingface": HuggingFaceProvider,
}
PREFIXES = {name: cls.settings_class.model_config["env_prefix"] for name, cls in ADAPTERS.items()}
HOSTED = [name for name, cls in ADAPTERS.items() if not cls.local]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let neither the machine's variables nor its `.env` into a test."""
    for name in list(os.environ):
        if name.startswith((*PREFIXES.values(), "CO_API_", "HF_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_factory_takes_a_string_and_an_enum_member(name: str) -> None:
    assert LLMProviderFactory.provider_class(name) is ADAPTERS[name]
    assert LLMProviderFactory.provider_class(LLMProvider(name)) is ADAPTERS[name]
    made = LLMProviderFactory.create(name, model="model-a")
    assert (type(made), made.name, made.model) == (ADAPTERS[name], name, "model-a")


@pytest.mark.parametrize("name", LLMProvider)
def test_every_provider_can_be_imported_from_the_package(name: str) -> None:
    cls = LLMProviderFactory.provider_class(name)
    assert cls.__name__ in providers.__all__
    assert getattr(providers, cls.__name__) is cls


def test_the_factory_finds_the_files_by_itself() -> None:
    assert set(LLMProviderFactory.names()) == set(LLMProvider)


@pytest.mark.parametrize("name", ["no-such", "base", "../bot", ""])
def test_an_unknown_name_is_told_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigurationError, match="anthropic"):
        LLMProviderFactory.provider_class(name)


def test_a_name_that_the_package_does_not_have() -> None:
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = providers.Nonsense


@pytest.mark.parametrize(
    ("name", "model", "base_url"),
    [
        ("openai", "gpt-6-sol", "https://api.openai.com/v1"),
        ("anthropic", "claude-sonnet-5-5", "https://api.anthropic.com"),
        ("ollama", "", "http://localhost:11434"),
        ("vllm", "", "http://localhost:8000"),
        ("lmstudio", "", "http://localhost:1234"),
        ("azure", "", ""),
        ("cohere", "command-a-plus-05-2026", "https://api.cohere.com"),
        ("huggingface", "openai/gpt-oss-120b", "https://router.huggingface.co/v1"),
    ],
)
def test_what_is_left_out_has_a_default(name: str, model: str, base_url: str) -> None:
    made = ADAPTERS[name]()
    assert (made.model, made.base_url, made.max_tokens) == (model, base_url, 4096)
    assert made.temperature is None


@pytest.mark.parametrize("name", ADAPTERS)
def test_variables_fill_in_and_arguments_go_before_them(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"MODEL": "m", "BASE_URL": "http://h", "MAX_TOKENS": "9", "TEMPERATURE": "0.5"}
    for variable, value in {**values, "API_KEY": " key-1 "}.items():
        monkeypatch.setenv(PREFIXES[name] + variable, value)
    made = ADAPTERS[name]()
    assert (made.model, made.base_url, made.max_tokens) == ("m", "http://h", 9)
    assert (made.temperature, made.key) == (0.5, "key-1")
    made = ADAPTERS[name](
        model="n", base_url="http://i", max_tokens=8, temperature=0.0, api_key="k"
    )
    assert (made.model, made.base_url, made.max_tokens) == ("n", "http://i", 8)
    assert (made.temperature, made.key) == (0.0, "k")
    assert ADAPTERS[name](connect_timeout=1.5).connect_timeout == 1.5


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=key-2\nVLLM_MODEL=model-b\nSOMETHING=else\n")
    assert OpenAIProvider().key == "key-2"
    assert VLLMProvider().model == "model-b"


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_malformed_variable_is_named_and_no_value_is_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = PREFIXES[name]
    monkeypatch.setenv(f"{prefix}MAX_TOKENS", "secret")
    monkeypatch.setenv(f"{prefix}TEMPERATURE", "99")
    with pytest.raises(ConfigurationError) as caught:
        ADAPTERS[name]()
    assert f"{prefix}MAX_TOKENS, {prefix}TEMPERATURE" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_vendors_need_a_key_and_local_servers_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = {name for name in ADAPTERS if ADAPTERS[name].configured()}
    assert configured == {"ollama", "vllm", "lmstudio"}
    monkeypatch.setenv("OPENAI_API_KEY", "key-1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "  ")
    assert OpenAIProvider.configured()
    assert not AnthropicProvider.configured()


@pytest.mark.parametrize(
    ("provider", "variable"), [(CohereProvider, "CO_API_KEY"), (HuggingFaceProvider, "HF_TOKEN")]
)
def test_the_vendors_own_variable_for_a_key_is_read_too(
    provider: Any, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "key-1")
    assert provider.configured()
    assert provider().key == "key-1"
    monkeypatch.setenv(provider.settings_class.model_config["env_prefix"] + "API_KEY", "key-2")
    assert provider().key == "key-2"


@pytest.mark.parametrize("name", HOSTED)
async def test_a_missing_key_is_named_before_anything_is_sent(name: str) -> None:
    made = ADAPTERS[name](model="model-a", base_url="http://h")
    with pytest.raises(ConfigurationError, match=f"{PREFIXES[name]}API_KEY is not set") as caught:
        await made.initialize()
    assert caught.value.provider == name
    with pytest.raises(ConfigurationError):
        await made.generate([LLMMessage("user", "hello")])
    assert not (await made.health_check()).ok
    await made.close()


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_key_shows_up_in_no_representation(name: str) -> None:
    made = ADAPTERS[name](api_key="key-secret")
    assert "secret" not in f"{made!r} {made} {vars(made)}"


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_imports_no_adapter_and_no_sdk() -> None:
    loaded = modules_after("import providers")
    heavy = {"pydantic", "aiohttp", "openai", "anthropic", "httpx2", "genai_prices", "boto3"}
    assert not loaded & heavy
    assert not {f"providers.{name}" for name in (*ADAPTERS, "manager")} & loaded


def test_types_errors_and_manager_need_nothing_but_python() -> None:
    """No adapter, no SDK, no settings library: none of them is even there."""
    script = (
        "from providers import LLMProviderFactory, LLMProviderManager, errors; "
        "from providers.fake import *; import sys; LLMProviderManager(providers=[]); "
        "LLMProviderFactory.names(); sys.exit('pydantic' in sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True
    )


def test_listing_the_names_imports_no_adapter() -> None:
    loaded = modules_after("from providers import LLMProviderFactory as f; f.names()")
    assert not {f"providers.{name}" for name in ADAPTERS} & loaded


def test_making_a_provider_imports_no_sdk() -> None:
    """Nor does making all of them, one after the other in one process."""
    made = f"f.create(name) for name in {[*map(str, LLMProvider)]}"
    loaded = modules_after(f"from providers import LLMProviderFactory as f; print(len([{made}]))")
    assert str(len(LLMProvider)) in loaded
    assert {f"providers.{name}" for name in LLMProvider} <= loaded
    assert not loaded & {"openai", "anthropic", "httpx2", "genai_prices", "boto3"}
