"""Each way of asking ends in one checked answer in the right thread."""

from __future__ import annotations

import asyncio

import pytest
from staging import ANALYSIS, eventually, is_final, staged, text_of

from providers.fake import FakeProvider


def model(name: str = "anthropic", *, script=None) -> FakeProvider:
    return FakeProvider(name=name, script=script or [[ANALYSIS.format(cause="E3", symptom="E2")]])


async def test_a_mention_in_a_thread_is_answered_there_once(mode):
    async with staged(model(), mode=mode) as stage:
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        answer = await stage.answered()
        text = text_of(answer)
        assert answer["thread_ts"] == stage.root
        assert "pool of `orders-db` ran dry" in text
        assert "supported" in text
        assert "anthropic" in text
        assert "read 3 of 3 messages" in text
        assert "/archives/" in text
        assert len(stage.answers()) == 1


async def test_the_command_opens_a_thread_and_reads_the_channel(mode):
    provider = model()
    async with staged(provider, mode=mode) as stage:
        await stage.workspace.command(stage.anna, stage.channel, "/rca", "why is checkout down?")

        def root():
            mine = [
                m for m in stage.workspace.messages(stage.channel) if m.get("user") == stage.bot
            ]
            return mine[0]["ts"] if mine else None

        await eventually(root)
        answer = await stage.answered(root())
        assert "ran dry" in text_of(answer)
        opening = stage.workspace.messages(stage.channel)[-1]
        assert "why is checkout down?" in opening["text"]
        await eventually(
            lambda: (
                "Likely cause (supported)" in stage.workspace.messages(stage.channel)[-1]["text"]
            )
        )
        prompt = provider.calls[0][-1].content
        assert "remaining connection slots" in prompt
        assert "why is checkout down?" in prompt


async def test_a_secret_typed_after_the_command_is_shown_to_nobody():
    key = "AKIA" + "IOSFODNN7" + "EXAMPLQ"
    async with staged(model()) as stage:
        await stage.workspace.command(stage.anna, stage.channel, "/rca", f"why is {key} refused?")
        await eventually(lambda: len(stage.workspace.messages(stage.channel)) > 1)
        root = stage.workspace.messages(stage.channel)[-1]["ts"]
        await stage.answered(root)
        assert "asked by anna: why is [SECRET:aws-key:1] refused?" in str(stage.thread(root))
        assert key not in str(stage.thread(root))


async def test_the_shortcut_analyses_its_thread(mode):
    async with staged(model(), mode=mode) as stage:
        reply = stage.thread()[1]["ts"]
        await stage.workspace.shortcut(stage.anna, "analyse_thread", stage.channel, reply)
        answer = await stage.answered()
        assert answer["thread_ts"] == stage.root


async def test_a_link_is_answered_in_its_own_thread_with_a_word_where_it_was_asked(mode):
    async with staged(model(), mode=mode) as stage:
        elsewhere = stage.workspace.add_channel("random", members=[stage.anna])
        link = await stage.application.services.reader.permalink(stage.channel, stage.root)
        await stage.workspace.command(stage.anna, elsewhere, "/rca", f"<{link}>")
        answer = await stage.answered()
        assert answer["thread_ts"] == stage.root
        await eventually(lambda: stage.workspace.ephemerals(stage.anna, elsewhere))
        assert "that thread" in str(stage.workspace.ephemerals(stage.anna, elsewhere))
        assert stage.workspace.messages(elsewhere) == []


async def test_a_link_into_a_channel_that_the_asker_may_not_read_is_refused():
    async with staged(model()) as stage:
        secret = stage.workspace.add_channel("inc-secret", private=True, members=[stage.ben])
        root = await stage.workspace.say(stage.ben, secret, "the key leaked")
        link = await stage.application.services.reader.permalink(secret, root)
        await stage.workspace.command(stage.anna, stage.channel, "/rca", f"<{link}>")
        await eventually(lambda: stage.workspace.ephemerals(stage.anna, stage.channel))
        assert "cannot show you" in str(stage.workspace.ephemerals(stage.anna, stage.channel))
        assert len(stage.workspace.messages(secret, root)) == 1


async def test_a_mention_in_a_channel_opens_a_thread_under_it(mode):
    async with staged(model(), mode=mode) as stage:
        ts = await stage.workspace.say(stage.anna, stage.channel, f"<@{stage.bot}> what is on?")
        answer = await stage.answered(ts)
        assert answer["thread_ts"] == ts


