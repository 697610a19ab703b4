"""Which window is worth a try after a prompt was too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.policies.windows import fits, window_of

windows = st.none() | st.integers(1, 2_000_000)


@pytest.mark.parametrize(
    ("window", "overflown", "worth_it"),
    [
        (None, [], True),
        (None, [200_000], True),
        (8_000, [], True),
        (8_000, [8_000], False),
        (8_000, [4_000], True),
        (8_000, [4_000, 128_000], False),
        (8_000, [None], True),
    ],
)
def test_a_larger_window_or_an_unknown_one_is_worth_a_try(
    window: int | None, overflown: list[int | None], worth_it: bool
) -> None:
    assert fits(window, overflown) is worth_it


@given(window=windows, overflown=st.lists(windows), more=windows)
def test_a_further_failure_never_makes_a_window_worth_more(
    window: int | None, overflown: list[int | None], more: int | None
) -> None:
    assert fits(window, overflown) or not fits(window, [*overflown, more])


@given(window=st.integers(1, 2_000_000), overflown=st.lists(windows))
def test_the_same_window_is_not_tried_twice(window: int, overflown: list[int | None]) -> None:
    assert not fits(window, [*overflown, window])


def test_windows_are_those_of_the_table() -> None:
    assert window_of("claude-haiku-4-5") == 200_000
    assert window_of("something-new") is None
    assert window_of("us.anthropic.claude-haiku-4-5-20251001-v1:0") == 200_000
