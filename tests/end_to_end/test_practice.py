"""The scripted model server: real wires, faults at will, and never taken for a model."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from staging import eventually, is_final, text_of

from bot.app import running
from bot.connection import StartError
from bot.settings import Settings


async def control(url: str, **wanted: str) -> tuple[int, dict]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/control/practice", json=wanted) as answer,
    ):
        return answer.status, await answer.json()


async def ask(application, *further: str) -> str:
    """Ask, then ask further; return the last answer."""
    workspace = application.workspace
    channel = workspace.add_channel("inc-practice", members=["you"])
    root = await workspace.say(
        "you", channel, "orders: FATAL too many connections, pool_size=200 since 10:02"
    )
    await workspace.say("you", channel, f"<@{workspace.bot_user_id}> why?", thread_ts=root)

    def answers():
        return [
            text_of(message)
            for message in workspace.messages(channel, root)
            if message.get("user") == workspace.bot_user_id
        ]

    await eventually(lambda: answers() and is_final(answers()[-1]))
    for count, question in enumerate(further, 2):
        mention = f"<@{workspace.bot_user_id}> {question}"
        await workspace.say("you", channel, mention, thread_ts=root)
        await eventually(lambda count=count: sum(map(is_final, answers())) == count)
    assert len(answers()) == 1 + len(further)
    return answers()[-1]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("ok", "Answered by vllm practice script, not a model"),
        ("stopped", "vllm is overloaded"),
        ("breaks", "vllm broke off its answer"),
    ],
)
async def test_a_practice_provider_answers_or_fails_as_told(mode, said):
    settings = Settings(_env_file=None, rca_port=0, rca_max_retries=0)
    async with running(settings, practice=True) as application:
        status, state = await control(application.url, provider="vllm", mode=mode)
        assert (status, state["running"]) == (200, True)
        assert {"name": "vllm", "mode": mode} in state["providers"]
        text = await ask(application)
        assert said in text
        assert "practice script, not a model" in text
        assert "too many connections" in text


async def test_a_provider_stopped_in_the_middle_of_its_answer_is_gone_at_once():
    settings = Settings(_env_file=None, rca_port=0, rca_max_retries=0)
    async with running(settings, practice=True) as application:
        await control(application.url, provider="vllm", mode="slow")
        asking = asyncio.create_task(ask(application))
        health = application.chain.manager.get_provider_health_status
        await eventually(lambda: health()["vllm"]["requests"] == 1)
        await asyncio.sleep(0.7)
        await control(application.url, provider="vllm", mode="stopped")
        text = await asking
    assert "vllm broke off its answer" in text
    assert "Answered by lmstudio" in text


@pytest.mark.parametrize(
    "wanted", [{}, {"provider": "openai", "mode": "ok"}, {"provider": "vllm", "mode": "angry"}]
)
async def test_a_wrong_wish_is_told_what_there_is(wanted):
    settings = Settings(_env_file=None, rca_port=0)
    async with running(settings, practice=True) as application:
        status, said = await control(application.url, **wanted)
        assert status == 400
        assert "lmstudio" in said["error"]


async def test_without_being_asked_for_there_is_no_practice(monkeypatch):
    for name in ("OLLAMA", "VLLM", "LMSTUDIO"):
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
    async with running(Settings(_env_file=None, rca_port=0)) as application:
        status, _ = await control(application.url, provider="vllm", mode="ok")
        assert status == 404
        assert application.chain.names == ()


async def test_practice_is_not_for_a_real_slack():
    settings = Settings(_env_file=None, rca_port=0, slack_bot_token="xoxb-1", slack_app_token="x")
    with pytest.raises(StartError, match="local workspace"):
        async with running(settings, practice=True):
            pass


async def test_a_further_question_is_answered_shortly_in_practice_too():
    settings = Settings(_env_file=None, rca_port=0)
    async with running(settings, practice=True) as application:
        text = await ask(application, "what about the connections?")
    assert "too many connections" in text
    assert "practice script, not a model" in text
    assert "###" not in text
