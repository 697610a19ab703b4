"""Dumps: cut where they have their own joints, every line word for word."""

from __future__ import annotations

import json

import pytest

from bot.analysis.dumps import PIECE_CHARS, PIECE_LINES, is_structured, pieces, segments

NOON = 1767268800.0  # 2026-01-01T12:00:00Z
EVENTS = """LAST SEEN   TYPE      REASON             OBJECT           MESSAGE
5m12s       Warning   FailedScheduling   pod/cart-7f9     0/3 nodes are available
<unknown>   Normal    Scheduled          pod/cart-7f9     Successfully assigned shop/cart-7f9
2d3h        Normal    Pulled             pod/mailer-1     Container image already present"""
DESCRIBED = """Name:         cart-7f9
Namespace:    shop
Containers:
  cart:
    Image:      registry/cart:9
    State:      Waiting
Events:
  Type     Reason     Age                 From      Message
  ----     ------     ----                ----      -------
  Normal   Pulled     2m                  kubelet   Container image already present
  Warning  BackOff    10s (x6 over 90s)   kubelet   Back-off restarting failed container"""


def cut(text: str) -> list[str]:
    return [piece.text for piece in pieces(text.split("\n"), NOON)]


def test_each_event_is_a_piece_with_its_time_level_and_count() -> None:
    found = list(pieces(EVENTS.split("\n"), NOON))
    assert [piece.text for piece in found] == EVENTS.split("\n")
    assert [(piece.at, piece.level) for piece in found[1:]] == [
        (NOON - 312, "warn"),
        (None, "info"),
        (NOON - 183_600, "info"),
    ]


def test_the_events_of_a_description_are_apart_from_the_rest() -> None:
    *others, normal, warning = pieces(DESCRIBED.split("\n"), NOON)
    assert "\n".join(piece.text for piece in others) == "\n".join(DESCRIBED.split("\n")[:-2])
    assert (normal.level, normal.at, normal.count) == ("info", NOON - 120, 1)
    assert (warning.level, warning.at, warning.count) == ("warn", NOON - 10, 6)
    assert warning.text == DESCRIBED.split("\n")[-1]


def test_what_follows_a_table_of_events_is_kept() -> None:
    assert cut(f"{EVENTS}\n\nthat was all")[-1] == "that was all"


def test_a_table_has_its_header_with_each_part() -> None:
    rows = [
        f"cart-{n:<30} 0/1    CrashLoopBackOff   {n} (2m ago)   3h{' ' * 40}" for n in range(90)
    ]
    found = cut("\n".join(["NAME       READY   STATUS   RESTARTS   AGE", *rows]))
    assert len(found) > 2
    assert all(piece.startswith("NAME       READY") for piece in found)
    told = [line for piece in found for line in piece.split("\n")[1:]]
    assert [line.rstrip() for line in told] == [row.rstrip() for row in rows]


def test_so_has_a_csv_file() -> None:
    rows = [f"2026-01-01,cart,{'x' * 60},{n}" for n in range(90)]
    found = cut("\n".join(["day,service,note,errors", *rows]))
    assert all(piece.startswith("day,service,note,errors\n2026") for piece in found)


def test_each_object_of_a_list_is_a_piece() -> None:
    things = [{"name": f"cart-{n}", "ready": n % 2 == 0, "note": "x" * 40} for n in range(30)]
    text = json.dumps({"kind": "List", "items": things}, indent=2)
    found = cut(text)
    assert "\n".join(found) == text
    assert sum(piece.count('"name"') == 1 for piece in found) == 30


def test_a_tree_is_cut_between_its_branches() -> None:
    branch = "service-{0}:\n  image: registry/service:{0}\n  env:\n" + "    KEY: value\n" * 9
    text = "".join(branch.format(n) for n in range(30)).rstrip("\n")
    found = cut(text)
    assert "\n".join(found) == text
    assert all(piece.startswith("service-") for piece in found)


@pytest.mark.parametrize("text", [DESCRIBED, "\n".join("x" * 90 for _ in range(99)), "a\n\n\nb"])
def test_no_piece_is_too_large(text: str) -> None:
    for piece in cut(text):
        assert len(piece) <= PIECE_CHARS
        assert piece.count("\n") < PIECE_LINES


def test_a_deep_tree_is_cut_all_the_same() -> None:
    text = "\n".join(" " * n + f"level-{n}: {'x' * 40}" for n in range(190))
    assert "\n".join(cut(text)) == text


def test_a_line_that_is_too_long_alone_is_a_piece() -> None:
    assert cut("a\n" + "x" * 5_000 + "\nb")[1] == "x" * 5_000


def test_nothing_is_no_piece() -> None:
    assert cut("\n  \n") == []


def test_commands_that_were_pasted_together_are_apart() -> None:
    lines = ["$ kubectl get pods", "NAME  READY", "$ kubectl logs cart", "boom"]
    assert list(segments(lines)) == [lines[:2], lines[2:]]
    assert list(segments(["a", *lines[:2]])) == [["a"], lines[:2]]


@pytest.mark.parametrize(
    ("text", "structured"),
    [
        (DESCRIBED, True),
        ("NAME   READY\nweb   0/1", True),
        ("a,b\n1,2\n3,4", True),
        ("one line\nafter another", False),
        ("", False),
    ],
)
def test_what_has_a_structure(text: str, structured: bool) -> None:
    assert is_structured(text.split("\n")) is structured
