"""The rules' own phrases: in the thread's language, around evidence that stays as it is."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from itertools import chain
from string import Formatter

import pytest

from bot.analysis import rules
from bot.analysis.language import UNKNOWN, Language
from bot.analysis.preparing import prepare
from bot.analysis.questions import terms
from bot.analysis.report import Confidence, Report, Statement
from bot.analysis.terms import terms_of
from bot.analysis.voice import ENGLISH, VOICES, Voice, voice_of
from bot.incident import Attachment, Incident, Message

START = 1767268800  # 2026-01-01T12:00:00Z
QUIET = "\n".join(f"2026-01-01 12:00:{n % 60:02d} INFO tide {n} written" for n in range(60))
FAILURE = "FATAL: remaining connection slots are reserved"

FAILING = {
    "en": (
        "Alert: the page of bookings does not open",
        "We deployed ferry-booking 3.4 at noon",
        "All of the bookings fail with timeouts",
        FAILURE,
        "The network is not the cause",
    ),
    "ja": (
        "アラート：予約の画面が開かない",
        "正午に ferry-booking 3.4 をデプロイした",
        "予約が全員タイムアウトで失敗する",
        FAILURE,
        "ネットワークは原因ではない",
    ),
    "zh": (
        "请大家看一下预订页面",
        "中午发布了 ferry-booking 3.4",
        "所有人的预订都超时失败",
        FAILURE,
        "网络不是原因",
    ),
    "ko": (
        "알림: 예약 화면이 열리지 않음",
        "정오에 ferry-booking 3.4 배포",
        "모든 예약이 타임아웃으로 실패",
        FAILURE,
        "네트워크는 원인이 아님",
    ),
}
ODD = {
    "en": ("Hello, is it you?", "This is an odd day, it is"),
    "ja": ("こんにちは", "何か変です"),
    "zh": ("你好", "有点奇怪"),
    "ko": ("안녕하세요", "뭔가 이상합니다"),
}
# The same ones in each language; nobody wrote of lisbon or of a certificate.
QUESTIONS = {
    "en": (
        "when did it start?",
        "when was lisbon hit?",
        "is it fixed?",
        "is the network the cause?",
        "are connection slots the cause?",
        "is ferry-booking the cause?",
        "what about lisbon and the certificate?",
        "what changed?",
        "what next?",
        "why?",
        "who is on it?",
    ),
    "ja": (
        "いつ始まった？",
        "lisbon はいつ？",
        "復旧した？",
        "ネットワークが原因ですか？",
        "connection slots が原因ですか？",
        "ferry-booking が原因ですか？",
        "lisbon の証明書は？",
        "何が変わった？",
        "次は？",
        "なぜ？",
        "問題は？",
    ),
    "zh": (
        "什么时候开始的？",
        "lisbon 什么时候？",
        "恢复了吗？",
        "网络是原因吗？",
        "connection slots 是原因吗？",
        "ferry-booking 是原因吗？",
        "lisbon 的证书？",
        "变更了什么？",
        "下一步？",
        "为什么？",
        "情况？",
    ),
    "ko": (
        "언제 시작됐나요?",
        "lisbon 언제?",
        "복구됐나요?",
        "네트워크 때문인가요?",
        "connection slots 때문인가요?",
        "ferry-booking 때문인가요?",
        "lisbon 인증서는?",
        "무엇이 바뀌었나요?",
        "다음은?",
        "왜?",
        "문제?",
    ),
}
OTHERS = [code for code in VOICES if code != "en"]


def incident(*texts: str, question: str = "", log: str = "") -> Incident:
    messages = [Message(f"{START + 60 * n}.000000", "ann", text) for n, text in enumerate(texts)]
    if log:
        file = Attachment("app.log", log)
        messages.append(Message(f"{START + 3600}.000000", "ben", "", attachments=(file,)))
    return Incident(tuple(messages), question)


def lines_of(report: Report) -> list[str]:
    """Return the lines that may hold words of the rules."""
    parts = chain([report.cause], report.summary, report.next_checks, report.gaps)
    return [one.text for one in parts]


def all_lines(code: str) -> list[str]:
    """Return what the rules say, in a language, of threads and questions of all kinds."""
    slots = Statement("Too many connection slots", ("E4",))
    release = Statement("ferry-booking 3.4", ("E2",))
    nothing = prepare(incident(question=QUESTIONS[code][0])).rules
    quiet = prepare(incident(ODD[code][0], log=QUIET)).rules
    odd, failing = (prepare(incident(*texts)).rules for texts in (ODD[code], FAILING[code]))
    cause = replace(failing, cause=slots, hypotheses=(slots, release), source="model")
    told = [(FAILING[code], replace(cause, confidence=confidence)) for confidence in Confidence]
    told += [(ODD[code], odd), (ODD[code], replace(odd, evidence=()))]
    answers = [
        prepare(incident(*texts, question=question), previous=previous).rules
        for texts, previous in told
        for question in QUESTIONS[code]
    ]
    reports = (nothing, quiet, odd, failing, *answers)
    return [line for report in reports for line in lines_of(report)]


def fields_of(phrase: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(phrase) if name)


def said_of(voice: Voice, lines: list[str]) -> set[str]:
    """Return which phrases of a voice stand in the lines."""
    parts = {key: re.split(r"\{\w+\}", phrase) for key, phrase in asdict(voice).items()}
    patterns = {key: ".{1,400}".join(map(re.escape, some)) for key, some in parts.items()}
    return {key for key, wanted in patterns.items() if re.search(wanted, "\n".join(lines))}


def test_there_is_a_voice_for_each_language_that_is_promised() -> None:
    assert {"en", "ja", "zh", "ko"} <= set(VOICES)


@pytest.mark.parametrize("code", VOICES)
def test_every_language_fills_in_the_same_fields(code: str) -> None:
    theirs, ours = asdict(VOICES[code]), asdict(ENGLISH)
    assert {key: fields_of(theirs[key]) for key in ours} == {
        key: fields_of(phrase) for key, phrase in ours.items()
    }
    assert all(theirs.values())


@pytest.mark.parametrize("code", OTHERS)
def test_no_phrase_is_left_in_english(code: str) -> None:
    phrases = asdict(VOICES[code]).values()
    bare = [re.sub(r"\{\w+\}|\bUTC\b", "", phrase) for phrase in phrases]
    assert [phrase for phrase in bare if re.search(r"[A-Za-z]", phrase)] == []


def test_a_phrase_that_is_missing_or_unknown_is_seen_when_a_voice_is_read() -> None:
    phrases = asdict(ENGLISH)
    with pytest.raises(TypeError, match="odd"):
        Voice(**phrases, odd="?")
    del phrases["against"]
    with pytest.raises(TypeError, match="against"):
        Voice(**phrases)


@pytest.mark.parametrize("code", VOICES)
def test_every_phrase_is_said_in_the_language_of_the_thread(code: str) -> None:
    lines = all_lines(code)
    assert set(asdict(ENGLISH)) - said_of(VOICES[code], lines) == set()
    if code != "en":
        assert said_of(ENGLISH, lines) == {"between_names"}


@pytest.mark.parametrize(
    ("texts", "cause", "gap"),
    [
        (
            ODD["ja"],
            "原因を示す証拠が不十分。現時点の情報: こんにちは",
            "必要なもの: 最初の症状の前後における障害箇所のログと、直近の変更内容。",
        ),
        (
            ODD["zh"],
            "证据不足，无法确定原因。目前已知：你好",
            "需要：首个症状前后故障组件的日志，以及近期变更。",
        ),
        (
            ODD["ko"],
            "증거가 부족해 원인을 특정할 수 없습니다. 현재까지의 정보: 안녕하세요",
            "필요한 자료: 첫 증상 전후의 장애 구성 요소 로그와 최근 변경 사항.",
        ),
        (
            ("Hallo, wir sind da und es ist nicht gut",),
            "The evidence is not enough to name a cause. Known so far: Hallo, wir sind da und es "
            "ist nicht gut",
            "Needed: logs of the failing component around the first symptom, and recent changes.",
        ),
    ],
)
def test_what_is_known_and_what_is_missing(texts: tuple[str, ...], cause: str, gap: str) -> None:
    found = prepare(incident(*texts)).rules
    assert found.cause.text == cause
    assert found.gaps[0].text == gap


def test_most_of_the_thread_decides_not_the_one_who_asks() -> None:
    then = prepare(incident(*FAILING["ja"])).rules
    asked = incident(*FAILING["ja"], question="is the network the cause?")
    found = prepare(asked, previous=then).rules
    assert found.summary[0].text == "反証: 12:04:00 ann: ネットワークは原因ではない"


@pytest.mark.parametrize("code", VOICES)
def test_only_our_own_words_differ(code: str) -> None:
    found = prepare(incident(*FAILING["en"]))
    there = rules.analyse(found.evidence, found.judge, found.coverage, VOICES[code])
    here, voice = found.rules, VOICES[code]
    spoken = here.cause.text.replace(ENGLISH.just_before, voice.just_before)
    assert there.cause.text == spoken
    assert [one.evidence for one in there.next_checks] == [one.evidence for one in here.next_checks]
    assert replace(there, cause=here.cause, next_checks=here.next_checks, gaps=here.gaps) == here


@pytest.mark.parametrize("code", ["de", "fr", "und", ""])
def test_a_language_without_phrases_gets_english(code: str) -> None:
    assert voice_of(Language(code, "one of them")) is ENGLISH
    assert voice_of(UNKNOWN) is ENGLISH


@pytest.mark.parametrize("confidence", Confidence)
def test_in_english_a_confidence_is_called_as_in_the_report(confidence: Confidence) -> None:
    assert ENGLISH.sure(confidence) == confidence.value
    assert all(voice.sure(confidence) for voice in VOICES.values())


@pytest.mark.parametrize("code", VOICES)
def test_what_joins_two_parts_of_a_cause_is_no_name_to_look_for(code: str) -> None:
    joint = VOICES[code].just_before
    assert terms(joint) == ()
    assert list(terms_of(joint)) == []
