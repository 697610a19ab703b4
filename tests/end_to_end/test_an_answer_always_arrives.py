"""Through failing providers, a limiting or lossy Slack, and doubled deliveries: one answer."""

from __future__ import annotations

import asyncio

import pytest
from staging import ANALYSIS, eventually, is_final, staged, text_of

from bot.workspace.faults import Fault
from providers.errors import AuthenticationError, OverloadedError, StreamInterruptedError
from providers.fake import FakeProvider, Silence

GOOD = ANALYSIS.format(cause="E3", symptom="E2")


async def ask(stage) -> None:
    await stage.workspace.say(
        stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
    )


async def test_the_next_provider_answers_in_the_same_message_before_a_word(mode):
    first = FakeProvider(name="anthropic", script=[[OverloadedError()]])
    second = FakeProvider(name="openai", script=[[GOOD]])
    async with staged(first, second, mode=mode) as stage:
        await ask(stage)
        text = text_of(await stage.answered())
        assert "ran dry" in text
        assert "openai" in text
        assert "anthropic is overloaded" in text
        assert len(stage.answers()) == 1


async def test_the_next_provider_rewrites_the_message_when_a_stream_breaks(mode):
    half = "Verdict: cause\nConfidence: supported\n\n## Likely cause\nA half truth [E2]\n\n## What"
    first = FakeProvider(name="anthropic", script=[[half, Silence(1.5), StreamInterruptedError()]])
    second = FakeProvider(name="openai", script=[[GOOD]])
    async with staged(first, second, mode=mode) as stage:
        await ask(stage)
        answer = await stage.answered()
        assert "half truth" not in text_of(answer)
        assert "ran dry" in text_of(answer)
        versions = stage.workspace.history_of(stage.channel, answer["ts"])
        assert any("half truth" in text_of(version) for version in versions)
        assert len(stage.answers()) == 1


async def test_all_providers_down_leaves_the_rules_to_answer(mode):
    refused = [[AuthenticationError()]]
    down = [FakeProvider(name=name, script=refused) for name in ("anthropic", "openai")]
    async with staged(*down, mode=mode) as stage:
        await ask(stage)
        text = text_of(await stage.answered())
        assert "rules" in text
        assert "anthropic did not accept our credentials" in text
        assert "remaining connection slots" in text
        assert "Traceback" not in text


async def test_no_provider_at_all_leaves_the_rules_to_answer():
    async with staged() as stage:
        await ask(stage)
        assert "rules" in text_of(await stage.answered())


async def test_an_event_delivered_twice_gives_one_answer(mode):
    async with staged(FakeProvider(script=[[GOOD]]), mode=mode) as stage:
        stage.workspace.send_twice(1)
        await ask(stage)
        await stage.answered()
        await asyncio.sleep(0.3)
        assert len(stage.answers()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="chat.postMessage", kind="drop_after_accept", times=1),
        Fault(method="chat.postMessage", kind="rate_limited", times=1, retry_after=1),
        Fault(method="chat.postMessage", kind="status", times=1, status=503),
        Fault(method="chat.update", kind="rate_limited", times=2, retry_after=1),
        Fault(method="chat.update", kind="html", times=1, status=502),
        Fault(method="conversations.replies", kind="not_ok", times=1, error="internal_error"),
        Fault(method="conversations.replies", kind="drop_before", times=1),
    ],
    ids=lambda fault: f"{fault.method} {fault.kind}",
)
async def test_slack_failing_once_costs_nothing(fault):
    async with staged(FakeProvider(script=[[GOOD]])) as stage:
        stage.workspace.faults.add(fault)
        await ask(stage)
        assert "ran dry" in text_of(await stage.answered())
        assert len(stage.answers()) == 1