async def test_a_question_in_a_direct_message_is_answered(mode):
    async with staged(model(), mode=mode) as stage:
        direct = stage.workspace.open_dm(stage.anna)
        ts = await stage.workspace.say(
            stage.anna, direct, "why?\n```ERROR pool exhausted: 5 of 5 in use```"
        )

        def answers():
            return [m for m in stage.workspace.messages(direct, ts) if m.get("user") == stage.bot]

        await eventually(lambda: answers() and is_final(text_of(answers()[-1])))
        assert len(answers()) == 1


async def test_a_direct_message_of_one_line_is_evidence_itself():
    async with staged() as stage:
        direct = stage.workspace.open_dm(stage.anna)
        ts = await stage.workspace.say(
            stage.anna, direct, "why? orders-db: FATAL remaining connection slots are reserved"
        )

        def said() -> str:
            return str([m for m in stage.workspace.messages(direct, ts) if m["ts"] != ts])

        await eventually(lambda: "Answered by rules" in said())
        assert "remaining connection slots" in said()
        assert "nothing to analyse" not in said()


async def test_a_further_question_in_an_answered_thread_needs_no_mention():
    async with staged(model()) as stage:
        say, thread = stage.workspace.say, {"thread_ts": stage.root}
        await say(stage.anna, stage.channel, f"<@{stage.bot}> why?", **thread)
        await stage.answered()
        await say(stage.anna, stage.channel, "and when did it start?", **thread)
        await stage.answered(count=2)
        await say(stage.ben, stage.channel, "thanks!", **thread)
        stage.workspace.send_twice(1)
        await say(stage.anna, stage.channel, "can you take the rollback, or should I?", **thread)
        await say(stage.anna, stage.channel, f"<@{stage.bot}> and now?", **thread)
        await stage.answered(count=3)
        assert len(stage.answers()) == 3


async def test_a_thread_outside_incident_channels_is_not_listened_to():
    async with staged(model(), rca_incident_channels="sev-*") as stage:
        say, thread = stage.workspace.say, {"thread_ts": stage.root}
        await say(stage.anna, stage.channel, f"<@{stage.bot}> why?", **thread)
        await stage.answered()
        await say(stage.anna, stage.channel, "and when did it start?", **thread)
        await say(stage.anna, stage.channel, f"<@{stage.bot}> still there?", **thread)
        await stage.answered(count=2)
        assert len(stage.answers()) == 2


async def test_a_bot_that_is_not_in_the_channel_says_how_to_invite_it(mode):
    async with staged(model(), mode=mode) as stage:
        private = stage.workspace.add_channel(
            "war-room", private=True, members=[stage.anna], bot_member=False
        )
        await stage.workspace.command(stage.anna, private, "/rca", "")
        await eventually(lambda: stage.workspace.ephemerals(stage.anna, private))
        assert "/invite @" in str(stage.workspace.ephemerals(stage.anna, private))


async def test_the_command_helps():
    async with staged(model()) as stage:
        await stage.workspace.command(stage.anna, stage.channel, "/rca", "help")
        await eventually(lambda: stage.workspace.ephemerals(stage.anna, stage.channel))
        assert "/rca-health" in str(stage.workspace.ephemerals(stage.anna, stage.channel))


@pytest.mark.parametrize("author", ["other bot"])
async def test_another_bots_mention_starts_nothing(author):
    async with staged(model()) as stage:
        await stage.workspace.say_as_bot(
            author, stage.channel, text=f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=stage.root
        )
        await stage.answered()
        assert len(stage.answers()) == 1


async def test_a_thread_that_began_before_the_window_and_goes_on_is_read():
    async with staged(model(), rca_channel_window_hours=1 / 3600) as stage:
        await asyncio.sleep(1.2)
        await stage.workspace.say(
            stage.ben, stage.channel, "still reserved slots", thread_ts=stage.root
        )
        await stage.workspace.command(stage.anna, stage.channel, "/rca", "")
        await eventually(lambda: len(stage.workspace.messages(stage.channel)) > 1)
        root = stage.workspace.messages(stage.channel)[-1]["ts"]
        # The root tells what the thread is about; its older replies are outside of the window.
        assert "read 2 of 2 messages" in text_of(await stage.answered(root))


async def test_a_quiet_channel_is_read_beyond_its_window_and_says_so():
    async with staged(model(), rca_channel_window_hours=1e-9) as stage:
        await stage.workspace.command(stage.anna, stage.channel, "/rca", "")
        await eventually(lambda: len(stage.workspace.messages(stage.channel)) > 1)
        root = stage.workspace.messages(stage.channel)[-1]["ts"]
        text = text_of(await stage.answered(root))
        assert "read 3 of 3 messages" in text
        assert "older messages read" in text
