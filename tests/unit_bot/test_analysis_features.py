"""What the words of a sentence say, and what a judge makes of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.evidence import Evidence
from bot.analysis.features import of_note, of_words, often
from bot.analysis.inspections.note import Note
from bot.analysis.scoring import Judge, scored, weights

ITEM = Evidence("E1", "mail", "ann", message_ts="1")


@pytest.mark.parametrize(
    ("sentence", "there", "absent"),
    [
        ("Root cause: a full disk on tug-1", "stated_1", "stated_openly"),
        ("Maybe it was caused by a full disk", "stated_openly", "stated_2"),
        ("The disk is not the root cause", "stated_openly", "stated_1"),
        ("2026-01-01T12:00:00Z ERROR it stopped because of x", "stated_in_log", "stated_3"),
        ("01-01 12:00:00 it stopped because of x", "stated_in_log", "stated_3"),
        ("mailer failed to start", "failed", "stated_4"),
        ("All of it is healthy because of tug-1", "calm_and_cause", "calm"),
        ("All of it is healthy", "calm", "calm_and_cause"),
        ("We reverted mailer-cron", "fix_named", "symptom"),
        ("We reverted it", "fix", "fix_named"),
        ("kubectl describe pod tug-1", "no_statement", "symptom"),
        ("---- 12 / 34 / 56 ----", "no_statement", "symptom"),
        ("  Normal  Pulled  2m  kubelet  image present", "routine", "symptom"),
        ('  "level": 7', "field", "symptom"),
        ("Labels: a=b c", "routine", "field"),
        ("error: null", "says_nothing", "calm"),
        ("  Restart Count:  0", "specific", "says_nothing"),
        ("  Ready:          True", "specific", "field"),
        ('  "message": "The relay of harbour lost it"', "specific", "field"),
        ('  "message": "relay-4"', "field", "symptom"),
        ("Confirmed: 0 errors since the restart", "calm", "calm_and_cause"),
        ("All the relays print this:", "announces", "question"),
        ("Root cause identified", "empty", "question"),
        ("Is it the relay of harbour?", "question", "empty"),
        ("リレーですか？", "question", "empty"),
        ("ERROR mail stuck", "says_error", "says_warn"),
        ("mail", "short", "long"),
        ("mail " * 40, "long", "short"),
        ("No space left on device", "sign_cause_3", "failed"),
    ],
)
def test_what_words_say(sentence: str, there: str, absent: str) -> None:
    found, _ = of_words(sentence)
    assert there in found
    assert absent not in found


def test_a_name_is_specific() -> None:
    assert of_words("mail waits")[0]["specific"] == 0.0
    assert of_words("mailer-cron of v2 on `tug`, HTTP")[0]["specific"] == 1.0


@pytest.mark.parametrize(
    ("count", "share"), [(0, 0.0), (1, 0.0), (10, 1 / 3), (1_000, 1.0), (10**9, 1.0)]
)
def test_how_often(count: int, share: float) -> None:
    assert often(count) == pytest.approx(share)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_every_feature_of_any_text_has_a_weight(text: str) -> None:
    found, _ = of_words(text)
    assert found.keys() <= weights().keys()
    assert math.isfinite(Judge().judged(text, ITEM).score)


@pytest.mark.parametrize("kind", ["state", "setting", "consumer", "diff", "healthy"])
def test_every_note_has_a_weight(kind: str) -> None:
    note = Note("tug-1", "tug-1", kind)
    (name,) = of_note(note)
    assert Judge().noted(note, ITEM) == pytest.approx(
        weights()[name] + Judge().judged("tug-1", ITEM).score - Judge().score("tug-1")
    )


@pytest.mark.parametrize(
    ("line", "tells", "severe", "states", "failure"),
    [
        ("Root cause: a full disk", True, True, True, False),
        ("Root cause identified", False, False, True, False),
        ("No space left on device", True, True, False, True),
        ("mail waits in line", False, True, False, False),
        ("All of it is healthy", False, False, False, False),
        ("OOMKilled once, now recovered", False, False, False, False),
        ("Dana merged the route", True, True, False, False),
        ("kubectl get pods failed", False, False, False, False),
    ],
)
def test_what_a_judge_says(
    line: str, tells: bool, severe: bool, states: bool, failure: bool
) -> None:
    judge = Judge()
    assert judge.tells(line) is tells
    assert judge.tells(line, is_severe=True) is severe
    assert judge.states(line) is states
    assert judge.shows_failure(line) is failure


def test_an_item_is_worth_its_best_line_and_a_figure_what_it_measures() -> None:
    judge = Judge()
    best = "Root cause: a full disk"
    item = Evidence("E1", f"\nhello\n{best}\n", "ann", message_ts="1")
    figure = Evidence("E2", "load rose", "bot", measured=3.5)
    blank = Evidence("E3", " \n ", "ann")
    first, second, third = scored([item, figure, blank], judge)
    assert first.score == round(judge.judged(best, item).score, 2)
    assert (second.score, third.score) == (3.5, 0.0)
