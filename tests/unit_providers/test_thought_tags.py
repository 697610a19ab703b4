"""Thinking inside an answer, wherever the pieces of it end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.thought_tags import ThoughtTags

CASES = [
    ("<think>hm</think>So.", "hm", "So."),
    ("\n<think>\nhm\n</think>\n\nSo.\n", "\nhm\n", "So.\n"),
    ("<thinking>hm</thinking>So.", "hm", "So."),
    ("[THINK]hm[/THINK]So.", "hm", "So."),
    ("<think></think>So.", "", "So."),
    ("<think>a < b </thin </think>So <think>.", "a < b </thin ", "So <think>."),
    ("So <think>hm</think>", "", "So <think>hm</think>"),
    ("<thin", "", "<thin"),
    ("<thing>", "", "<thing>"),
    (" \n", "", " \n"),
    ("", "", ""),
    ("<think>no end</th", "no end</th", ""),
    ("<think>hm</think> \n", "hm", ""),
]


def told_apart(pieces: list[str]) -> tuple[str, str]:
    tags = ThoughtTags()
    parts = [part for piece in pieces for part in tags.feed(piece)] + tags.rest()
    assert all(part.text for part in parts)
    thoughts = "".join(part.text for part in parts if part.thought)
    return thoughts, "".join(part.text for part in parts if not part.thought)


@pytest.mark.parametrize(("said", "thought", "answer"), CASES)
def test_what_is_thought_and_what_is_answered(said: str, thought: str, answer: str) -> None:
    assert told_apart([said]) == (thought, answer)
    assert told_apart(list(said)) == (thought, answer)


@given(st.sampled_from(CASES), st.lists(st.integers(0, 45), max_size=5))
def test_where_the_pieces_end_makes_no_difference(
    case: tuple[str, str, str], cuts: list[int]
) -> None:
    said, thought, answer = case
    places = [0, *sorted(cuts), len(said)]
    pieces = [said[a:b] for a, b in pairwise(places)]
    assert told_apart(pieces) == (thought, answer)


def test_nothing_is_held_back_once_an_answer_has_begun() -> None:
    tags = ThoughtTags()
    assert tags.feed("<think>hm")[0].thought
    assert [part.text for part in tags.feed("</think> Is it <")] == ["Is it <"]
    assert [part.text for part in tags.feed("think>?")] == ["think>?"]
