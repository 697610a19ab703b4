"""Further questions in an answered thread: a few cited lines, and again only what moved."""

from __future__ import annotations

from staging import ANALYSIS, Stage, eventually, staged, text_of

from bot.workspace.faults import Fault
from providers.errors import OverloadedError
from providers.fake import FakeProvider, Silence

GOOD = ANALYSIS.format(cause="E3", symptom="E2")
SHORT = """Verdict: cause
Confidence: supported

## Likely cause
The connection pool of `orders-db` ran dry after the change of the pool size. [E3]

## Answer
- The database refuses connections: its slots are reserved. [E2]
- Some think of a leak. [E99]

## Missing
- `max_connections` of the database.
"""
DENIED = "checked it again: the pool size of orders is not the cause, we ruled out 2.14"
FOUND = "root cause: the invoice job holds 95 connections of orders-db open"


async def ask(stage: Stage, text: str) -> None:
    await stage.workspace.say(
        stage.anna, stage.channel, f"<@{stage.bot}> {text}", thread_ts=stage.root
    )


async def answered(stage: Stage, text: str, count: int) -> str:
    await ask(stage, text)
    return text_of(await stage.answered(count=count))


async def commanded(stage: Stage) -> str:
    """Ask with /rca; return the thread that it opens."""
    await stage.workspace.command(stage.anna, stage.channel, "/rca", "")
    await eventually(lambda: len(stage.workspace.messages(stage.channel)) > 1)
    return str(stage.workspace.messages(stage.channel)[-1]["ts"])


async def said(stage: Stage, text: str, ts: str | None = None) -> None:
    await stage.workspace.say(stage.ben, stage.channel, text, thread_ts=ts or stage.root)


async def test_a_question_after_a_command_is_answered_shortly_from_the_whole_channel(mode):
    async with staged(mode=mode) as stage:
        root = await commanded(stage)
        assert "### Timeline" in text_of(await stage.answered(root))
        await stage.workspace.say(
            stage.anna, stage.channel, "what about the database?", thread_ts=root
        )
        text = text_of(await stage.answered(root, count=2))
        assert "ben: orders-db: FATAL remaining connection slots are reserved" in text
        assert "[E2](" in text
        assert "###" not in text
        assert "Answered by rules" in text
        assert "read 3 of 3 messages" in text


async def test_what_nobody_spoke_of_is_said_to_be_so():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        text = await answered(stage, "which kafka topic is behind?", 2)
        assert "The evidence says nothing about kafka, topic" in text
        assert "Needed: logs, metrics or messages that mention it" in text


async def test_when_who_and_why_are_answered_from_the_evidence():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        when = await answered(stage, "when did it start?", 2)
        assert "The first sign of it:" in when
        who = await answered(stage, "who deployed?", 3)
        assert "anna: I deployed orders 2.14 at 10:02" in who
        assert "remaining connection slots" not in who
        why = await answered(stage, "why do you think it's the pool?", 4)
        assert "it sets the pool size to 5 [E3](" in why


async def test_again_names_what_moved_and_the_cause_of_before():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        await said(stage, FOUND)
        await said(stage, "thanks, looking")
        text = await answered(stage, "again", 2)
        assert "**Since the analysis of" in text
        assert "2 new messages" in text
        assert "changed:** root cause: the invoice job holds 95 connections" in text
        assert "- Before: " in text
        assert "New from [E4](" in text
        assert "### Timeline" not in text
        quiet = await answered(stage, "again", 3)
        assert "**Nothing new since the analysis of" in quiet
        assert "###" not in quiet


async def test_again_with_nothing_new_is_one_line_whatever_was_asked_in_between():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        await answered(stage, "what about the cache?", 2)
        text = await answered(stage, "", 3)
        first, *_ = text.splitlines()
        assert first.startswith("Nothing new since the analysis of")
        assert "Likely cause" in first
        assert "as before" in first


async def test_what_somebody_rules_out_is_named_as_such():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        await said(stage, DENIED)
        text = await answered(stage, "もう一度", 2)
        assert "1 new message" in text
        assert "*Ruled out by [E4](" in text
        assert DENIED in text


