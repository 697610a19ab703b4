"""A further question, answered by rules: short, cited, and honest where nothing is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyst import Prepared, prepare
from bot.analysis.followup import MOST_ASKED, Previous, answer_question
from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.incident import Attachment, Incident, Message

START = 1767268800  # 2026-01-01T12:00:00Z
LOG = "\n".join(
    [
        "2026-01-01T12:03:00Z INFO api GET /quote 200",
        *(f"2026-01-01T12:04:0{n}Z ERROR api pool exhausted after {n} s" for n in range(5)),
    ]
)
TEXTS = (
    "FIRING: checkout error rate 37 %",
    "I deployed orders 2.14, it sets the pool size to 5",
    "orders-db: FATAL remaining connection slots are reserved",
    "we ruled out the network, packet loss is at zero",
    "the pool of orders ran dry because 2.14 sets it to 5",
)


def prepared(*texts: str, question: str = "", log: str = "") -> Prepared:
    files = (Attachment("api.log", log, len(log)),) if log else ()
    messages = [Message(f"{START + 60 * n}.000000", "ann", t) for n, t in enumerate(texts)]
    if files:
        last = f"{START + 60 * len(texts)}.000000"
        messages.append(Message(last, "ben", "the log", attachments=files))
    return prepare(Incident(tuple(messages), question))


def answered(question: str, *texts: str, log: str = "") -> Report:
    found = prepared(*(texts or TEXTS), log=log)
    return answer_question(question, found.rules, found.rules, found.judge)


def told(report: Report) -> list[str]:
    return [f"{one.text} {list(one.evidence)}" for one in (*report.summary, *report.gaps)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "when did it start?",
            "The first sign of it: 2026-01-01 12:00:00 ann: FIRING: checkout error rate 37 %",
        ),
        (
            "when was orders 2.14 deployed?",
            "2026-01-01 12:01:00 ann: I deployed orders 2.14, it sets the pool size to 5 ['E2']",
        ),
        (
            "who deployed orders?",
            "12:01:00 ann: I deployed orders 2.14, it sets the pool size to 5 ['E2']",
        ),
        (
            "what changed?",
            "12:01:00 ann: I deployed orders 2.14, it sets the pool size to 5 ['E2']",
        ),
        (
            "is the network the cause?",
            "Against it: 12:03:00 ann: we ruled out the network, packet loss is at zero ['E4']",
        ),
        ("which errors has checkout?", "12:00:00 ann: FIRING: checkout error rate 37 % ['E1']"),
        ("なぜ？", "Too many database connections: orders-db: FATAL remaining"),
        ("ネットワークが原因ですか？", "Against it: 12:03:00 ann: we ruled out the network"),
        (
            "データベースは？",
            "12:02:00 ann: orders-db: FATAL remaining connection slots are reserved",
        ),
        ("网络？", "12:03:00 ann: we ruled out the network"),
        ("네트워크는?", "12:03:00 ann: we ruled out the network"),
        ("is it fixed?", "Nothing in the evidence says that it is over. []"),
        ("what about the certificate?", "The evidence says nothing about certificate. []"),
        ("who is on it?", "Name a service, a host or an error, and I look for it"),
    ],
)
def test_a_question_is_answered_from_the_evidence(question, first):
    lines = told(answered(question))
    assert lines[0].startswith(first), lines
    assert len(lines) <= 7


def test_what_would_help_is_said_where_nothing_is_known():
    lines = told(answered("what about the certificate?"))
    assert lines[1].startswith("Needed: logs, metrics or messages that mention it around 12:00:00")


def test_a_name_that_stands_nowhere_is_named_beside_what_was_found():
    found = answered("what about checkout in zurich?")
    assert [gap.text for gap in found.gaps] == ["The evidence says nothing about zurich."]
    assert found.summary


def test_a_line_of_a_log_is_told_with_its_file_and_level():
    lines = told(answered("pool exhausted?", log=LOG))
    assert lines[0].startswith("12:04:00 api.log ERROR: ")
    assert lines[0].count("12:04") == 1


def test_a_rollback_and_its_time_answer_whether_it_is_over():
    lines = told(answered("is it fixed?", *TEXTS, "rolled back orders, error rate is normal again"))
    assert lines == [
        "2026-01-01 12:05:00 ann: rolled back orders, error rate is normal again ['E6']"
    ]


def test_without_a_failure_the_earliest_moment_is_told():
    lines = told(answered("when did it start?", "hello there", "all is odd here"))
    assert lines == ["The earliest that is told: 2026-01-01 12:00:00 ann: hello there ['E1']"]
    assert told(answered("when was zurich hit?"))[0].startswith("No line that speaks of it has")


def test_why_rests_on_what_the_last_answer_cited_under_its_numbers_of_now():
    before = prepared(*TEXTS)
    told_then = Report(
        Verdict.CAUSE,
        Statement("2.14 made the pool too small", ("E5", "E2")),
        Confidence.SUPPORTED,
        evidence=before.evidence,
        source="model",
    )
    messages = [Message(f"{START - 60}.000000", "ann", "earlier talk")]
    messages += [Message(f"{START + 60 * n}.000000", "ann", text) for n, text in enumerate(TEXTS)]
    now = prepare(Incident(tuple(messages)))
    found = answer_question("why?", now.rules, told_then, now.judge)
    assert [one.evidence for one in found.summary] == [("E6", "E3"), ("E6",), ("E3",)]
    assert found.summary[0].text == "2.14 made the pool too small"
    assert found.cause.evidence == ("E6", "E3")


def test_why_of_what_is_gone_says_so():
    now = prepared("all was deleted", "only this is left")
    then = prepared(*TEXTS)
    found = answer_question("why?", now.rules, then.rules, now.judge)
    assert told(found) == ["The earlier answer rests on nothing that is still there. []"]


def test_next_checks_are_those_of_the_failures_that_were_recognised():
    found = answered("what should we check next?")
    assert found.summary
    assert all(one.evidence for one in found.summary)
    none = answered("what next?", "hello", "all is odd here")
    assert none.gaps[0].text.startswith("No known failure was recognised")


@given(
    st.sampled_from(
        ["when?", "why?", "what changed?", "is the pool the cause?", "what next?", "and orders?"]
    )
    | st.text(max_size=60),
    st.lists(st.sampled_from(TEXTS) | st.text(min_size=1, max_size=80), max_size=6),
)
def test_an_answer_is_never_empty_and_cites_only_what_there_is(question, texts):
    found = prepared(*texts)
    report = answer_question(question, found.rules, found.rules, found.judge)
    known = {item.id for item in found.evidence}
    assert report.summary or report.gaps
    assert len(report.summary) <= 5
    for one in report.summary:
        assert one.evidence
        assert set(one.evidence) <= known


def test_who_asked_is_kept_once_and_within_a_bound():
    previous = Previous(answered("why?"), 1.0)
    assert previous.with_asked("1.0").with_asked("1.0").with_asked(None).asked == ("1.0",)
    for number in range(MOST_ASKED + 5):
        previous = previous.with_asked(f"{number}.0")
    assert len(previous.asked) == MOST_ASKED
    assert previous.asked[-1] == f"{MOST_ASKED + 4}.0"
