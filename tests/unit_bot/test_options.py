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
        (read_clocks, "ollama", "should look like ollama:first_content=60"),
        (read_clocks, "ollama:60", "should look like"),
        (read_clocks, "ollama:patience=60", "is none of connect, first_content"),
        (read_clocks, "ollama:connect=soon", "is no number"),
        (read_clocks, "ollama:connect=-1", "is below 0"),
        (read_clocks, "ollama:connect=nan", "is below 0"),
        (read_limits, "openai:requests=1.5", "is no number"),
        (read_lists, "restricted", "should look like restricted=vllm,ollama"),
        (read_lists, "restricted=", "should look like"),
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
        "RCA_LIMITS": "openai:many=1",
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


async def test_only_a_clock_that_was_set_is_given_to_the_chain() -> None:
    """What is given is never adapted; the documented default may be."""
    usual = await build_chain(Settings(_env_file=None), only="vllm")
    given = await build_chain(Settings(_env_file=None, rca_first_content_seconds=12), only="vllm")
    general = [chain.manager._rules.clocks._general for chain in (usual, given)]
    assert [clocks.first_content for clocks in general] == [None, 12]
    for chain in (usual, given):
        await chain.manager.close()