async def test_whoever_asks_for_all_of_it_gets_the_whole_report():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        for count, wish in enumerate(("full report please", "全部"), 2):
            assert "### Timeline" in await answered(stage, wish, count)


async def test_a_thread_that_is_no_longer_known_gets_a_whole_answer_from_the_channel():
    async with staged() as stage:
        root = await commanded(stage)
        await stage.answered(root)
        # As after a restart.
        stage.application.services.store._previous.clear()
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> again", thread_ts=root
        )
        text = text_of(await stage.answered(root, count=2))
        assert "Nothing new" not in text
        assert "### Timeline" in text
        assert "remaining connection slots" in text
        assert "read 3 of 3 messages" in text


async def test_a_model_is_told_the_earlier_answer_and_the_question(mode):
    provider = FakeProvider(name="anthropic", script=[[GOOD], [SHORT]])
    async with staged(provider, mode=mode) as stage:
        await answered(stage, "why?", 1)
        text = await answered(stage, "what about the database?", 2)
        assert "The database refuses connections: its slots are reserved. [E2](" in text
        assert "E99" not in text
        assert "Missing: `max_connections` of the database." in text
        assert "ran dry" not in text
        assert "anthropic" in text
        prompt = provider.calls[1][-1].content
        assert "what about the database?" in prompt
        assert '"earlier_cause": "The connection pool of `orders-db` ran dry' in prompt
        assert "## Answer" in provider.calls[1][0].content
        assert "earlier_cause" not in provider.calls[0][-1].content
        answer = stage.answers()[-1]
        for action, holds in (
            ("rca_evidence", "remaining connection slots"),
            ("rca_trail", "How it was answered"),
            ("rca_timeline", "time_utc,kind,source"),
        ):
            await stage.workspace.click(stage.ben, stage.channel, answer["ts"], action)
            await eventually(lambda holds=holds: holds in str(stage.workspace.views(stage.ben)))


async def test_a_model_that_is_down_leaves_the_question_to_the_rules():
    provider = FakeProvider(name="anthropic", script=[[GOOD], [OverloadedError()]])
    async with staged(provider, manager={"max_retries": 0}) as stage:
        await answered(stage, "why?", 1)
        text = await answered(stage, "who deployed?", 2)
        assert "anna: I deployed orders 2.14" in text
        assert "anthropic is overloaded" in text
        assert "###" not in text


async def test_again_with_a_model_tells_one_cause_in_two_wordings_as_one():
    reworded = GOOD.replace(
        "The connection pool of `orders-db` ran dry after the change of the pool size.",
        "Checkout has no database connections left since release 2.14.",
    )
    provider = FakeProvider(name="anthropic", script=[[GOOD], [reworded]])
    async with staged(provider) as stage:
        await answered(stage, "why?", 1)
        await said(stage, "the error rate is at 60 % now: timeouts in checkout")
        text = await answered(stage, "again", 2)
        assert "unchanged:** Checkout has no database connections left" in text
        assert "1 new message" in text
        assert "earlier_cause" not in provider.calls[1][-1].content


async def test_an_answer_that_was_never_shown_is_not_what_moves_is_told_beside():
    provider = FakeProvider(name="anthropic", script=[[GOOD], [Silence(1.0), GOOD]])
    async with staged(provider) as stage:
        await answered(stage, "why?", 1)
        await said(stage, FOUND)
        kept = stage.application.services.store.previous(stage.channel, stage.root)
        await ask(stage, "again")
        await eventually(lambda: provider.open_streams == 1)
        for method in ("chat.update", "chat.postMessage"):
            stage.workspace.faults.add(
                Fault(method=method, kind="not_ok", times=None, error="restricted_action")
            )
        await eventually(lambda: stage.application.services.runs.in_flight == 0)
        assert "new message" not in str(stage.thread())
        assert stage.application.services.store.previous(stage.channel, stage.root) is kept


async def test_a_question_that_brings_news_of_its_own_stays_evidence():
    async with staged() as stage:
        await answered(stage, "why?", 1)
        await answered(stage, "The pool of orders-db is exhausted since 10:04. Is that it?", 2)
        text = await answered(stage, "again", 3)
        assert "1 new message" in text
        assert "exhausted since 10:04" in text
