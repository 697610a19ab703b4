"""The budget follows the model that will answer; failing over to a smaller one packs anew."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import prompt
from bot.analysis.analyst import Analyst, Answer, Draft, prepare
from bot.analysis.fitting import fitted, informed, size_of
from bot.analysis.instructions import FULL, SHORT
from bot.analysis.language import UNKNOWN, Language, language_of
from bot.analysis.markdown import parse
from bot.analysis.precedents import Advice, Precedents
from bot.analysis.tokens import tokens
from bot.incident import Attachment, Incident, Message
from providers.base import LLMMessage
from providers.errors import AuthenticationError, ContextOverflowError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

START = 1767268800
LOG = "\n".join(
    f"2026-01-01T12:{n // 60:02}:{n % 60:02}Z ERROR worker-{n % 7} job {n * 7919} failed: code {n}"
    for n in range(900)
)
INCIDENT = Incident(
    (
        Message(f"{START}.0", "bot", "Alert: the queue grows"),
        *(
            Message(f"{START + 60 * n}.0", "ann", f"Checked shard {n}: " + f"nothing in {n} " * 60)
            for n in range(1, 60)
        ),
        Message(f"{START + 3600}.0", "ben", "see the log", (Attachment("worker.log", LOG),)),
        Message(f"{START + 3700}.0", "cleo", "The new image has no credentials for the bucket"),
    ),
    question="why does the queue grow?",
    total_messages=62,
)
OLLAMA = 4_096
"""Of the 8,192 that Ollama is asked for, half is kept for the answer."""


def cited(newest: str) -> str:
    return f"Verdict: cause\nConfidence: supported\n## Likely cause\nNo credentials [{newest}]\n"


def rows(messages: list[LLMMessage]) -> list[dict[str, object]]:
    lines = (line for line in messages[-1].content.splitlines() if line.startswith('{"id"'))
    return [json.loads(line) for line in lines]


async def answered(*providers: FakeProvider, chars: int = 60_000) -> Answer:
    async with LLMProviderManager(providers=list(providers), max_retries=0) as manager:
        analyst = Analyst(manager, context_chars=chars)
        events = [event async for event in analyst.analyse(INCIDENT)]
    assert isinstance(events[-1], Answer)
    return events[-1]


async def test_failing_over_to_a_small_model_packs_anew_and_ids_stay_valid() -> None:
    newest = prepare(INCIDENT).evidence[-1].id
    large = FakeProvider(name="large", script=[[AuthenticationError()]], prompt_tokens=100_000)
    small = FakeProvider(name="small", script=[[cited(newest)]], prompt_tokens=OLLAMA)
    answer = await answered(large, small)
    (first,), (second,) = large.calls, small.calls
    assert OLLAMA < size_of(first) <= 100_000
    assert size_of(second) <= OLLAMA
    assert (first[0].content, second[0].content) == (FULL.text(), SHORT.text())
    texts = {row["id"]: row["text"] for row in rows(first)}
    assert all(texts.get(row["id"], row["text"]) for row in rows(second))
    assert rows(second)[-1]["id"] == rows(first)[-1]["id"] == newest
    assert answer.report.cause.evidence == (newest,)
    assert answer.report.source == "model"
    assert answer.report.coverage.evidence_shown == len(rows(second)) < len(rows(first))


async def test_what_a_model_was_not_shown_it_may_not_cite() -> None:
    prepared = prepare(INCIDENT, context_chars=60_000)
    shown = {item.id for item in fitted(prepared, OLLAMA).shown}
    hidden = next(item.id for item in prepared.evidence if item.id not in shown)
    small = FakeProvider(name="small", script=[[cited(hidden)]], prompt_tokens=OLLAMA)
    large = FakeProvider(name="large", script=[[cited(hidden)]])
    assert "did not pass the check" in (await answered(small)).reason
    assert (await answered(large)).report.cause.evidence == (hidden,)


async def test_an_unknown_window_that_is_too_small_is_asked_again_with_a_third() -> None:
    newest = prepare(INCIDENT).evidence[-1].id
    only = FakeProvider(script=[[ContextOverflowError()], [cited(newest)]])
    answer = await answered(only)
    first, second = only.calls
    assert size_of(second) < size_of(first) / 2
    assert [one.outcome for one in answer.attempts] == ["context_overflow", "ok"]
    assert answer.report.coverage.evidence_shown == len(rows(second))


async def test_a_window_too_small_for_anything_is_passed_over() -> None:
    newest = prepare(INCIDENT).evidence[-1].id
    tiny = FakeProvider(name="tiny", prompt_tokens=300)
    other = FakeProvider(name="other", script=[[cited(newest)]])
    answer = await answered(tiny, other)
    assert tiny.calls == []
    assert answer.attempts[0].outcome == "context_window"
    assert answer.report.source == "model"


said = st.text(max_size=300) | st.sampled_from(
    [LOG[:5_000], "障害が発生しました。" * 80, "a" * 3_000]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(said, min_size=1, max_size=12), st.integers(200, 12_000), st.text(max_size=900))
def test_the_prompt_never_exceeds_the_window(texts: list[str], window: int, question: str) -> None:
    messages = (Message(f"{START + n}.0", "ann", text) for n, text in enumerate(texts))
    prepared = prepare(Incident(tuple(messages), question=question), context_chars=20_000)
    packed = fitted(prepared, window)
    assert size_of(packed.messages) <= window
    if packed.messages and prepared.evidence:
        shown = [item.id for item in packed.shown]
        assert shown[0] == prepared.evidence[0].id
        assert packed.shown[-1].message_ts == prepared.evidence[-1].message_ts


PRECEDENTS = Precedents(runbooks=(Advice("queue.md", "Full", "Count them. " * 60, "`queue`"),))


@pytest.mark.parametrize(("room", "is_told"), [(9, True), (-9, False)])
@pytest.mark.parametrize(("messages", "is_short"), [(2, True), (60, False)])
def test_precedents_are_told_where_there_is_room_and_left_out_first(
    messages: int, room: int, *, is_short: bool, is_told: bool
) -> None:
    incident = replace(INCIDENT, messages=INCIDENT.messages[:messages])
    prepared = informed(prepare(incident, context_chars=60_000), PRECEDENTS)
    whole = prompt.build(prepared.briefing, prepared.shown, is_short=is_short)
    packed = fitted(prepared, math.ceil((size_of(whole) + room) / 0.97))
    assert ("queue.md" in packed.messages[1].content) is is_told
    assert ("recedent" in packed.messages[0].content) is is_told
    assert packed.messages[0].content.startswith((SHORT if is_short else FULL).rules)
    assert packed.shown == prepared.shown
    assert packed.rules.precedents == PRECEDENTS


async def test_a_further_question_is_asked_shortly_whoever_is_asked() -> None:
    told = prepare(INCIDENT, context_chars=60_000)
    newest = told.evidence[-1].id
    reply = f"{cited(newest)}## Answer\n- Nobody gave it any [{newest}]\n"
    large = FakeProvider(name="large", script=[[AuthenticationError()]], prompt_tokens=100_000)
    small = FakeProvider(name="small", script=[[reply]], prompt_tokens=OLLAMA)
    async with LLMProviderManager(providers=[large, small], max_retries=0) as manager:
        analyst = Analyst(manager, context_chars=60_000)
        events = [event async for event in analyst.analyse(INCIDENT, previous=told.rules)]
    (first,), (second,) = large.calls, small.calls
    assert size_of(second) <= OLLAMA < size_of(first)
    for system, user in (first, second):
        assert set(parse(system.content).lines) == {"cause", "summary", "gaps"}
        assert '"earlier_cause"' in user.content
    assert (first[0].content, second[0].content) == (
        FULL.text(is_reply=True),
        SHORT.text(is_reply=True),
    )
    (answer,) = (event for event in events if isinstance(event, Answer))
    assert answer.report.source == "model"
    assert [line.text for line in answer.report.summary] == ["Nobody gave it any"]
    assert [d.report.summary for d in events if isinstance(d, Draft)][-1] == answer.report.summary


def test_half_of_a_small_window_holds_a_fair_part_of_the_evidence() -> None:
    packed = fitted(prepare(INCIDENT, context_chars=24_000), OLLAMA)
    assert size_of(packed.messages) > 0.75 * OLLAMA
    assert tokens(packed.messages[0].content) < 0.1 * OLLAMA


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("the disk is full", 4),
        ("unauthorized", 3),
        ("12345", 5),
        ("障害が発生", 5),
        ("a, b", 3),
        ("    \n\t ", 0),
    ],
)
def test_tokens_are_estimated_on_the_safe_side(text: str, count: int) -> None:
    assert tokens(text) == count


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["why does the queue grow?", "The new image has no credentials"], "en"),
        (["キューが増えています", "ログを確認しました", "Alert: the queue is not empty"], "ja"),
        (["队列一直在增长", "已经回滚了新版本"], "zh"),
        (["대기열이 늘어납니다", "새 버전을 롤백했습니다"], "ko"),
        (["Die Warteschlange wächst und wir wissen nicht warum das ist"], "de"),
        (["orders-api の deploy 後に CrashLoopBackOff になりました"], "ja"),
        (["", "ok", "12:03", "https://example.com/x"], "und"),
        ([], "und"),
        (["Очередь растёт"], "und"),
    ],
)
def test_the_language_of_a_thread(texts: list[str], code: str) -> None:
    assert language_of(texts).code == code


def test_the_language_is_told_by_code() -> None:
    said = ("キューが増えています", "新しいイメージに認証情報がありません")
    messages = tuple(Message(f"{START + n}.0", "ann", text) for n, text in enumerate(said))
    content = prepare(Incident(messages)).messages[1].content
    assert content.endswith("in the form given, in Japanese (ja).")
    assert str(UNKNOWN) == "the language that the people in the thread write"
    assert str(Language("ko", "Korean")) == "Korean (ko)"


def test_log_lines_do_not_decide_the_language() -> None:
    attached = (Attachment("worker.log", LOG),)
    messages = (Message(f"{START}.0", "ann", "キューが増えています。確認お願いします", attached),)
    assert re.search(r"in Japanese \(ja\)\.$", prepare(Incident(messages)).messages[1].content)
