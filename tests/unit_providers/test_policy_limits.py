"""Our own limits at a provider, and what may be spent in a day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Usage
from providers.errors import ConfigurationError
from providers.policies.budget import Budget, BudgetKeeper, MemoryLedger
from providers.policies.limits import Limiter, RateLimits
from providers.pricing import Price, cost_usd, parse_prices, typical_price

NOON = 1_800_014_400.0


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("limits", "taken", "tokens", "wait"),
    [
        (RateLimits(), [9_999] * 50, 9_999, 0),
        (RateLimits(requests_per_minute=2), [], 1, 0),
        (RateLimits(requests_per_minute=2), [1, 1], 1, 30),
        (RateLimits(requests_per_minute=2), [1, 1, 1], 1, 60),
        (RateLimits(tokens_per_minute=600), [300], 300, 0),
        (RateLimits(tokens_per_minute=600), [600], 300, 30),
        (RateLimits(tokens_per_minute=600), [], 9_999, 0),
        (RateLimits(tokens_per_minute=600), [60], 9_999, 6),
        (RateLimits(requests_per_minute=60, tokens_per_minute=600), [600], 60, 6),
    ],
)
def test_how_long_the_rates_make_a_request_wait(
    limits: RateLimits, taken: list[int], tokens: int, wait: float
) -> None:
    """One that is larger than a minute's allowance waits for a full bucket, and not for ever."""
    limiter = Limiter(limits, Clock())
    for amount in taken:
        limiter.take(amount)
    assert limiter.wait(tokens) == pytest.approx(wait)


def test_time_fills_the_bucket_and_what_was_not_sent_is_given_back() -> None:
    clock = Clock()
    limiter = Limiter(RateLimits(requests_per_minute=1, tokens_per_minute=60), clock)
    limiter.take(60)
    clock.now += 30
    assert limiter.wait(60) == pytest.approx(30)
    limiter.undo(60)
    assert limiter.wait(60) == 0
    limiter.take(60)
    limiter.correct(60, 10)
    clock.now += 60
    assert limiter.wait(60) == 0


@given(
    a_minute=st.integers(1, 30),
    pauses=st.lists(st.floats(0, 40), max_size=60),
)
def test_no_minute_has_more_than_its_allowance_and_the_first_burst(
    a_minute: int, pauses: list[float]
) -> None:
    clock = Clock()
    limiter = Limiter(RateLimits(requests_per_minute=a_minute), clock)
    sent = []
    for pause in pauses:
        clock.now += pause
        clock.now += limiter.wait(1)
        limiter.take(1)
        sent.append(clock.now)
    for start in sent:
        within = sum(start <= at < start + 60 for at in sent)
        assert within <= 2 * a_minute


def test_places_go_to_who_waited_longest(in_virtual_time: Callable[..., None]) -> None:
    async def queue() -> None:
        limiter = Limiter(RateLimits(concurrent=1), Clock())
        order: list[str] = []

        async def use(name: str) -> None:
            assert await limiter.slot(100)
            order.append(name)
            await asyncio.sleep(5)
            limiter.leave()

        await asyncio.gather(*(use(name) for name in "abc"))
        assert order == ["a", "b", "c"]
        assert limiter.free

    in_virtual_time(queue())


def test_nobody_waits_for_longer_than_he_said(in_virtual_time: Callable[..., None]) -> None:
    async def wait() -> None:
        limiter = Limiter(RateLimits(concurrent=1), Clock())
        assert await limiter.slot(0)
        assert not await limiter.slot(0)
        assert not await limiter.slot(3)
        assert asyncio.get_running_loop().time() == pytest.approx(3)
        limiter.leave()
        assert limiter.free

    in_virtual_time(wait())


@pytest.mark.parametrize("handed_over", [False, True])
def test_who_is_cancelled_while_waiting_takes_no_place_with_him(
    in_virtual_time: Callable[..., None], handed_over: bool
) -> None:
    """Not even in the moment in which the place was given to him."""

    async def cancel() -> None:
        limiter = Limiter(RateLimits(concurrent=1), Clock())
        assert await limiter.slot(0)
        waiting = asyncio.create_task(limiter.slot(100))
        await asyncio.sleep(1)
        if handed_over:
            limiter.leave()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        if not handed_over:
            limiter.leave()
        assert limiter.free
        assert await limiter.slot(0)

    in_virtual_time(cancel())


def keeper(budget: Budget, clock: Clock) -> BudgetKeeper:
    return BudgetKeeper(budget, MemoryLedger(), clock)


def test_a_budget_of_the_day_and_one_of_each_user() -> None:
    clock = Clock(NOON)
    kept = keeper(Budget(day_usd=3.0, user_usd=2.0), clock)
    kept.add("T1:U1", 2.0)
    kept.add("T1:U1", None)
    assert kept.refusal("T1:U1") == "your budget of $2.00 for today is spent"
    assert kept.refusal("T1:U2") == kept.refusal("") == ""
    kept.add("", 1.0)
    assert kept.refusal("T1:U2") == "today's budget of $3.00 is spent"
    clock.now += 86_400
    assert kept.refusal("T1:U1") == ""


def test_without_a_budget_nobody_is_refused() -> None:
    kept = keeper(Budget(), Clock(NOON))
    kept.add("U", 1e9)
    assert kept.refusal("U") == ""


def test_the_ledger_keeps_one_day() -> None:
    ledger = MemoryLedger()
    ledger.add(date(2026, 1, 1), "U", 1.0)
    ledger.add(date(2026, 1, 2), "U", 0.5)
    assert ledger.spent(date(2026, 1, 2), "U") == 0.5
    assert ledger.spent(date(2026, 1, 1), "U") == 0.0


def test_prices_are_read_and_go_before_the_list() -> None:
    prices = parse_prices(" my-model=2/10, other=0.5/1 ,")
    assert prices == {"my-model": Price(2, 10), "other": Price(0.5, 1)}
    usage = Usage(1_000_000, 100_000)
    assert cost_usd("vllm", ["unknown", "my-model"], usage, prices) == pytest.approx(3.0)
    assert cost_usd("openai", ["gpt-4o"], usage, {"gpt-4o": Price(1, 0)}) == pytest.approx(1.0)
    assert cost_usd("vllm", ["unknown"], usage, prices) is None
    assert cost_usd("vllm", ["my-model"], Usage(), prices) is None
    assert typical_price("vllm", "my-model", prices) == pytest.approx(0.026)


@pytest.mark.parametrize("text", ["my-model", "my-model=2", "my-model=cheap/10", "=1/2"])
def test_a_price_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no price"):
        parse_prices(text)