async def test_a_message_that_cannot_be_updated_is_followed_by_a_fresh_one():
    async with staged(FakeProvider(script=[[GOOD]])) as stage:
        stage.workspace.faults.add(
            Fault(method="chat.update", kind="not_ok", times=None, error="edit_window_closed")
        )
        await ask(stage)
        await eventually(lambda: any("ran dry" in text_of(m) for m in stage.answers()))
        assert sum("ran dry" in text_of(m) for m in stage.answers()) == 1


async def test_a_cut_socket_is_opened_again_and_what_came_meanwhile_is_answered():
    async with staged(FakeProvider(script=[[GOOD]])) as stage:
        stage.workspace.cut_sockets()
        await ask(stage)
        await eventually(lambda: any(is_final(text_of(m)) for m in stage.answers()), within=40)
        assert len(stage.answers()) == 1


async def test_stop_ends_the_run_and_shows_what_was_found():
    slow = FakeProvider(script=[[GOOD[: GOOD.index("## What changed")], Silence()]])
    async with staged(slow) as stage:
        await ask(stage)
        await eventually(lambda: stage.answers() and "ran dry" in text_of(stage.answers()[0]))
        await stage.workspace.click(stage.ben, stage.channel, stage.answers()[0]["ts"], "rca_stop")
        text = text_of(await stage.answered())
        assert "Stopped by ben" in text
        assert "ran dry" in text
        await eventually(lambda: slow.open_streams == 0)


async def test_evidence_opens_a_modal_with_links():
    async with staged(FakeProvider(script=[[GOOD]])) as stage:
        await ask(stage)
        answer = await stage.answered()
        await stage.workspace.click(stage.ben, stage.channel, answer["ts"], "rca_evidence")
        await eventually(lambda: stage.workspace.views(stage.ben))
        shown = str(stage.workspace.views(stage.ben)[-1])
        assert "E1" in shown
        assert "remaining connection slots" in shown
        assert "/archives/" in shown


async def test_two_questions_in_one_thread_take_turns():
    slow = FakeProvider(script=[[GOOD, Silence(0.5)]])
    async with staged(slow) as stage:
        await ask(stage)
        await ask(stage)
        await stage.answered(count=2)
        assert len(stage.answers()) == 2
        assert len(slow.calls) == 2


async def test_a_restart_tells_every_open_thread():
    stuck = FakeProvider(script=[[Silence()]])
    async with staged(stuck) as stage:
        await ask(stage)
        await eventually(lambda: stuck.open_streams == 1)
        await stage.application.services.runs.shutdown()
        assert "being restarted" in text_of(stage.answers()[-1])


async def test_a_continuation_that_fails_leaves_the_answer_as_it_is():
    lines = "\n".join(f"- finding number {i} " + "word " * 110 + "[E2]" for i in range(12))
    long = GOOD.replace("- Checkout answers 500 since the change. [E2]", lines)
    long += f"\n## Other hypotheses\n{lines}\n"
    slow = FakeProvider(script=[[long[:200], Silence(0.3), long[200:]]])
    async with staged(slow) as stage:
        await ask(stage)
        await eventually(lambda: slow.open_streams == 1)
        stage.workspace.faults.add(
            Fault(method="chat.postMessage", kind="not_ok", times=None, error="restricted_action")
        )
        assert "ran dry" in text_of(await stage.answered())
        await eventually(lambda: stage.application.services.runs.in_flight == 0)
        assert "ran dry" in text_of(stage.answers()[0])


async def test_the_first_command_is_answered_where_slack_will_not_say_who_we_are(mode):
    async with staged(FakeProvider(script=[[GOOD]]), mode=mode) as stage:
        stage.workspace.faults.add(
            Fault(method="auth.test", kind="not_ok", times=None, error="internal_error")
        )
        await stage.workspace.command(stage.anna, stage.channel, "/rca-health", "")
        await eventually(lambda: stage.workspace.ephemerals(stage.anna, stage.channel), within=15)
        assert "breaker closed" in text_of(
            stage.workspace.ephemerals(stage.anna, stage.channel)[-1]
        )
