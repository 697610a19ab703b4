"""The circuit breaker, by table and step by step."""

from __future__ import annotations

import pytest

from providers.errors import (
    AuthenticationError,
    ContentPolicyError,
    ContextOverflowError,
    FirstContentTimeoutError,
    InvalidRequestError,
    ModelNotFoundError,
    OverloadedError,
    ProviderError,
    QuotaExceededError,
    RateLimitedError,
    ServerError,
    UnreachableError,
)
from providers.policies.breaker import Breaker, Permit
from providers.policies.clocks import DeadlineExceededError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, lambda: 0.0)


def ask(breaker: Breaker) -> Permit:
    permit = breaker.acquire()
    assert permit is not None
    return permit


def fail(breaker: Breaker, *errors: ProviderError) -> None:
    for error in errors:
        breaker.fail(ask(breaker), error)


def trip(breaker: Breaker) -> None:
    fail(breaker, ServerError(), ServerError(), ServerError())


@pytest.mark.parametrize(
    ("errors", "state", "reopens_in"),
    [
        ([ServerError()], "closed", 0),
        ([ServerError(), FirstContentTimeoutError()], "closed", 0),
        ([ServerError(), FirstContentTimeoutError(), OverloadedError()], "open", 30),
        ([UnreachableError()], "closed", 0),
        ([UnreachableError(), UnreachableError()], "open", 30),
        ([UnreachableError(), ServerError()], "open", 30),
        ([AuthenticationError()], "open", 900),
        ([QuotaExceededError()], "open", 900),
        ([ModelNotFoundError()], "open", 900),
        ([RateLimitedError(retry_after=3600)], "open", 3600),
        ([RateLimitedError(retry_after=0)], "closed", 0),
        ([RateLimitedError()], "open", 5),
        ([ContextOverflowError()] * 9, "closed", 0),
        ([ContentPolicyError()] * 9, "closed", 0),
        ([InvalidRequestError()] * 9, "closed", 0),
        ([DeadlineExceededError()] * 9, "closed", 0),
    ],
)
def test_opens_by_kind(
    breaker: Breaker, errors: list[ProviderError], state: str, reopens_in: float
) -> None:
    fail(breaker, *errors)
    assert breaker.state == state
    assert breaker.reopens_in == pytest.approx(reopens_in)
    assert breaker.admits is (state == "closed")


def test_a_success_ends_the_count(breaker: Breaker) -> None:
    fail(breaker, ServerError(), ServerError())
    breaker.succeed(ask(breaker))
    fail(breaker, ServerError(), ServerError())
    assert breaker.state == "closed"


def test_open_admits_nobody_and_says_why(breaker: Breaker) -> None:
    assert breaker.cause == ""
    trip(breaker)
    assert breaker.acquire() is None
    assert breaker.cause == "server_error"


