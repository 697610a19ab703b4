"""Who goes first, by each strategy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.policies.routing import Candidate, Ewma, Router


def one(name: str, first_token: float | None = None, price: float | None = None) -> Candidate:
    return Candidate(name, "m", name.islower(), first_token, price)


def order(strategy: Any, *candidates: Candidate, random: float = 0.9) -> str:
    return "".join(Router(strategy, lambda: random).order(candidates))


@pytest.mark.parametrize(
    ("strategy", "candidates", "expected"),
    [
        ("priority", [one("a", 9.0, 9.0), one("B"), one("c", 1.0, 1.0)], "aBc"),
        ("least_cost", [one("a", price=3.0), one("b"), one("c", price=0.0)], "cab"),
        ("least_cost", [one("a", price=1.0), one("b", price=1.0)], "ab"),
        ("least_cost", [one("A", price=0.0), one("b", price=1.0)], "bA"),
        ("least_latency", [one("a", 3.0), one("b", 1.0), one("c", 2.0)], "bca"),
        ("least_latency", [one("a", 3.0), one("b"), one("c")], "bca"),
        ("least_latency", [one("A", 0.1), one("b", 5.0)], "bA"),
        ("least_latency", [], ""),
        ("round_robin", [], ""),
    ],
)
def test_order(strategy: Any, candidates: list[Candidate], expected: str) -> None:
    """A name in capitals cannot be asked now."""
    assert order(strategy, *candidates) == expected


def test_turns_go_round_among_those_that_can_be_asked() -> None:
    router = Router("round_robin", lambda: 0.5)
    candidates = [one("a"), one("B"), one("c")]
    assert ["".join(router.order(candidates)) for _ in range(3)] == ["acB", "caB", "acB"]


@pytest.mark.parametrize(("random", "expected"), [(0.04, "cba"), (0.05, "bca")])
def test_now_and_then_another_than_the_fastest_goes_first(random: float, expected: str) -> None:
    candidates = [one("a", 3.0), one("b", 1.0), one("c", 2.0)]
    assert order("least_latency", *candidates, random=random) == expected


def test_whoever_is_not_the_fastest_gets_his_turn() -> None:
    candidates = [one(name, float(speed)) for speed, name in enumerate("abcd")]
    draws = [0.0, 0.0, 0.0, 0.4, 0.0, 0.99]
    router = Router("least_latency", iter(draws).__next__)
    assert [router.order(candidates)[0] for _ in range(3)] == ["b", "c", "d"]


def test_who_was_never_measured_goes_before_any_comparison() -> None:
    candidates = [one("a", 0.1), one("b"), one("C"), one("d", 0.2)]
    assert order("least_latency", *candidates, random=0.0) == "badC"


maybe = st.none() | st.floats(0, 100)
candidates_of_any_kind = st.lists(
    st.builds(Candidate, st.text(min_size=1), st.just("m"), st.booleans(), maybe, maybe),
    unique_by=lambda candidate: candidate.name,
)


@given(
    strategy=st.sampled_from(["priority", "round_robin", "least_latency", "least_cost"]),
    candidates=candidates_of_any_kind,
    random=st.floats(0, 1, exclude_max=True),
)
def test_nobody_is_lost_and_nobody_is_asked_twice(
    strategy: Any, candidates: list[Candidate], random: float
) -> None:
    router = Router(strategy, lambda: random)
    for _ in range(3):
        assert sorted(router.order(candidates)) == sorted(one.name for one in candidates)


def test_the_latest_values_count_most() -> None:
    average = Ewma()
    assert average.value is None
    average.add(1.0)
    assert average.value == 1.0
    for _ in range(6):
        average.add(2.0)
    assert average.value == pytest.approx(1.88, abs=0.01)
