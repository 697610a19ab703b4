"""Settings that hold a small table, and what is said where one is malformed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.chain import build_chain
from bot.options import read_clocks, read_limits, read_lists
from bot.settings import Settings, SettingsError, load_settings
from providers.policies.clocks import Clocks
from providers.policies.limits import RateLimits


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", {}),
        ("ollama:first_content=60", {"ollama": Clocks(first_content=60)}),
        (
            " ollama : first_content = 60 , connect=5 ; vllm:content_gap=30;",
            {"ollama": Clocks(connect=5, first_content=60), "vllm": Clocks(content_gap=30)},
        ),
        ("vllm:min_throughput=0", {"vllm": Clocks(min_throughput=0)}),
    ],
)
def test_clocks(text: str, read: dict[str, Clocks]) -> None:
    assert read_clocks(text) == read


def test_limits() -> None:
    read = read_limits("openai:concurrent=4,requests=60,tokens=90000;vllm:concurrent=1")
    assert read == {"openai": RateLimits(4, 60, 90_000), "vllm": RateLimits(1)}


def test_lists_keep_their_order() -> None:
    read = read_lists("restricted=sec-*, inc-pci-*;internal=inc-*")
    assert list(read.items()) == [("restricted", ("sec-*", "inc-pci-*")), ("internal", ("inc-*",))]


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (read_clocks, "ollama", "should look like ollama:first_content=60,connect=5"),
        (read_clocks, "ollama:60", "should look like"),
        (read_clocks, ":connect=1", "should look like"),
        (read_clocks, "ollama:", "should look like"),
        (read_clocks, "ollama:patience=60", "'patience' is none of connect, first_content"),
        (read_clocks, "ollama:connect=soon", "'soon' must be a number above 0, as in ollama:"),
        (read_clocks, "ollama:connect=-1", "must be a number above 0"),
        (read_clocks, "ollama:connect=0", "must be a number above 0"),
        (read_clocks, "ollama:connect=nan", "must be a number above 0"),
        (read_clocks, "ollama:connect=inf", "must be a number above 0"),
        (read_clocks, "ollama:min_throughput=-1", "must be a number of 0 or more"),
        (read_clocks, "vllm:connect=1;vllm:connect=2", "'vllm' is there twice"),
        (read_limits, "openai:requests=1.5", "must be a whole number above 0, as in openai:"),
        (read_limits, "openai:requests=0", "must be a whole number above 0"),
        (read_lists, "restricted", "should look like restricted=vllm,ollama"),
        (read_lists, "restricted=", "should look like"),
        (read_lists, "restricted=,", "should look like"),
        (read_lists, "restricted=vllm;restricted=ollama", "'restricted' is there twice"),
    ],
)
def test_what_is_malformed_is_named(read: Any, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text)


def test_all_that_is_malformed_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "RCA_PROVIDER_CLOCKS": "ollama",
        "RCA_LIMITS": "olama:requests=1",
        "RCA_DATA_POLICY": "x",
        "RCA_PRICES": "gpt=cheap",
        "RCA_STRATEGY": "fastest",
        "RCA_BUDGET_DAY_USD": "-1",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(slack=False)
    said = str(caught.value)
    for name in ("CLOCKS", "LIMITS", "DATA_POLICY", "PRICES", "STRATEGY", "BUDGET_DAY_USD"):
        assert f"RCA_{name}" in said or f"RCA_PROVIDER_{name}" in said


def test_a_class_of_data_without_a_policy_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A class that nobody ruled on would go to every provider."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RCA_DATA_CLASSES", "restricted=sec-*")
    with pytest.raises(SettingsError, match="does not say who may see 'restricted'"):
        load_settings(slack=False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RCA_PROVIDER_CLOCKS", "olama:connect=1"),
        ("RCA_LIMITS", "olama:requests=1"),
        ("RCA_DATA_POLICY", "restricted=vllm,olama"),
    ],
)
def test_a_provider_that_does_not_exist_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, variable: str, value: str
) -> None:
    """What is set for a name that nobody bears would hold for nobody."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"{variable}: 'olama' .* RCA_COMPATIBLE_<NAME>"):
        load_settings(slack=False)


def test_a_second_provider_of_a_name_may_have_limits_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RCA_LIMITS", "vllm-2:concurrent=1")
    assert load_settings(slack=False).limits == {"vllm-2": RateLimits(1)}


def test_patterns_of_channels_fit_however_they_are_written() -> None:
    settings = Settings(
        _env_file=None, rca_data_classes="Restricted=#SEC-*", rca_data_policy="restricted=VLLM"
    )
    assert settings.data_classes == {"restricted": ("sec-*",)}
    assert settings.data_policy == {"restricted": ("vllm",)}


async def test_only_a_clock_that_was_set_is_given_to_the_chain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is given is never adapted; the documented default may be."""
    monkeypatch.delenv("RCA_FIRST_CONTENT_SECONDS", raising=False)
    usual = await build_chain(Settings(_env_file=None), only="vllm")
    monkeypatch.setenv("RCA_FIRST_CONTENT_SECONDS", "12")
    given = await build_chain(Settings(_env_file=None), only="vllm")
    general = [chain.manager._rules.clocks._general for chain in (usual, given)]
    assert [clocks.first_content for clocks in general] == [None, 12]
    for chain in (usual, given):
        await chain.manager.close()