def test_half_open_lets_one_trial_at_a_time(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    clock.now += 30
    assert breaker.state == "half-open"
    trial = ask(breaker)
    assert trial.trial
    assert not breaker.admits
    assert breaker.acquire() is None
    breaker.succeed(trial)
    assert breaker.state == "closed"
    assert not ask(breaker).trial


@pytest.mark.parametrize("neutral", [None, ContextOverflowError(), DeadlineExceededError()])
def test_a_trial_without_a_verdict_makes_way_for_the_next(
    breaker: Breaker, clock: Clock, neutral: ProviderError | None
) -> None:
    trip(breaker)
    clock.now += 30
    trial = ask(breaker)
    if neutral is None:
        breaker.release(trial)
    else:
        breaker.fail(trial, neutral)
    assert breaker.state == "half-open"
    assert ask(breaker).trial


def test_opening_times_stay_and_then_double_up_to_five_minutes(
    breaker: Breaker, clock: Clock
) -> None:
    """An outage of a minute must not keep a provider out for long after it."""
    trip(breaker)
    seen = []
    for _ in range(8):
        seen.append(breaker.reopens_in)
        clock.now += breaker.reopens_in
        fail(breaker, ServerError())
    assert seen == pytest.approx([30, 30, 30, 60, 120, 240, 300, 300])


def test_a_success_makes_the_next_opening_short_again(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    for _ in range(5):
        clock.now += breaker.reopens_in
        fail(breaker, ServerError())
    clock.now += breaker.reopens_in
    breaker.succeed(ask(breaker))
    trip(breaker)
    assert breaker.reopens_in == pytest.approx(30)


def test_limits_without_a_stamp_grow_up_to_half_a_minute(breaker: Breaker, clock: Clock) -> None:
    seen = []
    for _ in range(5):
        fail(breaker, RateLimitedError())
        seen.append(breaker.reopens_in)
        clock.now += breaker.reopens_in
    assert seen == pytest.approx([5, 10, 20, 30, 30])


def test_jitter_shortens_by_up_to_a_fifth(clock: Clock) -> None:
    breaker = Breaker(clock, lambda: 1.0)
    trip(breaker)
    assert breaker.reopens_in == pytest.approx(24)


def test_after_the_vendors_stamp_no_trial_is_needed(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, RateLimitedError(retry_after=7))
    assert breaker.state == "open"
    clock.now += 7
    assert breaker.state == "closed"
    assert not ask(breaker).trial
    assert breaker.admits


def test_a_last_resort_passes_and_is_judged(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    permit = breaker.acquire(last_resort=True)
    assert permit is not None
    assert not permit.trial
    breaker.succeed(permit)
    assert breaker.state == "closed"


def test_a_failed_last_resort_keeps_it_open(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    clock.now += 10
    permit = breaker.acquire(last_resort=True)
    assert permit is not None
    breaker.fail(permit, ServerError())
    assert breaker.reopens_in == pytest.approx(30)


def test_old_news_neither_opens_nor_closes(breaker: Breaker, clock: Clock) -> None:
    """Requests that began before the breaker opened must not prolong or end the opening."""
    early, late = ask(breaker), ask(breaker)
    trip(breaker)
    clock.now += 10
    breaker.fail(early, AuthenticationError())
    breaker.succeed(late)
    assert breaker.state == "open"
    assert breaker.reopens_in == pytest.approx(20)


def test_old_news_does_not_free_the_trials_place(breaker: Breaker, clock: Clock) -> None:
    early = ask(breaker)
    trip(breaker)
    clock.now += 30
    ask(breaker)
    breaker.release(early)
    assert not breaker.admits


def test_one_that_fails_every_other_time_opens_too(breaker: Breaker, clock: Clock) -> None:
    """Never three in a row, and yet half of what is asked is lost."""
    for _ in range(4):
        clock.now += 5
        breaker.succeed(ask(breaker))
        fail(breaker, ServerError())
    assert breaker.state == "closed"
    breaker.succeed(ask(breaker))
    fail(breaker, ServerError())
    assert breaker.state == "open"


def test_failures_that_are_long_past_do_not_count(breaker: Breaker, clock: Clock) -> None:
    for _ in range(20):
        clock.now += 40
        breaker.succeed(ask(breaker))
        fail(breaker, ServerError())
    assert breaker.state == "closed"


def test_a_few_failures_among_many_answers_open_nothing(breaker: Breaker, clock: Clock) -> None:
    for number in range(60):
        clock.now += 1
        fail(breaker, ServerError()) if number % 3 == 0 else breaker.succeed(ask(breaker))
    assert breaker.state == "closed"


def test_opened_by_hand_nobody_passes_until_it_is_closed_by_hand(
    breaker: Breaker, clock: Clock
) -> None:
    breaker.open_by_hand()
    clock.now += 1_000_000
    assert (breaker.state, breaker.cause) == ("open", "by_hand")
    assert breaker.reopens_in == float("inf")
    assert breaker.acquire(last_resort=True) is None
    assert breaker.bypass() is not None
    breaker.close_by_hand()
    assert breaker.state == "closed"
    assert ask(breaker)


def test_opened_by_hand_for_a_while_it_closes_by_itself(breaker: Breaker, clock: Clock) -> None:
    breaker.open_by_hand(60)
    assert breaker.reopens_in == pytest.approx(60)
    clock.now += 60
    assert breaker.state == "closed"
