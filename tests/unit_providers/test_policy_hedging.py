"""A second request is rare and has a budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.policies.hedging import HedgeBudget, Hedging


class Clock:
    now = 1_800_014_400.0

    def __call__(self) -> float:
        return self.now


def budget(**settings: float) -> tuple[HedgeBudget, Clock]:
    clock = Clock()
    return HedgeBudget(Hedging(**settings), clock), clock  # type: ignore[arg-type]


def call(hedges: HedgeBudget, times: int) -> None:
    for _ in range(times):
        hedges.called()


@pytest.mark.parametrize(
    ("p95", "samples", "calls", "patience"),
    [
        (1.5, 20, 20, 1.5),
        (1.5, 19, 20, None),
        (None, 0, 20, None),
        (1.5, 20, 19, None),
    ],
)
def test_patience(p95: float | None, samples: int, calls: int, patience: float | None) -> None:
    hedges, _ = budget(share=0.05)
    call(hedges, calls)
    assert hedges.patience(p95, samples) == patience


def test_the_share_is_used_up_and_comes_back() -> None:
    hedges, _ = budget(share=0.05)
    call(hedges, 20)
    hedges.hedged()
    assert hedges.patience(1.0, 20) is None
    call(hedges, 20)
    assert hedges.patience(1.0, 20) == 1.0


def test_calls_that_are_late_together_are_counted_one_by_one() -> None:
    """All were given patience while none had been hedged yet."""
    hedges, _ = budget(share=0.1)
    call(hedges, 20)
    assert hedges.patience(1.0, 20) == 1.0
    hedges.hedged()
    assert hedges.affordable
    hedges.hedged()
    assert not hedges.affordable
    call(hedges, 9)
    assert not hedges.affordable
    call(hedges, 1)
    assert hedges.affordable


def test_what_was_hedged_long_ago_counts_no_more() -> None:
    hedges, _ = budget(share=0.05)
    call(hedges, 200)
    for _ in range(10):
        hedges.hedged()
    call(hedges, 199)
    assert not hedges.affordable
    call(hedges, 1)
    assert hedges.affordable


def test_the_money_is_that_of_a_utc_day() -> None:
    hedges, clock = budget(share=0.5, day_usd=1.0)
    call(hedges, 20)
    hedges.spent(0.6)
    hedges.spent(None)
    assert hedges.patience(1.0, 20) == 1.0
    hedges.spent(0.4)
    assert hedges.patience(1.0, 20) is None
    clock.now += 86_400
    assert hedges.patience(1.0, 20) == 1.0


@given(share=st.floats(0.01, 1), bursts=st.lists(st.integers(1, 150), max_size=8))
def test_the_share_is_never_passed(share: float, bursts: list[int]) -> None:
    """Each burst is of calls that run at once and are all late."""
    hedges, _ = budget(share=share)
    calls = hedged = 0
    for burst in bursts:
        call(hedges, burst)
        calls += burst
        for _ in range(burst):
            if hedges.affordable:
                hedges.hedged()
                hedged += 1
        assert hedged <= share * calls
