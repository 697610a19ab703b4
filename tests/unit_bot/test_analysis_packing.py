"""A context never exceeds its budget, and never loses the root or the newest message."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.evidence import Evidence
from bot.analysis.packing import pack
from bot.analysis.scoring import Judge, scored
from bot.analysis.shortening import shorten

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


@given(st.text(max_size=500), st.integers(min_value=12, max_value=300))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit, length)) <= max(limit, 0)


def test_the_best_lines_of_a_long_item_are_kept_in_their_order() -> None:
    lines = [f"line {n} is ordinary" for n in range(50)]
    lines[30] = "ERROR the decisive one"
    short = shorten("\n".join(lines), 100, lambda line: float("ERROR" in line))
    assert short.startswith("line 0 is ordinary")
    assert "ERROR the decisive one" in short
    assert "…" in short


def test_a_line_that_is_too_long_is_cut_in_its_middle() -> None:
    short = shorten("head" + "x" * 500 + "tail", 60, length)
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
