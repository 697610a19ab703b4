"""Fallbacks that are proved before they are needed, and what is remembered of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.chain import Chain
from bot.drills import drill, remember
from bot.proved import read_proved, write_proved
from bot.settings import SettingsError
from providers.errors import AuthenticationError, ServerError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager
from providers.vllm import VLLMProvider

NOON = 1_800_014_400.0


def chain_of(*providers: FakeProvider) -> Chain:
    return Chain(LLMProviderManager(providers=providers), "for tests")


async def drilled(chain: Chain, folder: Path) -> list[str]:
    return [said async for _, said in drill(chain, folder, clock=lambda: NOON)]


async def test_each_provider_is_asked_once_and_told_in_a_line(tmp_path: Path) -> None:
    good = FakeProvider(name="vllm", cost_usd=0.001)
    bad = FakeProvider(name="openai", script=[[AuthenticationError()]])
    odd = FakeProvider(name="cohere", script=[[ServerError()]])
    chain = chain_of(good, bad, odd)
    said = await drilled(chain, tmp_path)
    assert said[0].startswith("ok       vllm fake-model proved in 0.")
    assert said[0].endswith("15 tokens, $0.001000 (last proved before: never)")
    assert said[1] == (
        "PROBLEM  openai fake-model did not accept our credentials: make a new key, or allow it "
        "this model (last proved before: never)"
    )
    assert "try again" in said[2]
    assert [len(provider.calls) for provider in (good, bad, odd)] == [1, 1, 1]
    assert read_proved(tmp_path) == {"vllm:fake-model": NOON}


async def test_what_was_proved_is_known_after_a_restart(tmp_path: Path) -> None:
    await drilled(chain_of(FakeProvider(name="vllm")), tmp_path)
    again = chain_of(FakeProvider(name="vllm"), FakeProvider(name="openai"))
    remember(again, tmp_path)
    status = again.manager.get_provider_health_status()
    assert (status["vllm"]["last_proved"], status["openai"]["last_proved"]) == (NOON, None)
    (said, _) = await drilled(again, tmp_path)
    assert "last proved before: 2027-01-15 12:00 UTC" in said


async def test_another_model_has_to_be_proved_anew(tmp_path: Path) -> None:
    await drilled(chain_of(FakeProvider(name="vllm", model="old")), tmp_path)
    changed = chain_of(FakeProvider(name="vllm", model="new"))
    remember(changed, tmp_path)
    assert changed.manager.get_provider_health_status()["vllm"]["last_proved"] is None


async def test_a_server_whose_model_is_not_known_yet_is_remembered(tmp_path: Path) -> None:
    """A bot starts before it asks its local server which model that has."""
    await drilled(chain_of(FakeProvider(name="vllm", model="found")), tmp_path)
    server = VLLMProvider(base_url="http://127.0.0.1:9")
    started = Chain(LLMProviderManager(providers=[server]), "for tests")
    remember(started, tmp_path)
    assert started.manager.get_provider_health_status()["vllm"]["last_proved"] == NOON


async def test_nobody_is_asked_where_the_times_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    provider = FakeProvider(name="vllm")
    with pytest.raises(SettingsError, match="RCA_DATA_DIR"):
        await drilled(chain_of(provider), tmp_path / "data")
    assert provider.calls == []


@pytest.mark.parametrize(
    "content",
    ["{half", "[]", '{"vllm:m": "soon"}', '{"vllm:m": NaN}', '{"vllm:m": 1e13}', '{"a:b": true}'],
)
def test_a_broken_file_is_told_and_no_reason_not_to_start(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "proved.json").write_text(content)
    assert read_proved(tmp_path) == {}
    assert "proved.json is broken" in caplog.text


def test_the_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    write_proved(tmp_path / "data", {"vllm:m": 1.0})
    write_proved(tmp_path / "data", {"vllm:m": 2.0})
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["proved.json"]
    assert read_proved(tmp_path / "data") == {"vllm:m": 2.0}
