"""What a reader and an operator see of the chain: the trail, breakers by hand, cache, policy."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from staging import ANALYSIS, Stage, eventually, is_final, staged, text_of

import handlers
from bot.scheduler import Scheduler, crontab
from providers.base import ProviderHealth
from providers.errors import StreamInterruptedError, UnreachableError
from providers.fake import FakeProvider
from providers.pricing import Price

GOOD = ANALYSIS.format(cause="E3", symptom="E2")


async def ask(stage: Stage, question: str = "why?") -> None:
    await stage.workspace.say(
        stage.anna, stage.channel, f"<@{stage.bot}> {question}", thread_ts=stage.root
    )


async def command(stage: Stage, user: str, question: str, count: int) -> str:
    """Type `/rca` and return what is then the last of so many answers."""
    await stage.workspace.command(user, stage.channel, "/rca", question)

    def answers() -> list[str]:
        roots = stage.workspace.messages(stage.channel)
        own = [root["ts"] for root in roots if root.get("user") == stage.bot]
        texts = [text_of(reply) for ts in own for reply in stage.answers(ts)]
        return [text for text in texts if is_final(text)]

    await eventually(lambda: len(answers()) == count)
    return answers()[-1]


async def test_a_button_shows_how_an_answer_came_about(mode):
    broken = FakeProvider(
        name="anthropic", model="claude", script=[["Verdict: ca", StreamInterruptedError()]]
    )
    good = FakeProvider(name="openai", model="gpt", script=[[GOOD]], cost_usd=0.02)
    chain = {"prices": {"claude": Price(10, 10)}}
    async with staged(broken, good, mode=mode, manager=chain) as stage:
        await ask(stage)
        answer = await stage.answered()
        assert re.search(
            r"\$0\.0\d+ in all · about \d+ tokens \(\$0\.\d+\) brought no answer", text_of(answer)
        )
        await stage.workspace.click(stage.ben, stage.channel, answer["ts"], "rca_trail")
        await eventually(lambda: stage.workspace.views(stage.ben))
        shown = str(stage.workspace.views(stage.ben)[-1])
        for part in (
            "How it was answered",
            "*anthropic* claude: broke off its answer",
            "*openai* gpt: answered",
            "the next of the chain",
            "brought no answer",
        ):
            assert part in shown
        assert "remaining connection slots" not in shown


async def test_an_answer_of_rules_has_its_trail_too(mode):
    """A model answered, was paid, and its text could not stand."""
    vague = FakeProvider(name="anthropic", script=[["I cannot say."]], cost_usd=0.02)
    chain = {"prices": {"fake-model": Price(1_000, 1_000)}}
    async with staged(vague, mode=mode, manager=chain) as stage:
        await ask(stage)
        answer = await stage.answered()
        assert "Answered by rules" in text_of(answer)
        assert "15 tokens ($0.0150) brought no answer" in text_of(answer)
        await stage.workspace.click(stage.ben, stage.channel, answer["ts"], "rca_trail")
        await eventually(lambda: stage.workspace.views(stage.ben))
        shown = str(stage.workspace.views(stage.ben)[-1])
        assert "*anthropic* fake-model: gave an answer that did not pass the check" in shown
        reason = "Rules answered, without a model: the answer of anthropic did not pass the check"
        assert reason in shown
        assert "of these 15 tokens, $0.0150, brought no answer" in shown


async def test_a_bad_answer_is_asked_for_once_more_elsewhere(mode):
    vague = FakeProvider(name="openai", script=[["I'm sorry, but I can't help with that.\n"]])
    good = FakeProvider(name="anthropic", script=[[GOOD]])
    async with staged(vague, good, mode=mode) as stage:
        await ask(stage)
        answer = text_of(await stage.answered())
        assert "Answered by anthropic" in answer
        assert "openai gave an answer that did not pass the check" in answer
        assert "orders-db" in answer
        health = stage.application.chain.manager.get_provider_health_status()
    assert (health["openai"]["breaker"], health["openai"]["errors"]) == ("closed", {})


async def test_the_same_question_within_a_minute_is_answered_from_the_cache():
    provider = FakeProvider(name="anthropic", script=[[GOOD]])
    async with staged(provider, manager={"cache_seconds": 600}) as stage:
        assert "from the cache" not in await command(stage, stage.anna, "why?", 1)
        second = await command(stage, stage.ben, "why?", 2)
        assert "Answered by anthropic fake-model · from the cache, 0 s old" in second
        assert "tokens in" not in second
        assert len(provider.calls) == 1


async def test_the_trail_of_an_answer_stays_in_its_channel():
    async with staged(FakeProvider(script=[[GOOD]])) as stage:
        await ask(stage)
        answer = await stage.answered()
        other = stage.workspace.add_channel("other", members=[stage.ben])
        copied = await stage.workspace.say_as_bot(
            "rca", other, text="copied", blocks=answer["blocks"]
        )
        await stage.workspace.click(stage.ben, other, copied, "rca_trail")
        await eventually(lambda: stage.workspace.ephemerals(stage.ben, other))
        assert "no longer kept" in text_of(stage.workspace.ephemerals(stage.ben, other)[-1])
        assert not stage.workspace.views(stage.ben)


async def test_a_provider_is_taken_out_and_put_back_from_health(mode):
    first = FakeProvider(name="anthropic", script=[[GOOD]])
    second = FakeProvider(name="openai", script=[[GOOD]])
    async with staged(first, second, mode=mode) as stage:

        def shown() -> str:
            seen = stage.workspace.ephemerals(stage.anna, stage.channel)
            return text_of(seen[-1]) if seen else ""

        async def press(action: str) -> None:
            seen = stage.workspace.ephemerals(stage.anna, stage.channel)[-1]
            await stage.workspace.click(stage.anna, stage.channel, seen["ts"], action)

        await stage.workspace.command(stage.anna, stage.channel, "/rca-health", "")
        await eventually(lambda: "Take anthropic out" in shown())
        await press("rca_take_out_0")
        await eventually(lambda: "Put anthropic back" in shown())
        assert "breaker open, taken out by hand, until it is put back" in shown()
        await ask(stage)
        assert "Answered by openai" in text_of(await stage.answered())
        assert first.calls == []
        await press("rca_put_back_0")
        await eventually(lambda: "Take anthropic out" in shown())
        await ask(stage, "and again?")
        assert "Answered by anthropic" in text_of(await stage.answered(count=2))


@pytest.mark.parametrize(("channel", "asked"), [("sec-breach", "vllm"), ("inc-shop", "openai")])
async def test_the_channel_decides_who_may_see_what_is_said_there(channel: str, asked: str):
    fitting = ANALYSIS.format(cause="E1", symptom="E1")
    providers = [FakeProvider(name=name, script=[[fitting]]) for name in ("openai", "vllm")]
    policy = {"data_policy": {"restricted": ["vllm"]}}
    classes = {"rca_data_classes": "restricted=sec-*", "rca_data_policy": "restricted=vllm"}
    async with staged(*providers, manager=policy, **classes) as stage:
        where = stage.workspace.add_channel(channel, members=[stage.anna])
        root = await stage.workspace.say(stage.anna, where, "db: FATAL too many connections")
        await stage.workspace.say(stage.anna, where, f"<@{stage.bot}> why?", thread_ts=root)
        await eventually(lambda: any(provider.calls for provider in providers))
        assert [provider.name for provider in providers if provider.calls] == [asked]


async def test_a_direct_message_counts_as_the_strictest_class():
    """It has no name by which anybody could have ruled on it."""
    providers = [FakeProvider(name=name, script=[[GOOD]]) for name in ("openai", "vllm")]
    policy = {"data_policy": {"restricted": ["vllm"]}}
    classes = {"rca_data_classes": "restricted=sec-*", "rca_data_policy": "restricted=vllm"}
    async with staged(*providers, manager=policy, **classes) as stage:
        talk = stage.workspace.open_dm(stage.anna)
        await stage.workspace.say(stage.anna, talk, "db: FATAL too many connections\nwhy?")
        await eventually(lambda: any(provider.calls for provider in providers))
        assert providers[0].calls == []


async def test_an_answered_thread_is_read_anew_and_never_answered_from_the_cache(mode):
    provider = FakeProvider(name="anthropic", script=[[GOOD]])
    async with staged(provider, mode=mode, manager={"cache_seconds": 600}) as stage:
        for count in (1, 2):
            # Nothing is typed: what the model is sent is the same, word by word.
            await stage.workspace.shortcut(stage.anna, "analyse_thread", stage.channel, stage.root)
            assert "from the cache" not in text_of(await stage.answered(count=count))
        assert provider.calls[0] == provider.calls[1]


async def test_who_says_again_gets_a_new_answer():
    provider = FakeProvider(name="anthropic", script=[[GOOD]])
    async with staged(provider, manager={"cache_seconds": 600}) as stage:
        for count in (1, 2):
            shown = await command(stage, stage.anna, "why? run it again", count)
            assert "from the cache" not in shown
        assert provider.calls[0] == provider.calls[1]


async def test_metrics_are_there_for_a_scrape():
    provider = FakeProvider(name="anthropic", script=[[UnreachableError()]])
    async with staged(provider) as stage, aiohttp.ClientSession() as session:
        async with session.get(f"{stage.application.url}/metrics") as answer:
            body = await answer.text()
            assert answer.status == 200
            assert answer.content_type == "text/plain"
        assert 'rca_breaker_state{model="fake-model",provider="anthropic"} 0.0' in body


async def test_idle_providers_are_looked_at_every_minute_and_busy_ones_left_alone():
    busy = FakeProvider(name="anthropic", script=[[GOOD]])
    idle = FakeProvider(name="openai", script=[[GOOD]])
    async with staged(busy, idle) as stage, slots(stage) as run_now:
        await ask(stage)
        await stage.answered()
        before = busy.health_checks
        run_now()
        await eventually(lambda: idle.health_checks)
        assert busy.health_checks == before
        assert idle.calls == []


async def test_a_probe_that_hangs_is_not_joined_by_others():
    provider = _Hanging(name="openai")
    async with staged(provider) as stage, slots(stage) as run_now:
        for _ in range(3):
            run_now()
            await asyncio.sleep(0.05)
        # The bot's own schedule may be due in the meantime, once.
        assert provider.health_checks in (1, 2)
        provider.let_go.set()


async def test_a_probe_that_breaks_does_not_end_the_schedule(caplog):
    provider = _Breaking(name="openai")
    async with staged(provider) as stage, slots(stage) as run_now:
        for count in (1, 2):
            run_now()
            await eventually(lambda count=count: provider.health_checks >= count)
        await eventually(lambda: "the health check of openai ended in RuntimeError" in caplog.text)
    assert "an adapter's own fault" not in caplog.text


@asynccontextmanager
async def slots(stage: Stage) -> AsyncIterator[Callable[[], None]]:
    """A schedule of the bot's callables, and what makes the look at idle providers due."""
    scheduler = Scheduler()
    handlers.schedule(scheduler, stage.application.services)
    scheduler.start()
    job = scheduler._scheduler.get_job("idle-providers")
    assert str(job.trigger) == str(crontab("* * * * *"))
    try:
        yield lambda: job.modify(next_run_time=datetime.now(UTC))
    finally:
        scheduler.stop()
        await asyncio.sleep(0)


class _Hanging(FakeProvider):
    """Its health check takes until it is let go."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)
        self.let_go = asyncio.Event()

    async def health_check(self) -> ProviderHealth:
        self.health_checks += 1
        await self.let_go.wait()
        return self.health


class _Breaking(FakeProvider):
    """Its health check has a bug."""

    async def health_check(self) -> ProviderHealth:
        self.health_checks += 1
        raise RuntimeError("an adapter's own fault")
