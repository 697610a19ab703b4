"""A cause that a person marked is found again in the next incident, by those who may read it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from staging import Stage, eventually, is_final, settings_for, staged, text_of

from bot.app import running
from bot.chain import Chain
from bot.store.incidents import FILE, IncidentFile
from bot.workspace.server import serve_workspace
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

CAUSE = "Release 2.14 of orders set the pool size to 5"
ALERT = "FIRING: checkout error rate 41 % (HTTP 500)"
FAILURE = "orders-db: FATAL remaining connection slots are reserved"


async def ask(stage: Stage, root: str | None = None, channel: str = "") -> dict[str, Any]:
    """Mention the bot in a thread, and return its answer."""
    where, thread = channel or stage.channel, root or stage.root
    await stage.workspace.say(stage.anna, where, f"<@{stage.bot}> why?", thread_ts=thread)

    def answers() -> list[dict[str, Any]]:
        replies = stage.workspace.messages(where, thread)
        return [m for m in replies if m.get("user") == stage.bot and m["ts"] != thread]

    await eventually(lambda: answers() and is_final(text_of(answers()[-1])))
    return answers()[-1]


async def modal(stage: Stage, answer: dict[str, Any], user: str) -> dict[str, Any]:
    await stage.workspace.click(user, stage.channel, answer["ts"], "rca_mark_cause")
    await eventually(lambda: stage.workspace.views(user))
    return stage.workspace.views(user)[-1]


def filled(cause: str, marked: str | None = None) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": "…"}, "value": marked} if marked else None
    return {
        "cause": {"cause": {"type": "plain_text_input", "value": cause}},
        "marked": {"marked": {"type": "static_select", "selected_option": option}},
    }


async def mark(
    stage: Stage, answer: dict[str, Any], cause: str = CAUSE, marked: str | None = None
) -> None:
    view = await modal(stage, answer, stage.ben)
    count = stage.workspace.messages(stage.channel, answer["thread_ts"])
    result = await stage.workspace.submit_view(stage.ben, view["id"], filled(cause, marked))
    assert result.acked
    assert result.ack is None
    await eventually(
        lambda: len(stage.workspace.messages(stage.channel, answer["thread_ts"])) > len(count)
    )


async def again(stage: Stage, channel: str = "", failure: str = FAILURE) -> str:
    """Let another incident happen, and return its root."""
    where = channel or stage.channel
    root = await stage.workspace.say_as_bot("Alertmanager", where, text=ALERT)
    await stage.workspace.say(stage.ben, where, failure, thread_ts=root)
    return root


async def test_a_marked_cause_is_shown_in_the_next_incident_like_it(mode, tmp_path: Path):
    async with staged(mode=mode, rca_data_dir=tmp_path) as stage:
        first = await ask(stage)
        assert "Seen before" not in text_of(first)
        view = await modal(stage, first, stage.ben)
        (text, choice) = (block["element"] for block in view["blocks"])
        assert "remaining connection slots" in text["initial_value"]
        assert [option["value"] for option in choice["options"]] == [
            *("as_said", "different", "no_incident")
        ]
        await mark(stage, first)
        confirmed = text_of(stage.thread()[-1])
        assert f"Cause confirmed by ben: {CAUSE}" in confirmed
        shown = text_of(await ask(stage, await again(stage)))
        link = await stage.application.services.reader.permalink(stage.channel, stage.root)
        assert f"[thread]({link}), marked as the cause then: {CAUSE}" in shown
        assert "same signature: " in shown
        assert "`orders-db`" in shown.partition("Seen before")[2]
        (kept,) = IncidentFile(tmp_path).newest(9)
        assert (kept.channel, kept.thread_ts, kept.link) == (stage.channel, stage.root, link)
        assert (kept.marked_by, kept.marked) == (stage.ben, "different")
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


async def test_the_incident_itself_is_not_seen_before(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path) as stage:
        await mark(stage, await ask(stage))
        await stage.workspace.say(
            stage.anna, stage.channel, f"<@{stage.bot}> and now?", thread_ts=stage.root
        )
        await eventually(
            lambda: len(stage.answers()) == 3 and is_final(text_of(stage.answers()[2]))
        )
        assert "Answered by" in text_of(stage.answers()[2])
        assert "Seen before" not in text_of(stage.answers()[2])


async def test_another_failure_of_the_same_service_is_not_like_it(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path) as stage:
        await mark(stage, await ask(stage))
        root = await again(stage, failure="orders-db: x509 certificate has expired")
        assert "Seen before" not in text_of(await ask(stage, root))


async def test_the_newest_word_counts_and_is_kept_once(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path) as stage:
        first = await ask(stage)
        await mark(stage, first, "The network was down")
        await mark(stage, first, "A test by the on-call", "no_incident")
        assert "No incident, confirmed by ben: A test by the on-call" in text_of(stage.thread()[-1])
        (kept,) = IncidentFile(tmp_path).newest(9)
        assert kept.cause == "A test by the on-call"
        shown = text_of(await ask(stage, await again(stage)))
        assert "marked as no incident: A test by the on-call" in shown
        assert "The network was down" not in shown


async def test_after_a_restart_it_is_still_found(tmp_path: Path):
    async with serve_workspace() as workspace:
        anna, ben = workspace.add_user("anna"), workspace.add_user("ben")
        channel = workspace.add_channel("inc-checkout", members=[anna, ben])
        answers = []
        for start in range(2):
            chain = Chain(LLMProviderManager(providers=[]), "none")
            settings = settings_for(workspace, "socket", rca_data_dir=tmp_path)
            async with running(settings, chain=chain) as application:
                stage = Stage(workspace, application, anna, ben, channel, "")
                stage.root = await again(stage)
                answers.append(await ask(stage))
                if start == 0:
                    await mark(stage, answers[0])
        assert CAUSE not in text_of(answers[0])
        assert CAUSE in text_of(answers[1])


@pytest.mark.parametrize(
    ("there", "here", "shown"),
    [
        ({}, {}, True),
        ({"private": True}, {}, False),
        ({"ext_shared": True}, {}, False),
        ({}, {"ext_shared": True}, False),
        ({}, {"private": True}, True),
    ],
    ids=["public", "from a private one", "from a shared one", "into a shared one", "into private"],
)
async def test_another_channel_shows_it_only_where_everybody_may_read_it(
    tmp_path: Path, there: dict[str, bool], here: dict[str, bool], shown: bool
):
    async with staged(rca_data_dir=tmp_path) as stage:
        people = [stage.anna, stage.ben]
        stage.channel = stage.workspace.add_channel("inc-there", members=people, **there)
        other = stage.workspace.add_channel("inc-here", members=people, **here)
        stage.root = await again(stage)
        await mark(stage, await ask(stage))
        answer = text_of(await ask(stage, await again(stage, other), other))
        assert (CAUSE in answer) is shown
        assert "Answered by rules" in answer


async def test_a_guest_in_a_channel_keeps_other_channels_out_of_it(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path) as stage:
        await mark(stage, await ask(stage))
        guest = stage.workspace.add_user("guest", guest=True)
        other = stage.workspace.add_channel("inc-other", members=[stage.anna, stage.ben, guest])
        answer = text_of(await ask(stage, await again(stage, other), other))
        assert CAUSE not in answer


@pytest.mark.parametrize(
    ("cause", "said"),
    [(" \n ", "Say in a sentence"), ("…", "Say in a sentence"), ("a" * 301, "At most 300")],
)
async def test_bad_input_is_told_in_the_modal(tmp_path: Path, cause: str, said: str):
    async with staged(rca_data_dir=tmp_path) as stage:
        view = await modal(stage, await ask(stage), stage.ben)
        result = await stage.workspace.submit_view(stage.ben, view["id"], filled(cause))
        assert result.ack["response_action"] == "errors"
        assert said in result.ack["errors"]["cause"]
        assert not (tmp_path / FILE).exists()


async def test_who_is_not_in_the_channel_marks_nothing(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path) as stage:
        answer = await ask(stage)
        other = stage.workspace.add_channel("other", members=[stage.ben])
        copied = await stage.workspace.say_as_bot(
            "rca", other, text="copied", blocks=answer["blocks"]
        )
        await stage.workspace.click(stage.ben, other, copied, "rca_mark_cause")
        await eventually(lambda: stage.workspace.ephemerals(stage.ben, other))
        assert "no longer kept" in text_of(stage.workspace.ephemerals(stage.ben, other)[-1])
        stranger = stage.workspace.add_user("cleo")
        await stage.workspace.click(stranger, stage.channel, answer["ts"], "rca_mark_cause")
        await eventually(lambda: stage.workspace.views(stranger))
        view = stage.workspace.views(stranger)[-1]
        result = await stage.workspace.submit_view(stranger, view["id"], filled(CAUSE))
        assert "only its members" in result.ack["errors"]["cause"]
        assert not (tmp_path / FILE).exists()


async def test_a_persons_words_are_redacted_and_ping_nobody(tmp_path: Path):
    key = "AKIA" + "IOSFODNN7" + "EXAMPLQ"
    async with staged(rca_data_dir=tmp_path) as stage:
        await mark(stage, await ask(stage), f"<!channel> the key {key} see https://evil.example/x")
        said = str(stage.thread()[-1])
        assert "[SECRET:aws-key:1]" in said
        assert key not in said
        assert "<!channel>" not in said
        assert "<https://evil" not in said
        shown = text_of(await ask(stage, await again(stage)))
        assert "[SECRET:aws-key:1]" in shown
        assert "<!channel>" not in shown
        assert "](https://evil" not in shown
        assert key.encode() not in (tmp_path / FILE).read_bytes()


async def test_a_broken_file_costs_no_answer(tmp_path: Path, caplog):
    (tmp_path / FILE).write_bytes(b"this is no database" * 1_000)
    async with staged(rca_data_dir=tmp_path) as stage:
        answer = await ask(stage)
        assert "Answered by rules" in text_of(answer)
        await ask(stage, await again(stage))
        view = await modal(stage, answer, stage.ben)
        await stage.workspace.submit_view(stage.ben, view["id"], filled(CAUSE))
        await eventually(lambda: stage.workspace.ephemerals(stage.ben, stage.channel))
        assert "could not be kept" in str(stage.workspace.ephemerals(stage.ben, stage.channel))
    assert caplog.text.count("similar incidents are left out") == 1


async def test_a_runbook_is_named_and_told_to_the_model_as_data(tmp_path: Path):
    (tmp_path / "databases.md").write_text(
        "# Databases\n\n## orders-db is full of connections\n"
        "`FATAL: remaining connection slots are reserved` on `orders-db`: look at pg_stat_activity."
    )
    model = FakeProvider(script=[["## Likely cause\nThe pool is too small. [E2]\n"]])
    async with staged(model, rca_data_dir=tmp_path, rca_runbooks=tmp_path) as stage:
        answer = text_of(await ask(stage))
        assert "### Runbooks\n- `databases.md`, orders-db is full of connections (same" in answer
        prompt = model.calls[0][-1].content
        assert "<precedents-" in prompt
        assert "look at pg_stat_activity" in prompt
        assert "never rest a cause on them" in model.calls[0][0].content


async def test_what_is_marked_in_a_direct_message_is_shown_nowhere_else(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path) as stage:
        public, stage.channel = stage.channel, stage.workspace.open_dm(stage.ben)

        async def told(user: str) -> dict[str, Any]:
            channel = stage.workspace.open_dm(user)
            ts = await stage.workspace.say(user, channel, f"why?\n{FAILURE}")

            def answers() -> list[dict[str, Any]]:
                replies = stage.workspace.messages(channel, ts)
                return [m for m in replies if m.get("user") == stage.bot]

            await eventually(lambda: answers() and is_final(text_of(answers()[-1])))
            return answers()[-1]

        await mark(stage, await told(stage.ben))
        (kept,) = IncidentFile(tmp_path).newest(9)
        assert (kept.channel, kept.cause) == (stage.channel, CAUSE)
        assert CAUSE not in text_of(await told(stage.anna))
        assert CAUSE not in text_of(await ask(stage, channel=public))


async def test_what_is_marked_for_practice_is_kept_nowhere(tmp_path: Path):
    async with staged(rca_data_dir=tmp_path, practice=True) as stage:
        await mark(stage, await ask(stage))
        assert CAUSE in text_of(await ask(stage, await again(stage)))
        assert not (tmp_path / FILE).exists()
