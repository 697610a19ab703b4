"""What the place of a sentence says for or against it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bot.analysis import signatures
from bot.analysis.evidence import Evidence
from bot.analysis.scene import Scene, first_symptom, words


def item(
    number: int, text: str, *, level: str = "", count: int = 1, marked: float = 0.0
) -> Evidence:
    return Evidence(
        f"E{number}", text, "ann", at=60.0 * number, message_ts=str(number),
        level=level, count=count, marked=marked,
    )  # fmt: skip


STORY = [
    item(1, "Alert: ferry-booking fails"),
    item(2, "Merged the Keystone rule"),
    item(3, "Bookings fail with an error"),
    item(4, "A stale route, keystone-9 is ruled out", marked=1.5),
    item(5, "We reverted Keystone"),
]


def placed(number: int, sentence: str = "", question: str = "") -> dict[str, float]:
    scene = Scene(STORY, question)
    one = STORY[number - 1]
    return dict(scene.of_place(sentence or one.text, one))


@pytest.mark.parametrize(
    ("number", "there", "absent"),
    [
        (1, "in_root", "marked"),
        (2, "before_onset", "in_root"),
        (2, "deed_before_onset", "trail_cleared"),
        (2, "trail_back", "trail_cleared"),
        (3, "near_onset", "before_onset"),
        (3, "fix_follows", "is_error"),
        (4, "fix_follows", "in_root"),
        (4, "marked", "is_alert"),
        (5, "late", "fix_follows"),
        (5, "is_said", "trail_back"),
    ],
)
def test_where_a_sentence_stands(number: int, there: str, absent: str) -> None:
    found = placed(number)
    assert there in found
    assert absent not in found


def test_what_led_to_the_next_sentence_and_what_points_back() -> None:
    one = item(6, "The relay was moved. This caused an empty route. Nobody saw it.")
    scene = Scene([*STORY, one])
    led, back, alone = (
        dict(scene.of_place(sentence, one))
        for sentence in ("The relay was moved.", "This caused an empty route.", "Nobody saw it.")
    )
    assert ("leads_on" in led, "points_back" in led) == (True, False)
    assert ("leads_on" in back, "points_back" in back) == (False, True)
    assert {"leads_on", "points_back"}.isdisjoint(alone)
    logged = replace(one, level="error")
    assert "leads_on" not in dict(Scene([logged]).of_place("The relay was moved.", logged))


def test_a_failure_that_the_opening_names_is_no_news() -> None:
    full, killed = "No space left on device", "The relay was OOMKilled"
    opening, later = item(1, f"Alert: {full}"), item(2, f"{full}. {killed}.")
    scene = Scene([opening, later])
    signs = {text: signatures.matching(text)[0] for text in (full, killed)}
    assert "sign_of_root" in dict(scene.of_place(full, later, signs[full]))
    assert "sign_of_root" not in dict(scene.of_place(killed, later, signs[killed]))
    assert "sign_of_root" not in dict(scene.of_place(full, opening, signs[full]))
    assert "sign_said" in dict(scene.of_place(killed, later, signs[killed]))
    pasted = replace(later, pasted=True)
    assert "sign_said" not in dict(scene.of_place(killed, pasted, signs[killed]))


def test_how_late_how_marked_and_how_much_of_the_question_and_the_title() -> None:
    assert (placed(1)["late"], placed(3)["late"], placed(5)["late"]) == (0.0, 0.5, 1.0)
    assert placed(4)["marked"] == 0.5
    assert placed(3, question="which bookings?")["asked"] == 0.5
    assert placed(3, "ferry-booking fails")["of_title"] > placed(3, "mail waits")["of_title"] == 0


def test_a_change_that_was_cleared() -> None:
    cleared = placed(2, "Deployed keystone-9 to production")
    assert "trail_cleared" in cleared
    assert "trail_back" not in cleared


def test_lines_of_a_log_by_level_and_number() -> None:
    logs = [
        item(1, "mail stuck", level="error", count=100),
        item(2, "tide written", level="info", count=1_000),
        item(3, "lease lost", level="fatal"),
    ]
    scene = Scene(logs)
    first, second, third = (dict(scene.of_place(one.text, one)) for one in logs)
    assert "is_said" not in first | second | third
    assert (first["is_error"], second["is_info"], third["is_fatal"]) == (1.0, 1.0, 1.0)
    assert first["often_failing"] == pytest.approx(2 / 3)
    assert "often_failing" not in second
    assert (second["rare"], third["rare"]) == (pytest.approx(0.0), 1.0)
    assert first["rare"] == pytest.approx(1 - math.log(100) / math.log(1_000))


def test_the_first_symptom_after_the_opening() -> None:
    assert Scene(STORY).onset == 180.0
    assert Scene(STORY[:2]).onset == 60.0
    assert Scene().onset is None
    assert first_symptom([item(1, "it is calm")]) is None
    assert first_symptom([item(1, "0 errors", level="info"), item(2, "it fails")]) == 120.0


def test_the_words_that_tell_one_thing_from_another() -> None:
    assert words("The Relay-7 failed, v2.1") == {"the", "relay-7", "failed", "v2.1"}
    assert words("予約 失敗") == {"予約", "失敗"}
    assert words("") == frozenset()
