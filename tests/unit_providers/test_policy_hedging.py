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


@given(share=st.floats(0.01, 0.5), calls=st.integers(1, 600))
def test_the_share_is_never_passed(share: float, calls: int) -> None:
    hedges, _ = budget(share=share)
    hedged = 0
    for _ in range(calls):
        hedges.called()
        if hedges.patience(1.0, 100) is not None:
            hedges.hedged()
            hedged += 1
    assert hedged <= share * calls
