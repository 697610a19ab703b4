"""What an incident is about: the names that its opening or its question gives."""

from __future__ import annotations

import pytest

from bot.analysis.evidence import Evidence
from bot.analysis.subject import subject_of

LONG = "wide-" * 6 + "berths"


def subject(opening: str, *rest: str, question: str = "") -> str:
    items = [Evidence("E1", opening, "ann", message_ts="1")]
    items += [Evidence(f"E{n}", text, "ben", message_ts=str(n)) for n, text in enumerate(rest, 2)]
    return subject_of(items, question)


@pytest.mark.parametrize(
    ("opening", "rest", "question", "names"),
    [
        ("ferry-booking is slow", ["ferry-booking again"], "", "ferry-booking"),
        ("ferry-booking is slow", ["it is"], "", ""),
        ("ferry-booking is slow?", ["it is"], "", "ferry-booking"),
        ("フェリー予約 ferry-booking が遅い？", [], "", "ferry-booking"),
        ("it is slow", [], "why is ferry-booking slow", "ferry-booking"),
        ("service: tides", ["tides lost its lease"], "", "tides"),
        ("Service: tides.", ["tides lost its lease"], "", "tides"),
        ("`host=quay1` beeps", ["QUAY1 is gone"], "", "quay1"),
        ('{"queue": "x"} queue="berths"', ["berths is long"], "", "berths"),
        ("tug-one, tug-two and tug-six", ["tug-six tug-two tug-one"], "", "tug-one, tug-two"),
        ("service: tides and tides again", ["tides"], "", "tides"),
        ("tideTable and MQTT", ["tideTable over MQTT"], "", "tideTable, MQTT"),
        ("WARNING: HTTP error on kubectl, see follow-up", ["HTTP kubectl follow-up"], "", ""),
        ("mail dana@ferry-booking.example", ["ferry-booking"], "", ""),
        ("/opt/ferry-booking/run", ["ferry-booking"], "", ""),
        (f"{LONG} and ferry-cabins", [f"{LONG}, ferry-cabins"], "", LONG),
        (f"service: {'x' * 60} of ferry-x", ["x" * 60, "ferry-x"], "", "ferry-x"),
        ("", [], "", ""),
    ],
)  # fmt: skip
def test_the_names_of_what_fails(opening: str, rest: list[str], question: str, names: str) -> None:
    assert subject(opening, *rest, question=question) == names


def test_nothing_read_is_about_nothing() -> None:
    assert subject_of([], "why is ferry-booking slow?") == ""


def test_files_of_the_opening_are_part_of_it_and_not_of_what_recurs() -> None:
    items = [Evidence(f"E{n}", "ferry-booking", "ann", message_ts="1") for n in range(3)]
    assert subject_of(items, "") == ""
