"""A context never exceeds its budget, and never loses the root or the newest message."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.evidence import Evidence
from bot.analysis.inspections.note import Note
from bot.analysis.packing import header, pack
from bot.analysis.scoring import Judge, scored
from bot.analysis.shortening import LineScore, best_lines, joined, middle

texts = st.text(min_size=1, max_size=400).filter(lambda text: bool(text.strip()))


def item(number: int, text: str, *, score: float = 0.0, message: str | None = None) -> Evidence:
    return Evidence(f"E{number}", text, "ann", message_ts=message or str(number), score=score)


def length(line: str) -> float:
    return float(len(line))


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=30), st.integers(min_value=600, max_value=6_000))
def test_the_budget_holds_with_root_and_newest_in_it(parts: list[str], budget: int) -> None:
    items = scored([item(n, text) for n, text in enumerate(parts, 1)], Judge())
    packed = pack(items, budget, length)
    assert len(packed.context) <= budget
    ids = [shown.id for shown in packed.shown]
    assert {items[0].id, items[-1].id} <= set(ids)
    assert ids == [known.id for known in items if known.id in ids]
    for shown in packed.shown:
        assert f"[{shown.id}]" in packed.context


@given(st.lists(texts, max_size=5), st.integers(min_value=0, max_value=200))
def test_a_tiny_budget_holds_too(parts: list[str], budget: int) -> None:
    items = [item(n, text) for n, text in enumerate(parts, 1)]
    assert len(pack(items, budget, length).context) <= budget


def shortened(text: str, limit: int, line_score: LineScore) -> str:
    """Return what is shown of a text that begins a context."""
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        return ""
    kept = best_lines(lines, limit, line_score)
    return joined([kept.get(place, line) for place, line in enumerate(lines)], kept)


@given(st.text(max_size=500), st.integers(min_value=12, max_value=300))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shortened(text, limit, length)) <= limit


def test_the_best_lines_of_a_long_item_are_kept_in_their_order() -> None:
    lines = [f"line {n} is ordinary" for n in range(50)]
    lines[30] = "ERROR the decisive one"
    short = shortened("\n".join(lines), 100, lambda line: float("ERROR" in line))
    assert short.startswith("line 0 is ordinary")
    assert "ERROR the decisive one" in short
    assert "…" in short


def test_a_line_that_is_too_long_is_cut_in_its_middle() -> None:
    short = middle("head" + "x" * 500 + "tail", 60)
    assert (short[:4], short[-4:], len(short)) == ("head", "tail", 60)


def test_what_fits_is_shown_whole() -> None:
    items = [item(1, "a" * 700), item(2, "b" * 700)]
    packed = pack(items, 2_000, length)
    assert [shown.text for shown in packed.shown] == [known.text for known in items]
    assert packed.shortened == 0


def test_a_high_score_is_shown_before_a_low_one_and_the_rest_is_told() -> None:
    items = [item(n, f"{n} " + "word " * 100, score=float(n == 5)) for n in range(1, 20)]
    packed = pack(items, 2_600, length)
    assert "E5" in [shown.id for shown in packed.shown]
    assert f"({19 - len(packed.shown)} of 19 items left out)" in packed.context


def test_a_repeated_text_is_shown_once() -> None:
    items = [item(1, "root"), item(2, "same  words"), item(3, "same words"), item(4, "newest")]
    assert [shown.id for shown in pack(items, 1_000, length).shown] == ["E1", "E2", "E4"]


def test_the_newest_is_what_its_message_says_not_the_end_of_its_file() -> None:
    items = [item(1, "root"), item(2, "look at this", message="9")]
    items += [item(n, f"piece {n} " + "x" * 300, message="9", score=5.0) for n in range(3, 9)]
    assert "E2" in [shown.id for shown in pack(items, 900, length).shown]


def test_nothing_makes_an_empty_context() -> None:
    assert pack([], 1_000, length).context == ""


def shown_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and line != "…"]


def stands_in(line: str, whole: list[str]) -> bool:
    if line in whole:
        return True
    cuts = [place for place, char in enumerate(line) if char == "…"]
    return any(
        known.startswith(line[:place]) and known.endswith(line[place + 1 :])
        for known in whole
        for place in cuts
    )


def test_a_line_that_is_made_up_would_be_seen() -> None:
    assert stands_in("he…ad", ["he said it in bread and ad"])
    assert not stands_in("he…ad", ["he said it"])
    assert not stands_in("made up", ["it was made up"])


paragraphs = st.lists(
    st.sampled_from(["ERROR relay lost", "", "x" * 700, "tide 7", "  blank before", "…"])
    | st.text(max_size=60),
    min_size=1,
    max_size=12,
).map("\n".join)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(paragraphs.filter(lambda text: bool(text.strip())), min_size=1, max_size=12),
    st.integers(min_value=600, max_value=4_000),
)
def test_what_is_shown_stands_in_its_item_line_by_line(parts: list[str], budget: int) -> None:
    judge = Judge()
    items = scored([item(n, text) for n, text in enumerate(parts, 1)], judge)
    packed = pack(items, budget, judge.score)
    whole = {known.id: known.text for known in items}
    assert len(packed.context) <= budget
    assert packed.shown[0].id == "E1"
    assert items[-1].id in [shown.id for shown in packed.shown]
    for shown in packed.shown:
        lines = whole[shown.id].splitlines()
        assert [line for line in shown_lines(shown.text) if not stands_in(line, lines)] == []
        assert shown.text in packed.context
    assert packed.shortened == sum(shown.text != whole[shown.id] for shown in packed.shown)


def test_the_best_line_of_a_poor_item_is_shown_before_more_of_a_good_one() -> None:
    poor = "\n".join(["calm tide " + "z" * 200] * 8 + ["relay ERROR 7 lost"])
    good = "\n".join(f"ERROR {letter * 200}" for letter in "abcdefgh")
    items = [item(1, "root"), item(2, good, score=9.0), item(3, poor, score=0.0), item(4, "end")]
    packed = pack(items, 1_500, lambda line: 5.0 * ("ERROR" in line))
    assert any("relay ERROR 7 lost" in shown.text for shown in packed.shown)


def test_lines_that_differ_in_numbers_only_do_not_crowd_out_others() -> None:
    same = "\n".join(f"ERROR relay {n} lost" for n in range(60))
    items = [item(1, "root"), item(2, same), item(3, "WARN tide " + "y" * 80), item(4, "end")]
    packed = pack(items, 700, lambda line: 5.0 if "ERROR" in line else 1.0)
    assert any("WARN tide" in shown.text for shown in packed.shown)


def test_what_stands_out_in_a_dump_is_shown_before_lines_of_its_worth() -> None:
    rows = [f"{letter * 6} is as calm as it was {letter * 90}" for letter in "abcdefghijkl"]
    odd = Note(rows[9], "it is odd", "state")
    dump = Evidence("E2", "\n".join(rows), "ann", message_ts="2", stands_out=(odd,))
    packed = pack([item(1, "root"), dump, item(3, "end")], 700, lambda line: 0.0)
    (shown,) = [one for one in packed.shown if one.id == "E2"]
    assert rows[9] in shown.text.splitlines()


def test_the_line_above_an_item_tells_how_often_and_until_when() -> None:
    often = Evidence(
        "E7", "lost", "ann", source="a.log", at=0.0, count=9, last_at=60.0, note="it is over"
    )
    said = "[E7] 1970-01-01T00:00:00Z ann (a.log) x9 until 01-01 00:01:00Z, it is over"
    assert header(often) == said
    assert header(item(1, "x")) == "[E1] no time ann (message)"
    assert header(item(1, "x"), is_brief=True) == "[E1] no time ann"


repeats = st.lists(
    st.sampled_from(["a", "ab", "abc", "e" * 200, "b" * 60, "b" * 60, "ERROR a", "", "", "q" * 30]),
    min_size=1,
    max_size=60,
).map("\n".join)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(repeats.filter(lambda text: bool(text.strip())), min_size=1, max_size=8),
    st.integers(min_value=300, max_value=1_500),
)
def test_nothing_is_cut_off_at_the_end(parts: list[str], budget: int) -> None:
    items = [item(n, text) for n, text in enumerate(parts, 1)]
    packed = pack(items, budget, length)
    assert {items[0].id, items[-1].id} <= {shown.id for shown in packed.shown}
    assert [shown.id for shown in packed.shown if shown.text not in packed.context] == []
    if len(packed.shown) < len(items):
        assert packed.context.endswith("items left out)")


def test_a_line_that_was_cut_at_first_is_whole_where_there_is_room() -> None:
    opening = "it began " + "word " * 70
    items = [item(1, opening), item(2, "x" * 3_000), item(3, "end")]
    packed = pack(items, 2_600, lambda line: float("began" in line))
    assert packed.shown[0].text == opening


@pytest.mark.parametrize(
    ("line", "limit", "cut"),
    [
        ("0123456789", 10, "0123456789"),
        ("0123456789", 20, "0123456789"),
        ("0123456789", 7, "0123…89"),
        ("", 12, ""),
    ],
)
def test_the_middle_of_a_line(line: str, limit: int, cut: str) -> None:
    assert middle(line, limit) == cut
