"""A long sentence in less room, and the room shared out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.condensing import condensed, plain, shared_out


def length(text: str) -> float:
    return float(len(text))


def names_the_relay(text: str) -> float:
    return 9.0 if "relay" in text else 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("see [the graph](https://graphs.example/d/7?x=1) now", "see the graph now"),
        ("it is at https://graphs.example/d/7 since noon", "it is at since noon"),
        ("mail (https://x.example) is late", "mail is late"),
        ("*mail* is **late** and _stuck_", "mail is late and stuck"),
        (":fire: mail is late", "mail is late"),
        ("pool_size stays, 2 * 3 * 4 too", "pool_size stays, 2 * 3 * 4 too"),
        ("mail\n  is\tlate", "mail is late"),
        ("12:30:45 mail is late", "12:30:45 mail is late"),
        ("https://x.example/mail", "https://x.example/mail"),
        ("", ""),
    ],
)
def test_a_sentence_without_markup_and_addresses(text: str, said: str) -> None:
    assert plain(text) == said


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Mail is late", 40, "Mail is late"),
        ("The team noticed that mail is late", 20, "mail is late"),
        ("We then concluded that mail is late", 20, "mail is late"),
        ("It was found that mail is late", 20, "mail is late"),
        (
            "Mail is late for all of our customers, because nobody had looked",
            45,
            "Mail is late for all of our customers,…",
        ),
        (
            "After a very long look at all of the graphs, the relay lost its lease",
            40,
            "…the relay lost its lease",
        ),
    ],
)
def test_the_part_that_tells_most(text: str, limit: int, short: str) -> None:
    assert condensed(text, limit, names_the_relay) == short


def test_the_head_stays_where_no_later_part_tells_more() -> None:
    text = "The relay lost its lease, which nobody saw, because the board was empty for a week"
    assert condensed(text, 40, names_the_relay).startswith("The relay lost its lease")


words = st.sampled_from(
    ["relay", "because", "due to", ",", ";", "：", "We found that", "https://x.example/a", "**"]
) | st.sampled_from(["caused by", "原因は", "、", "a" * 70, "\n", "\u2028", ":fire: ", "…"])
texts = st.lists(words | st.text(max_size=12), max_size=14).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(texts, st.integers(min_value=1, max_value=90))
def test_no_more_than_its_limit(text: str, limit: int) -> None:
    assert len(condensed(text, limit, length)) <= limit
    assert "\n" not in condensed(text, limit, names_the_relay)


@pytest.mark.parametrize("limit", [0, -1, -50])
def test_no_room_is_no_text(limit: int) -> None:
    assert condensed("Mail is late", limit, length) == ""


@pytest.mark.parametrize(
    ("sizes", "weights", "room", "got"),
    [
        ([100, 100], [1.0, 1.0], 100, [50, 50]),
        ([100, 100], [3.0, 1.0], 100, [75, 25]),
        ([10, 200], [1.0, 1.0], 100, [10, 90]),
        ([10, 20, 200], [1.0, 1.0, 1.0], 100, [10, 20, 70]),
        ([10, 20], [1.0, 1.0], 100, [10, 20]),
        ([0, 20], [1.0, 1.0], 10, [0, 10]),
        ([20, 20], [1.0, 1.0], 0, [0, 0]),
        ([20, 20], [1.0, 1.0], -30, [0, 0]),
        ([], [], 10, []),
    ],
)
def test_what_one_leaves_goes_to_the_rest(
    sizes: list[int], weights: list[float], room: int, got: list[int]
) -> None:
    assert shared_out(sizes, weights, room) == got


parts = st.lists(
    st.tuples(st.integers(0, 400), st.floats(min_value=0.01, max_value=6.0)), max_size=6
)


@settings(deadline=None)
@given(parts, st.integers(min_value=-200, max_value=400))
def test_never_more_than_the_room_nor_than_a_part_has(
    sized: list[tuple[int, float]], room: int
) -> None:
    sizes, weights = [size for size, _ in sized], [weight for _, weight in sized]
    got = shared_out(sizes, weights, room)
    assert sum(got) <= max(0, room)
    assert all(0 <= one <= size for one, size in zip(got, sizes, strict=True))
    if sum(sizes) <= room:
        assert got == sizes
