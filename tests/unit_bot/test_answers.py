"""How much of an answer a thread is shown, and which of its messages only asked for one."""

from __future__ import annotations

import pytest

from bot.analysis.followup import Previous
from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.answers import Shape, is_opened_by_us, shape_of, without_questions
from bot.incident import Attachment, Incident, Message

BEFORE = Previous(Report(Verdict.UNCLEAR, Statement("?"), Confidence.INSUFFICIENT), 1.0)


@pytest.mark.parametrize(
    ("question", "previous", "shape"),
    [
        ("what about the database?", None, Shape.WHOLE),
        ("again", None, Shape.WHOLE),
        ("again", BEFORE, Shape.CHANGE),
        ("", BEFORE, Shape.CHANGE),
        ("what about the database?", BEFORE, Shape.REPLY),
        ("full", BEFORE, Shape.WHOLE),
    ],
)
def test_only_an_answered_thread_gets_less_than_all(question, previous, shape):
    assert shape_of(question, previous) is shape


def kept(*texts: str, asked: set[str], files: tuple[Attachment, ...] = ()) -> list[str]:
    messages = tuple(
        Message(f"{n}.0", "ann", text, attachments=files) for n, text in enumerate(texts)
    )
    incident = without_questions(Incident(messages, total_messages=9), asked)
    assert incident.total_messages == 9 - len(texts) + len(incident.messages)
    return [message.text for message in incident.messages]


@pytest.mark.parametrize(
    ("asking", "stays"),
    [
        ("why did it fail", False),
        ("ok. and who deployed?", False),
        ("why?\nERROR pool exhausted", True),
        ("The pool is exhausted since 10:04. Is that it?", True),
        ("I ruled out the network. What next?", True),
        ("プールが枯渇しました。原因は？", True),
    ],
)
def test_a_message_that_only_asks_is_no_evidence(asking, stays):
    assert kept("the alert", asking, asked={"1.0"}) == ["the alert", *([asking] if stays else [])]
    assert kept("the alert", asking, asked={"7.0"}) == ["the alert", asking]


def test_a_question_with_a_file_stays_and_so_does_all_there_is():
    assert kept("why?", asked={"0.0"}) == ["why?"]
    file = Attachment("a.log", "x")
    assert kept("the alert", "why?", asked={"1.0"}, files=(file,)) == ["the alert", "why?"]


@pytest.mark.parametrize(
    ("ts", "gaps", "ours"),
    [
        ("1.0", (), False),
        ("2.0", (), True),
        ("2.0", ("the first message of the thread was deleted",), False),
    ],
)
def test_a_thread_without_its_root_was_opened_by_us(ts, gaps, ours):
    assert is_opened_by_us(Incident((Message(ts, "ann", "hi"),), gaps=gaps), "1.0") is ours
