"""The command line against model servers on loopback: drills, trails, and who may see what."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.cli import main
from bot.workspace.practice import MODEL, Mode, Practice

LOG = "10:02:11 INFO deployed orders 2.14\n10:02:40 ERROR pool exhausted: 5 of 5 in use\n"
PREFIXES = ("RCA_", "SLACK_", "OPENAI_", "ANTHROPIC_", "OLLAMA_", "VLLM_", "LMSTUDIO_")


@pytest.fixture
async def practice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Practice]:
    """Two model servers, vllm and then lmstudio, that are all that is configured."""
    for name in [name for name in os.environ if name.startswith(PREFIXES)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.log").write_text(LOG)
    practice, app = Practice(word_seconds=0), web.Application()
    practice.mount(app)
    async with TestServer(app) as server:
        for name in ("vllm", "lmstudio"):
            monkeypatch.setenv(
                f"{name.upper()}_BASE_URL", str(server.make_url(f"/practice/{name}"))
            )
        monkeypatch.setenv("RCA_PRIMARY_PROVIDER", "vllm")
        monkeypatch.setenv("RCA_FALLBACKS", "lmstudio")
        monkeypatch.setenv("RCA_MAX_RETRIES", "0")
        yield practice


async def run(*arguments: str) -> int:
    """Run a command beside the servers that it talks to."""
    return await asyncio.to_thread(main, arguments)


async def test_a_drill_says_what_it_costs_before_it_proves_each_provider(
    practice: Practice, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    practice.set_mode("lmstudio", Mode.STOPPED)
    assert await run("doctor", "--drill") == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "asking vllm, lmstudio one short question each; that costs a few tokens"
    assert said[1].startswith(f"ok       vllm {MODEL} proved in 0.")
    assert "tokens" in said[1]
    assert said[1].endswith("(last proved before: never)")
    assert said[2].startswith("PROBLEM  lmstudio")
    assert "is overloaded: try again" in said[2]
    assert said[3] == "1 of 2 need you"
    assert list(json.loads((tmp_path / "data" / "proved.json").read_text())) == [f"vllm:{MODEL}"]

    practice.set_mode("lmstudio", Mode.OK)
    assert await run("doctor", "--drill") == 0
    said = capsys.readouterr().out.splitlines()
    assert "UTC)" in said[1]
    assert said[-1] == "every provider answered"

    assert await run("doctor") == 0
    said = capsys.readouterr().out.splitlines()
    assert sum("; last proved by a real answer: 2" in line for line in said) == 2
    assert sum("every provider of the chain is in 127.0.0.1" in line for line in said) == 1


async def test_a_drill_without_any_model_has_nothing_to_prove(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RCA_PRIMARY_PROVIDER")
    monkeypatch.delenv("RCA_FALLBACKS")
    for name in ("OLLAMA", "VLLM", "LMSTUDIO"):
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
    assert await run("doctor", "--drill") == 1
    assert "nothing to drill: no model is configured" in capsys.readouterr().out


async def test_json_has_the_trail_with_every_decision(
    practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    practice.set_mode("vllm", Mode.STOPPED)
    assert await run("analyze", "app.log", "--json") == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [(it["provider"], it["outcome"], it["reason"]) for it in answer["attempts"]] == [
        ("vllm", "overloaded", "first"),
        ("lmstudio", "ok", "next"),
    ]
    assert list(answer["attempts"][1]) == [
        *("provider", "model", "skipped", "reason", "outcome", "phrase", "waited", "seconds"),
        *("time_to_first_token", "longest_gap", "deadline_left", "usage", "cost_usd"),
        "discarded_characters",
    ]
    assert answer["provider"] == "lmstudio"
    assert answer["reason"] == ""
    assert "pool exhausted" not in str(answer["attempts"])


async def test_each_line_of_an_evaluation_has_its_trail(practice: Practice, tmp_path: Path) -> None:
    case = tmp_path / "cases" / "pool"
    case.mkdir(parents=True)
    message = {"type": "message", "ts": "1763632900.000100", "user": "U1", "text": LOG}
    (case / "thread.json").write_text(json.dumps([message]))
    for _ in range(2):
        assert await run("eval", "cases", "--out", "out.jsonl", "--provider", "auto") == 0
        row = json.loads((tmp_path / "out.jsonl").read_text())
        # A measurement is never answered from a cache.
        assert [it["outcome"] for it in row["attempts"]] == ["ok"]
        assert row["provider"] == "vllm"


async def test_what_comes_from_no_channel_counts_as_the_strictest_class(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RCA_DATA_CLASSES", "restricted=sec-*;internal=inc-*")
    monkeypatch.setenv("RCA_DATA_POLICY", "restricted=lmstudio;internal=vllm")
    assert await run("analyze", "app.log", "--json") == 0
    assert json.loads(capsys.readouterr().out)["provider"] == "lmstudio"
    assert await run("analyze", "app.log", "--provider", "vllm", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["provider"] == "rules"
    assert "vllm may not see this kind of text" in answer["reason"]
