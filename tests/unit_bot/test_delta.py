"""What moved between two analyses, whatever numbers the evidence got in each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.analyst import prepare
from bot.analysis.delta import Delta, Move, delta
from bot.analysis.evidence import Evidence
from bot.analysis.matching import is_alike, renumbered
from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.incident import Attachment, Incident, Message

START = 1767268800  # 2026-01-01T12:00:00Z
TEXTS = (
    "FIRING: checkout error rate 37 %",
    "orders-db: FATAL remaining connection slots are reserved",
    "I deployed orders 2.14, it sets the pool size to 5",
)
FOUND = "root cause: the invoice job holds 95 connections of orders-db open"


def message(place: int, text: str, *files: Attachment) -> Message:
    return Message(f"{START + 60 * place}.000000", "ann", text, attachments=files)


def report(*messages: Message) -> Report:
    return prepare(Incident(messages)).rules


def of(*texts: str) -> Report:
    return report(*(message(place, text) for place, text in enumerate(texts)))


def log(lines: int) -> Attachment:
    text = "\n".join(
        f"2026-01-01T12:04:{n % 60:02d}Z ERROR api pool exhausted after {n} s" for n in range(lines)
    )
    return Attachment("api.log", text, len(text))


def moved(found: Delta, move: Move) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.statement.text, one.by) for one in found.moved if one.move is move]


def test_the_same_evidence_and_answer_is_nothing():
    found = delta(of(*TEXTS), of(*TEXTS))
    assert found.is_empty
    assert found.moved == ()


def test_what_is_new_is_counted_told_and_placed():
    found = delta(of(*TEXTS), of(*TEXTS, FOUND, "thanks"))
    assert (found.messages, found.log_lines, found.gone) == (2, 0, 0)
    assert [one.evidence for one in found.news] == [("E4",)]
    assert found.news[0].text == f"12:03:00 ann: {FOUND}"
    assert found.cause_before is not None
    assert "connection slots are reserved" in found.cause_before.text
    assert found.cause.text.startswith(FOUND)
    assert found.confidence == (Confidence.PLAUSIBLE, Confidence.SUPPORTED)
    assert moved(found, Move.APPEARED) == [(FOUND, ("E4",))]
    assert not found.is_empty


def test_evidence_is_known_by_what_it_says_not_by_its_number():
    before = report(*(message(place, text) for place, text in enumerate(TEXTS, 1)))
    after = report(
        message(0, "an older reply that was not read before"),
        *(message(place, text) for place, text in enumerate(TEXTS, 1)),
    )
    assert renumbered(before.evidence, after.evidence) == {"E1": "E2", "E2": "E3", "E3": "E4"}
    assert delta(before, after).messages == 1


def test_more_lines_of_a_known_kind_are_new_lines():
    before = report(message(0, TEXTS[0], log(10)))
    after = report(message(0, TEXTS[0], log(50)))
    found = delta(before, after)
    assert (found.messages, found.log_lines, found.news) == (0, 40, ())
    assert not found.is_empty


def test_what_was_deleted_or_edited_is_gone():
    found = delta(of(*TEXTS), of(TEXTS[0], TEXTS[1] + " (edited)", TEXTS[2]))
    assert (found.messages, found.gone) == (0, 1)
    assert not found.is_empty


def test_a_denial_rules_out_the_explanation_that_it_names_most_of():
    denial = "the pool size of orders 2.14 is not the cause, we checked"
    found = delta(of(*TEXTS), of(*TEXTS, denial))
    assert moved(found, Move.RULED_OUT) == [(TEXTS[2], ("E4",))]


def test_that_all_is_well_again_is_no_explanation():
    found = delta(of(*TEXTS), of(*TEXTS, "everything is back to normal and verified working"))
    assert [one.evidence for one in found.news] == [("E4",)]
    assert not [one for one in found.moved if "back to normal" in one.statement.text]


def test_a_question_rules_nothing_out():
    found = delta(of(*TEXTS), of(*TEXTS, "is the pool size of orders 2.14 not the cause?"))
    assert moved(found, Move.RULED_OUT) == []


def test_new_evidence_for_an_explanation_strengthens_it():
    again = "orders-db again: errors, remaining connection slots are reserved for superusers"
    found = delta(of(*TEXTS), of(*TEXTS, again))
    assert any("E4" in by for _, by in moved(found, Move.STRENGTHENED))


def modelled(cause: str, *ids: str, others: tuple[Statement, ...] = ()) -> Report:
    return Report(
        Verdict.CAUSE,
        Statement(cause, ids),
        Confidence.PLAUSIBLE,
        hypotheses=others,
        evidence=of(*TEXTS).evidence,
        source="model",
    )


def test_two_wordings_of_a_cause_on_the_same_evidence_are_one_cause():
    found = delta(modelled("The pool is too small", "E3"), modelled("Release 2.14", "E3", "E2"))
    assert found.cause_before is None
    other = delta(modelled("The pool is too small", "E3"), modelled("A disk is full", "E1"))
    assert other.cause_before == Statement("The pool is too small", ("E3",))


def test_explanations_that_change_places_rise_and_fall_and_one_that_left_is_named():
    leak, disk, net = (Statement(text, ("E1",)) for text in ("a leak", "disk full", "net lossy"))
    before = modelled("The pool is too small", "E3", others=(leak, disk, net))
    after = modelled("The pool is too small", "E3", others=(disk, leak))
    found = delta(before, after)
    assert [one.statement.text for one in found.moved if one.move is Move.ROSE] == ["disk full"]
    assert [one.statement.text for one in found.moved if one.move is Move.FELL] == ["a leak"]
    assert [one.statement.text for one in found.moved if one.move is Move.DROPPED] == ["net lossy"]


def test_one_that_is_new_pushes_nobody_down():
    leak, disk = (Statement(text, ("E1",)) for text in ("a leak", "disk full"))
    before = modelled("The pool is too small", "E3", others=(leak,))
    after = modelled("The pool is too small", "E3", others=(disk, leak))
    assert {one.move for one in delta(before, after).moved} == {Move.APPEARED}


def test_who_answered_is_told_where_it_was_not_the_same():
    found = delta(modelled("The pool is too small", "E3"), of(*TEXTS))
    assert found.sources == ("model", "rules")


def test_what_was_measured_is_the_same_beside_another_message():
    one = Evidence("E1", "cpu at 98 %", "", "cpu.csv", START, "1.0", measured=5.0)
    assert renumbered([one], [replace(one, id="E7", message_ts="2.0")]) == {"E1": "E7"}


def test_a_secret_with_another_number_is_the_same_secret():
    one = Evidence("E1", "key [SECRET:aws-key:1]", "ann", message_ts="1.0")
    now = replace(one, id="E2", text="key [SECRET:aws-key:3]")
    assert renumbered([one], [now]) == {"E1": "E2"}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("the pool is too small", "The pool is too small, since 2.14", True),
        ("the pool is too small", "a disk is full", False),
        ("接続プールが枯渇", "接続プールが枯渇した", True),
        ("", "", True),
        ("", "a disk is full", False),
    ],
)
def test_texts_are_alike_by_their_words(one, other, alike):
    assert is_alike(one, other) is alike


MESSAGES = st.lists(st.sampled_from([*TEXTS, FOUND]) | st.text(max_size=60), max_size=8)


@settings(deadline=None)
@given(MESSAGES, MESSAGES)
def test_a_delta_speaks_of_the_evidence_of_now_only(earlier, later):
    before, after = of(*earlier), of(*earlier, *later)
    found = delta(before, after)
    known = {item.id: item for item in after.evidence}
    kept = renumbered(before.evidence, after.evidence)
    assert len(set(kept.values())) == len(kept)
    assert all(known[new].text == _text(before, old) for old, new in kept.items())
    for one in (*found.news, *found.moments):
        assert set(one.evidence) <= known.keys() - set(kept.values())
    for one in found.moved:
        assert {*one.statement.evidence, *one.by} <= known.keys()
    assert [entry.at for entry in found.moments] == sorted(entry.at for entry in found.moments)


def _text(of_report: Report, id_: str) -> str:
    return next(item.text for item in of_report.evidence if item.id == id_)


@settings(deadline=None)
@given(MESSAGES)
def test_nothing_has_moved_where_nothing_has_changed(texts):
    assert delta(of(*texts), of(*texts)).is_empty
