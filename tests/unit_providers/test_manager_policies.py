"""The chain's policies, at work together: hold-back, limits, budget, data, cache, order, drill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

import pytest

from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    LLMMessage,
    RequestScope,
    Restarted,
    StreamEvent,
    TextDelta,
    Thinking,
    Usage,
)
from providers.errors import (
    AuthenticationError,
    ContextOverflowError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    ServerError,
    StreamInterruptedError,
)
from providers.fake import FakeProvider, Silence
from providers.manager import LLMProviderManager
from providers.policies.budget import Budget
from providers.policies.clocks import Clocks
from providers.policies.hedging import Hedging
from providers.policies.limits import RateLimits
from providers.pricing import Price

MESSAGES = [LLMMessage("user", "why?")]
SCOPE = RequestScope(tenant="T1", channel="C1", user="U1")
ANSWER = ["the answer"]


def fake(name: str, *turns: Sequence[Any], **more: Any) -> FakeProvider:
    return FakeProvider(name=name, script=turns or [ANSWER], **more)


async def collect(chain: LLMProviderManager, **asked: Any) -> list[StreamEvent]:
    async with aclosing(cast("Any", chain.stream(MESSAGES, **asked))) as events:
        return [event async for event in events]


def outcomes(attempts: Sequence[Attempt]) -> list[str]:
    return [f"{attempt.provider} {attempt.outcome}" for attempt in attempts]


async def failed(chain: LLMProviderManager, **asked: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await chain.generate(MESSAGES, **asked)
    return caught.value


def now() -> float:
    return asyncio.get_running_loop().time()


def chain_of(*providers: FakeProvider, **more: Any) -> LLMProviderManager:
    more.setdefault("random", lambda: 0.0)
    return LLMProviderManager(providers=list(providers), clock=now, wall_clock=now, **more)


async def test_a_failure_soon_after_the_first_words_is_never_seen() -> None:
    chain = chain_of(fake("a", ["half an", StreamInterruptedError()]), fake("b"))
    events = await collect(chain)
    assert Restarted("a", "stream_interrupted", "broke off its answer", 0) in events
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["the answer"]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.attempts[0].discarded_characters == 7


def test_text_is_shown_once_the_hold_is_over(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        broken = fake("a", ["one ", Silence(0.5), "two ", Silence(0.5), "three", ServerError()])
        events = await collect(chain_of(broken, fake("b")))
        assert events[1:4] == [TextDelta("one "), TextDelta("two "), TextDelta("three")]
        assert Restarted("a", "server_error", "had an internal error", 13) in events

    in_virtual_time(ask())


async def test_why_each_was_asked_is_on_the_trail() -> None:
    chain = chain_of(fake("a", [ServerError()]), fake("b", [OverloadedError()]), fake("c"))
    attempts = (await chain.generate(MESSAGES)).attempts
    assert [(attempt.provider, attempt.reason) for attempt in attempts] == [
        ("a", "first"),
        ("a", "repeat"),
        ("b", "next"),
        ("c", "next"),
    ]
    assert attempts[1].waited == pytest.approx(0.1, abs=0.1)
    assert all(attempt.deadline_left for attempt in attempts)


async def test_what_a_broken_stream_cost_is_estimated_and_said_so() -> None:
    broken = fake("a", [Thinking(40), "twelve chars", StreamInterruptedError()])
    chain = chain_of(broken, fake("b", cost_usd=0.5), prices={"fake-model": Price(1.0, 10.0)})
    first, second = (await chain.generate(MESSAGES)).attempts
    assert first.usage == Usage(1, 13, estimated=True)
    assert first.cost_usd == pytest.approx((1 * 1.0 + 13 * 10.0) / 1e6)
    assert second.cost_usd == pytest.approx((10 * 1.0 + 5 * 10.0) / 1e6)
    status = chain.get_provider_health_status()["a"]
    assert status["wasted_tokens_today"] == status["tokens_today"] == 14
    assert status["wasted_cost_today_usd"] == first.cost_usd


async def test_a_refusal_costs_nothing() -> None:
    chain = chain_of(fake("a", [OverloadedError()]), fake("b"))
    attempts = (await chain.generate(MESSAGES)).attempts
    assert (attempts[0].usage, attempts[0].cost_usd) == (Usage(), None)


@pytest.mark.parametrize(
    ("data_class", "asked"), [("secret", ["b"]), ("public", ["a"]), ("", ["a"])]
)
async def test_who_may_not_see_a_class_of_data_is_never_asked(
    data_class: str, asked: list[str]
) -> None:
    providers = [fake("a"), fake("b"), fake("c")]
    chain = chain_of(*providers, data_policy={"secret": ["b"]})
    scope = RequestScope("T1", "C1", "U1", data_class)
    await chain.generate(MESSAGES, scope=scope)
    assert [provider.name for provider in providers if provider.calls] == asked


async def test_where_nobody_may_see_it_nobody_does() -> None:
    """Not even as a last resort."""
    providers = [fake("a"), fake("b", [OverloadedError()])]
    chain = chain_of(*providers, data_policy={"secret": ["b"]})
    error = await failed(chain, scope=RequestScope("T1", data_class="secret"))
    assert outcomes(error.attempts) == ["a data_policy", "b overloaded", "b overloaded"]
    assert providers[0].calls == []


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (["gpt-4o", "gpt-4o-mini"], ["p0 context_overflow", "p1 context_window"]),
        (
            ["gpt-4o", "gpt-4o-mini", "claude-haiku-4-5"],
            ["p0 context_overflow", "p2 context_overflow", "p1 context_window"],
        ),
        (["gpt-4o", "anything"], ["p0 context_overflow", "p1 context_overflow"]),
        (["anything", "gpt-4o"], ["p0 context_overflow", "p1 context_overflow"]),
    ],
)
async def test_a_prompt_that_was_too_long_goes_to_a_larger_window_only(
    models: list[str], said: list[str]
) -> None:
    """An unknown window counts as larger; another family goes before the same one."""
    providers = [
        fake(f"p{number}", [ContextOverflowError()], model=model)
        for number, model in enumerate(models)
    ]
    assert outcomes((await failed(chain_of(*providers))).attempts) == said


async def test_the_fallback_of_a_clouds_outage_is_not_in_that_cloud() -> None:
    providers = [fake("a", [OverloadedError()]), fake("b"), fake("c")]
    providers[0].cloud = providers[1].cloud = "aws"
    providers[2].cloud = "azure"
    assert (await chain_of(*providers).generate(MESSAGES)).provider == "c"


@pytest.mark.parametrize(
    ("strategy", "answered"),
    [("priority", "aaaa"), ("round_robin", "abca"), ("least_cost", "bbbb")],
)
async def test_the_order_follows_the_strategy(strategy: Any, answered: str) -> None:
    providers = [
        fake(name, model=f"m-{name}", cost_usd=price)
        for name, price in (("a", 3.0), ("b", 1.0), ("c", 2.0))
    ]
    prices = {"m-a": Price(3, 3), "m-b": Price(1, 1), "m-c": Price(2, 2)}
    chain = chain_of(*providers, strategy=strategy, prices=prices, random=lambda: 0.5)
    told = [(await chain.generate(MESSAGES)).provider for _ in range(4)]
    assert "".join(told) == answered


def test_least_latency_settles_on_the_fastest(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        slow = fake("slow", [Silence(3), "late"])
        fast = fake("fast", [Silence(1), "soon"])
        chain = chain_of(slow, fast, strategy="least_latency", random=lambda: 0.5)
        told = [(await chain.generate(MESSAGES)).provider for _ in range(6)]
        assert told[2:] == ["fast"] * 4

    in_virtual_time(ask())


def test_one_that_cannot_begin_in_the_time_that_is_left_is_skipped(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        first = fake("a", [OverloadedError()], [Silence(26), "late", StreamInterruptedError()])
        slow = fake("b", [Silence(8), "slow"])
        clocks = {"deadline": 30, "first_content_timeout": 28}
        chain = chain_of(first, slow, fake("c"), max_retries=0, **clocks)
        assert (await chain.generate(MESSAGES)).provider == "b"
        response = await chain.generate(MESSAGES)
        assert "b deadline" in outcomes(response.attempts)
        assert response.provider == "c"

    in_virtual_time(ask())


def test_our_own_limit_sends_to_the_next_and_waits_where_there_is_none(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        limits = {"a": RateLimits(requests_per_minute=1), "b": RateLimits(requests_per_minute=1)}
        chain = chain_of(fake("a"), fake("b"), limits=limits)
        assert (await chain.generate(MESSAGES)).provider == "a"
        second = await chain.generate(MESSAGES)
        assert outcomes(second.attempts) == ["a limit", "b ok"]
        assert now() == pytest.approx(0)
        third = await chain.generate(MESSAGES)
        assert third.attempts[-1].waited == pytest.approx(60)
        assert now() == pytest.approx(60)

    in_virtual_time(ask())


def test_a_request_that_waits_for_our_limit_is_not_lost_to_a_failing_fallback(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        chain = chain_of(
            fake("a"),
            fake("b", [OverloadedError()]),
            limits={"a": RateLimits(requests_per_minute=2)},
            max_retries=0,
        )
        for _ in range(2):
            await chain.generate(MESSAGES)
        response = await chain.generate(MESSAGES)
        assert outcomes(response.attempts) == ["a limit", "b overloaded", "a ok"]
        assert response.attempts[-1].reason == "last_resort"
        assert now() == pytest.approx(30)

    in_virtual_time(ask())


def test_a_limit_that_outlasts_the_deadline_is_not_waited_for(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        chain = chain_of(fake("a"), limits={"a": RateLimits(requests_per_minute=1)}, deadline=30)
        await chain.generate(MESSAGES)
        error = await failed(chain)
        assert outcomes(error.attempts) == ["a limit"]
        assert now() == pytest.approx(0)

    in_virtual_time(ask())


def test_the_tokens_that_a_vendor_counted_replace_our_guess(
    in_virtual_time: Callable[..., None],
) -> None:
    """The prompt is a token by our guess; the vendor says that it all took six hundred."""

    async def ask() -> None:
        large = fake("a", usage=Usage(500, 100))
        chain = chain_of(large, limits={"a": RateLimits(tokens_per_minute=600)})
        await chain.generate(MESSAGES)
        second = await chain.generate(MESSAGES)
        assert second.attempts[-1].waited == pytest.approx(0.1)

    in_virtual_time(ask())


def test_more_at_once_than_a_provider_may_have_wait_their_turn(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        provider = fake("a", [Silence(5), "done"])
        chain = chain_of(provider, limits={"a": RateLimits(concurrent=2)})
        answers = await asyncio.gather(*(chain.generate(MESSAGES) for _ in range(6)))
        assert {answer.content for answer in answers} == {"done"}
        assert now() == pytest.approx(15)

    in_virtual_time(ask())


async def test_a_spent_budget_leaves_what_costs_nothing() -> None:
    scope = RequestScope("T1", "C1", "U1")
    chain = chain_of(
        fake("a", cost_usd=2.0), fake("b", local=True), budget=Budget(day_usd=3.0, user_usd=2.0)
    )
    assert (await chain.generate(MESSAGES, scope=scope)).provider == "a"
    response = await chain.generate(MESSAGES, scope=scope)
    assert outcomes(response.attempts) == ["a budget", "b ok"]
    assert "$2.00" in response.attempts[0].phrase
    other = RequestScope("T1", "C1", "U2")
    assert (await chain.generate(MESSAGES, scope=other)).provider == "a"
    assert (await chain.generate(MESSAGES)).provider == "b"


async def test_the_same_question_in_the_same_channel_is_asked_once() -> None:
    provider = fake("a", cost_usd=1.0)
    chain = chain_of(provider, cache_seconds=60)
    first = await chain.generate(MESSAGES, scope=SCOPE)
    again = await chain.generate(MESSAGES, scope=SCOPE)
    assert (first.cache_age, again.content) == (None, "the answer")
    assert again.cache_age is not None
    assert again.cost_usd == 0
    await chain.generate(MESSAGES, scope=RequestScope("T1", "C2", "U1"))
    await chain.generate(MESSAGES, scope=SCOPE, fresh=True)
    await chain.generate(MESSAGES)
    assert len(provider.calls) == 4


def test_two_who_ask_the_same_at_once_share_one_call(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        provider = fake("a", ["one ", Silence(2), "two"])
        chain = chain_of(provider, cache_seconds=60)
        answers = await asyncio.gather(*(chain.generate(MESSAGES, scope=SCOPE) for _ in range(5)))
        assert {answer.content for answer in answers} == {"one two"}
        assert len(provider.calls) == 1

    in_virtual_time(ask())


async def test_a_failure_is_not_kept() -> None:
    provider = fake("a", [AuthenticationError()], ANSWER)
    chain = chain_of(provider, cache_seconds=60)
    await failed(chain, scope=SCOPE)
    assert (await chain.generate(MESSAGES, scope=SCOPE)).content == "the answer"


async def test_a_drill_proves_a_provider_and_closes_its_breaker() -> None:
    provider = fake("a", [AuthenticationError()], ["ready"], cost_usd=0.1)
    chain = chain_of(provider)
    await failed(chain)
    assert chain.get_provider_health_status()["a"]["state"] == "down"
    attempt = await chain.drill("a")
    assert (attempt.outcome, attempt.reason, attempt.cost_usd) == ("ok", "drill", 0.1)
    status = chain.get_provider_health_status()["a"]
    assert (status["state"], status["breaker"]) == ("healthy", "closed")
    assert status["last_proved"] is not None


async def test_a_drill_that_fails_says_how_and_counts() -> None:
    chain = chain_of(fake("a", [AuthenticationError()]))
    attempt = await chain.drill("a")
    assert (attempt.outcome, attempt.phrase) == ("authentication", "did not accept our credentials")
    assert chain.get_provider_health_status()["a"]["breaker"] == "open"


async def test_a_drill_that_is_given_up_leaves_nothing_in_flight() -> None:
    chain = chain_of(fake("a", [Silence()]))
    drilling = asyncio.create_task(chain.drill("a"))
    await asyncio.sleep(0.01)
    drilling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drilling
    status = chain.get_provider_health_status()["a"]
    assert (status["in_flight"], status["errors"]) == (0, {})


async def test_what_was_proved_earlier_is_remembered() -> None:
    chain = chain_of(fake("a"))
    chain.proved("a", 1000.0)
    chain.proved("a", 900.0)
    assert chain.get_provider_health_status()["a"]["last_proved"] == 1000.0


async def test_taken_out_by_hand_a_provider_is_not_even_a_last_resort() -> None:
    provider = fake("a")
    chain = chain_of(provider)
    chain.open_breaker("a")
    error = await failed(chain)
    assert outcomes(error.attempts) == ["a breaker_open"]
    assert error.attempts[0].phrase == "was taken out of the chain by hand"
    status = chain.get_provider_health_status()["a"]
    assert (status["breaker_cause"], status["reopens_in_seconds"]) == ("by_hand", None)
    chain.close_breaker("a")
    assert (await chain.generate(MESSAGES)).content == "the answer"


async def test_only_idle_providers_are_probed() -> None:
    busy, idle = fake("a"), fake("b")
    chain = chain_of(busy, idle)
    await chain.generate(MESSAGES)
    assert list(await chain.check_health(idle_for=300)) == ["b"]
    assert (busy.health_checks, idle.health_checks) == (0, 1)


def test_a_limit_with_a_stamp_is_waited_for_where_there_is_nobody_else(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        chain = chain_of(fake("a", [RateLimitedError(retry_after=20)], ANSWER), max_retries=0)
        await failed(chain)
        response = await chain.generate(MESSAGES)
        assert outcomes(response.attempts) == ["a breaker_open", "a ok"]
        assert response.attempts[-1].waited == pytest.approx(20)
        assert now() == pytest.approx(20)

    in_virtual_time(ask())


def test_a_providers_own_clocks(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        chain = chain_of(fake("a", [Silence()]), fake("b"), clocks={"a": Clocks(first_content=2.0)})
        assert (await chain.generate(MESSAGES)).provider == "b"
        assert now() == pytest.approx(2)

    in_virtual_time(ask())


def test_a_cold_local_model_may_take_its_time_to_load(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        local = fake("a", [Silence(40), "loaded"], [Silence(40), "again"])
        local.loads_on_demand = True
        chain = chain_of(local, fake("b"))
        assert (await chain.generate(MESSAGES)).content == "loaded"
        assert (await chain.generate(MESSAGES)).provider == "b"

    in_virtual_time(ask())


class Hedged:
    """A chain whose first provider is known to begin within a second."""

    def __init__(self, *turns: Sequence[Any], second: Sequence[Any] = ("second",)) -> None:
        self.first = fake("a", *[["quick"]] * 20, *turns, cost_usd=0.0)
        self.second = fake("b", second, cost_usd=0.0)
        self.chain = chain_of(self.first, self.second, hedging=Hedging(share=0.1, day_usd=1.0))

    async def warm_up(self) -> None:
        for _ in range(20):
            await self.chain.generate(MESSAGES)


def test_a_second_is_asked_where_the_first_is_later_than_usual(
    in_virtual_time: Callable[..., None],
) -> None:
    async def ask() -> None:
        hedged = Hedged([Silence(9), "late"])
        await hedged.warm_up()
        events = await collect(hedged.chain)
        assert AttemptStarted("b", "fake-model", 2) in events
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert finished.provider == "b"
        assert outcomes(finished.attempts) == ["a cancelled", "b ok"]
        assert finished.attempts[1].reason == "hedge"
        assert now() < 1
        assert (hedged.first.open_streams, hedged.second.open_streams) == (0, 0)
        status = hedged.chain.get_provider_health_status()
        assert [row["in_flight"] for row in status.values()] == [0, 0]
        assert status["a"]["errors"] == {}

    in_virtual_time(ask())


def test_the_first_may_still_win(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        hedged = Hedged([Silence(2), "first"], second=[Silence(5), "second"])
        await hedged.warm_up()
        finished = (await collect(hedged.chain))[-1]
        assert isinstance(finished, Finished)
        assert outcomes(finished.attempts) == ["b cancelled", "a ok"]
        assert hedged.second.open_streams == 0

    in_virtual_time(ask())


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([Silence(2), OverloadedError()], [Silence(3), "second"], ["a overloaded", "b ok"]),
        ([Silence(4), "first"], [Silence(1), OverloadedError()], ["b overloaded", "a ok"]),
    ],
)
def test_one_of_two_that_fails_leaves_the_other(
    in_virtual_time: Callable[..., None], first: list[Any], second: list[Any], said: list[str]
) -> None:
    async def ask() -> None:
        hedged = Hedged(first, second=second)
        await hedged.warm_up()
        finished = (await collect(hedged.chain))[-1]
        assert isinstance(finished, Finished)
        assert outcomes(finished.attempts) == said

    in_virtual_time(ask())


def test_two_that_both_fail_are_both_on_the_trail(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        hedged = Hedged([Silence(2), OverloadedError()], second=[Silence(1), OverloadedError()])
        await hedged.warm_up()
        error = await failed(hedged.chain)
        assert outcomes(error.attempts)[:2] == ["b overloaded", "a overloaded"]

    in_virtual_time(ask())


def test_a_reader_who_leaves_during_a_race_ends_both(in_virtual_time: Callable[..., None]) -> None:
    async def ask() -> None:
        hedged = Hedged([Silence()], second=[Silence()])
        await hedged.warm_up()
        asking = asyncio.create_task(hedged.chain.generate(MESSAGES))
        await asyncio.sleep(5)
        assert (hedged.first.open_streams, hedged.second.open_streams) == (1, 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (hedged.first.open_streams, hedged.second.open_streams) == (0, 0)
        status = hedged.chain.get_provider_health_status()
        assert [row["in_flight"] for row in status.values()] == [0, 0]

    in_virtual_time(ask())


class Notes:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def attempt_ended(self, attempt: Attempt) -> None:
        self.lines.append(f"attempt {attempt.provider} {attempt.outcome}")

    def failed_over(self, failed: Attempt, following: str) -> None:
        self.lines.append(f"failover {failed.provider} {failed.outcome} {following}")

    def answered(self, finished: Finished) -> None:
        self.lines.append(f"answered {finished.provider}")

    def gave_up(self, error: ProviderError) -> None:
        self.lines.append(f"gave up {error.kind}")

    def breaker_changed(self, provider: str, model: str, old: str, new: str) -> None:
        self.lines.append(f"breaker {provider} {old} {new}")


async def test_an_observer_is_told_every_decision_in_its_order() -> None:
    notes = Notes()
    first, second = fake("a", [AuthenticationError()]), fake("b", ANSWER, [OverloadedError()])
    chain = chain_of(first, second, observer=notes)
    await chain.generate(MESSAGES)
    await asyncio.sleep(0)
    assert notes.lines == [
        "breaker a closed open",
        "attempt a authentication",
        "failover a authentication b",
        "attempt b ok",
        "answered b",
    ]
    notes.lines.clear()
    await failed(chain)
    await asyncio.sleep(0)
    assert notes.lines[-1] == "gave up all_failed"


async def test_an_observer_that_fails_does_not_break_an_answer() -> None:
    class Broken(Notes):
        def attempt_ended(self, attempt: Attempt) -> None:
            raise RuntimeError("observer")

    seen: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: seen.append(str(context["exception"])))
    assert (await chain_of(fake("a"), observer=Broken()).generate(MESSAGES)).content == "the answer"
    await asyncio.sleep(0)
    assert seen == ["observer"]
