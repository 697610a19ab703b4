"""Threads that are empty, huge, broken or in another language get an answer or a clear sentence."""

from __future__ import annotations

from staging import ANALYSIS, eventually, staged, text_of

from providers.fake import FakeProvider


async def ask(stage, root: str) -> str:
    await stage.workspace.say(stage.anna, stage.channel, f"<@{stage.bot}> why?", thread_ts=root)
    return text_of(await stage.answered(root))


async def test_an_empty_thread_says_what_it_needs():
    async with staged() as stage:
        stage.channel = stage.workspace.add_channel("inc-new", members=[stage.anna])
        ts = await stage.workspace.say(stage.anna, stage.channel, f"<@{stage.bot}>")
        assert "insufficient evidence" in text_of(await stage.answered(ts)).lower()


async def test_a_thousand_messages_are_all_read():
    provider = FakeProvider(script=[[ANALYSIS.format(cause="E1", symptom="E1")]])
    async with staged(provider) as stage:
        for number in range(997):
            await stage.workspace.say(
                stage.ben, stage.channel, f"still seeing it, sample {number}", thread_ts=stage.root
            )
        assert "read 1000 of 1000 messages" in (await ask(stage, stage.root)).replace(",", "")
        assert "remaining connection slots" in provider.calls[0][-1].content


async def test_a_large_log_is_read_in_part_and_said_so():
    lines = "".join(
        f"2026-11-20T10:{i // 60 % 60:02}:{i % 60:02}Z INFO request {i} served in 12 ms\n"
        for i in range(90_000)
    )
    log = lines + "2026-11-20T12:00:00Z ERROR pool exhausted: 5 of 5 connections in use\n"
    async with staged() as stage:
        await stage.workspace.say(
            stage.ben,
            stage.channel,
            "the log",
            thread_ts=stage.root,
            files=[("orders.log", log.encode(), "text/plain")],
        )
        text = await ask(stage, stage.root)
        assert "pool exhausted" in text
        assert "shortened" in text


async def test_a_binary_file_is_named_and_not_read():
    async with staged() as stage:
        await stage.workspace.say(
            stage.ben,
            stage.channel,
            "a core dump",
            thread_ts=stage.root,
            files=[("core.bin", b"\x7fELF\x00\x00\x01" * 100, "application/octet-stream")],
        )
        text = await ask(stage, stage.root)
        assert "core.bin" in text


async def test_a_thread_whose_root_was_deleted_is_still_read():
    async with staged() as stage:
        stage.workspace.delete_message(stage.channel, stage.root)
        assert "remaining connection slots" in await ask(stage, stage.root)


async def test_a_thread_in_japanese_is_answered():
    async with staged() as stage:
        root = await stage.workspace.say(
            stage.ben, stage.channel, "決済APIが500エラーを返しています"
        )
        await stage.workspace.say(
            stage.anna,
            stage.channel,
            "原因は10:02のデプロイで接続プールの設定が5に変更されたことです",
            thread_ts=root,
        )
        assert "接続プール" in await ask(stage, root)


async def test_a_secret_in_the_thread_reaches_neither_the_model_nor_the_answer():
    secret = "AKIA" + "IOSFODNN7" + "EXAMPLQ"
    provider = FakeProvider(script=[[ANALYSIS.format(cause="E4", symptom="E2")]])
    async with staged(provider) as stage:
        await stage.workspace.say(
            stage.ben,
            stage.channel,
            f"deployed with AWS_ACCESS_KEY_ID={secret}",
            thread_ts=stage.root,
        )
        text = await ask(stage, stage.root)
        assert secret not in str(provider.calls)
        assert secret not in text


async def test_what_a_hostile_model_writes_pings_nobody_and_links_nowhere():
    hostile = ANALYSIS.format(cause="E3", symptom="E2").replace(
        "ran dry",
        "ran dry <!channel> <@U0ANNA> [click](https://evil.example/?q=1) "
        "![x](https://evil.example/x.png) <https://evil.example|here>",
    )
    async with staged(FakeProvider(script=[[hostile]])) as stage:
        await ask(stage, stage.root)
        sent = str(stage.workspace.history_of(stage.channel, stage.answers()[-1]["ts"]))
        assert "<!channel>" not in sent
        assert "<@U0ANNA>" not in sent
        assert "](https://evil" not in sent
        assert "<https://evil" not in sent


async def test_an_answer_longer_than_a_message_goes_on_in_the_thread():
    def lines(what: str) -> str:
        return "\n".join(f"- {what} number {i} " + "word " * 110 + "[E2]" for i in range(12))

    long = ANALYSIS.format(cause="E3", symptom="E2").replace(
        "- Checkout answers 500 since the change. [E2]", lines("finding")
    )
    long += f"\n## Other hypotheses\n{lines('hypothesis')}\n"
    async with staged(FakeProvider(script=[[long]])) as stage:
        await ask(stage, stage.root)
        await eventually(lambda: len(stage.answers()) > 1)
        assert "hypothesis number" in "".join(text_of(m) for m in stage.answers())
