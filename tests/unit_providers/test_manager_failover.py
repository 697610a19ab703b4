"""The chain's behaviour: what is asked, how often, and what the caller sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
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
    StopReason,
    StreamEvent,
    TextDelta,
    Thinking,
    Usage,
)
from providers.errors import (
    AllProvidersFailedError,
    AuthenticationError,
    ConfigurationError,
    ConnectionLostError,
    ContentGapTimeoutError,
    ContentPolicyError,
    ContextOverflowError,
    EmptyResponseError,
    FirstContentTimeoutError,
    InvalidRequestError,
    MalformedResponseError,
    ModelNotFoundError,
    OverloadedError,
    ProviderError,
    QuotaExceededError,
    RateLimitedError,
    ServerError,
    StreamInterruptedError,
    UnreachableError,
)
from providers.fake import FakeProvider, Silence
from providers.manager import LLMProviderManager

MESSAGES = [LLMMessage("user", "why?")]
ANSWER = ["the answer"]


class Pauses:
    """A sleep that takes no time and remembers how long it was to be."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


class Unset(FakeProvider):
    """Lacks its key."""

    async def initialize(self) -> None:
        await super().initialize()
        raise ConfigurationError("set UNSET_API_KEY")


class Holding(FakeProvider):
    """Says when the last turn of its script has begun."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.asked = asyncio.Event()

    def stream(self, *arguments: Any, **more: Any) -> Any:
        if len(self.calls) == len(self.script) - 1:
            self.asked.set()
        return super().stream(*arguments, **more)


def manager(*providers: FakeProvider, pauses: Pauses | None = None, **more: Any) -> Any:
    pauses = pauses or Pauses()
    return LLMProviderManager(
        providers=list(providers),
        clock=pauses.clock,
        sleep=pauses.sleep,
        random=lambda: 0.0,
        hold_back=more.pop("hold_back", 0.0),
        **more,
    )


def fake(name: str, *turns: Sequence[Any], **more: Any) -> FakeProvider:
    return FakeProvider(name=name, script=turns or [ANSWER], **more)


async def collect(chain: Any) -> list[StreamEvent]:
    events = cast("Any", chain.stream(MESSAGES))
    async with aclosing(events) as closing:
        return [event async for event in closing]


def outcomes(attempts: Sequence[Attempt]) -> list[str]:
    return [f"{attempt.provider} {attempt.outcome}" for attempt in attempts]


async def test_one_answer_without_trouble() -> None:
    events = await collect(manager(fake("alpha", ["Hello ", Thinking(3), "world"])))
    assert events[:-1] == [
        AttemptStarted("alpha", "fake-model", 1),
        TextDelta("Hello "),
        Thinking(3),
        TextDelta("world"),
    ]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert outcomes(finished.attempts) == ["alpha ok"]


async def test_fails_over_before_the_first_word() -> None:
    chain = manager(fake("alpha", [OverloadedError()]), fake("beta"))
    events = await collect(chain)
    assert events[:-1] == [
        AttemptStarted("alpha", "fake-model", 1),
        Restarted("alpha", "overloaded", "is overloaded", 0),
        AttemptStarted("beta", "fake-model", 2),
        TextDelta("the answer"),
    ]


async def test_restarts_after_words_and_says_how_many_characters_are_void() -> None:
    chain = manager(fake("alpha", ["half an", StreamInterruptedError()]), fake("beta"))
    events = await collect(chain)
    assert Restarted("alpha", "stream_interrupted", "broke off its answer", 7) in events
    response = await chain.generate(MESSAGES)
    assert response.content == "the answer"
    assert [attempt.discarded_characters for attempt in response.attempts] == [7, 0]


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (ServerError(), 2),
        (ConnectionLostError(), 2),
        (StreamInterruptedError(), 2),
        (RateLimitedError(retry_after=2), 2),
        (RateLimitedError(retry_after=3600), 1),
        (RateLimitedError(), 1),
        (OverloadedError(), 1),
        (UnreachableError(), 1),
        (AuthenticationError(), 1),
        (QuotaExceededError(), 1),
        (ModelNotFoundError(), 1),
        (FirstContentTimeoutError(), 1),
        (ContentGapTimeoutError(), 1),
        (MalformedResponseError(), 1),
        (EmptyResponseError(), 1),
        (ContextOverflowError(), 1),
        (ConfigurationError(), 1),
    ],
    ids=lambda value: value.kind if isinstance(value, ProviderError) else str(value),
)
async def test_how_often_a_failing_primary_is_asked(error: ProviderError, calls: int) -> None:
    primary, backup = fake("alpha", [error]), fake("beta")
    response = await manager(primary, backup).generate(MESSAGES)
    assert response.provider == "beta"
    assert len(primary.calls) == calls
    assert outcomes(response.attempts) == [f"alpha {error.kind}"] * calls + ["beta ok"]


@pytest.mark.parametrize(
    ("error", "max_retries", "calls"),
    [
        (RateLimitedError(), 2, 3),
        (RateLimitedError(), 5, 6),
        (RateLimitedError(), 0, 1),
        (RateLimitedError(retry_after=5), 2, 3),
        (RateLimitedError(retry_after=3600), 2, 1),
        (OverloadedError(), 2, 2),
        (OverloadedError(), 0, 1),
        (ServerError(), 9, 2),
        (ServerError(), 0, 1),
        (FirstContentTimeoutError(), 2, 1),
        (AuthenticationError(), 2, 1),
    ],
)
async def test_how_often_a_lonely_provider_is_asked(
    error: ProviderError, max_retries: int, calls: int
) -> None:
    lonely = fake("alpha", [error])
    chain = manager(lonely, max_retries=max_retries)
    with pytest.raises(AllProvidersFailedError) as caught:
        await chain.generate(MESSAGES)
    assert len(lonely.calls) == calls
    assert outcomes(caught.value.attempts) == [f"alpha {error.kind}"] * calls


async def test_a_short_limit_is_waited_for_and_the_same_provider_answers() -> None:
    pauses = Pauses()
    primary = fake("alpha", [RateLimitedError(retry_after=2)], ANSWER)
    response = await manager(primary, fake("beta"), pauses=pauses).generate(MESSAGES)
    assert response.provider == "alpha"
    assert pauses.seconds == [2]


async def test_one_server_error_is_repeated_after_a_short_pause() -> None:
    pauses = Pauses()
    primary = fake("alpha", [ServerError()], ANSWER)
    events = await collect(manager(primary, fake("beta"), pauses=pauses))
    assert events[:3] == [
        AttemptStarted("alpha", "fake-model", 1),
        Restarted("alpha", "server_error", "had an internal error", 0),
        AttemptStarted("alpha", "fake-model", 2),
    ]
    assert pauses.seconds == [pytest.approx(0.1)]


async def test_each_provider_has_its_own_repeats() -> None:
    chain = manager(fake("alpha", [ServerError()]), fake("beta", [ServerError()], ANSWER))
    response = await chain.generate(MESSAGES)
    assert outcomes(response.attempts) == [
        *["alpha server_error"] * 2,
        "beta server_error",
        "beta ok",
    ]


async def test_an_error_after_thinking_is_not_repeated() -> None:
    primary = fake("alpha", [Thinking(9), ServerError()])
    await manager(primary, fake("beta")).generate(MESSAGES)
    assert len(primary.calls) == 1


async def test_a_breaker_that_opens_ends_the_repeats() -> None:
    """The third failure in a row opens it, so its repeat would be refused: no pause for that."""
    pauses = Pauses()
    primary = fake("alpha", [OverloadedError()], [OverloadedError()], [ServerError()])
    chain = manager(primary, fake("beta"), pauses=pauses)
    for _ in range(3):
        await chain.generate(MESSAGES)
    assert len(primary.calls) == 3
    assert pauses.seconds == []


@pytest.mark.parametrize("error", [ContentPolicyError(), InvalidRequestError()])
async def test_a_refusal_is_not_routed_around(error: ProviderError) -> None:
    primary, backup = fake("alpha", ["I ", error]), fake("beta")
    with pytest.raises(type(error)) as caught:
        await collect(manager(primary, backup))
    assert outcomes(caught.value.attempts) == [f"alpha {error.kind}"]
    assert backup.calls == []


async def test_all_fail_and_the_error_holds_every_attempt() -> None:
    chain = manager(fake("alpha", [ServerError()]), fake("beta", [AuthenticationError()]))
    with pytest.raises(AllProvidersFailedError) as caught:
        await collect(chain)
    assert outcomes(caught.value.attempts) == [
        "alpha server_error",
        "alpha server_error",
        "beta authentication",
    ]
    assert isinstance(caught.value.__cause__, AuthenticationError)


async def test_the_last_failure_promises_no_further_attempt() -> None:
    async with aclosing(manager(fake("alpha", ["x", ServerError()])).stream(MESSAGES)) as events:
        assert [type(await anext(events)) for _ in range(2)] == [AttemptStarted, TextDelta]
        with pytest.raises(AllProvidersFailedError):
            await anext(events)


async def test_an_empty_chain_fails_without_an_attempt() -> None:
    with pytest.raises(AllProvidersFailedError) as caught:
        await manager().generate(MESSAGES)
    assert caught.value.attempts == ()


async def test_a_provider_without_its_key_is_passed_over_and_named() -> None:
    unset = Unset(name="alpha")
    response = await manager(unset, fake("beta")).generate(MESSAGES)
    assert response.provider == "beta"
    first = response.attempts[0]
    assert (first.outcome, first.skipped) == ("configuration", True)
    assert first.phrase == "is not configured"
    assert unset.calls == []


@pytest.mark.parametrize(
    ("stop_reason", "kind"),
    [(StopReason.ERROR, "stream_interrupted"), (StopReason.STOP, "empty_response")],
)
async def test_an_ending_that_is_no_answer_fails_over_and_its_cost_counts(
    stop_reason: StopReason, kind: str
) -> None:
    text = "  \n" if kind == "empty_response" else "words"
    ending = Finished("alpha", "m", "m", stop_reason, "raw", Usage(7, 2), 1.0, None, cost_usd=0.25)
    chain = manager(fake("alpha", [text, ending]), fake("beta", cost_usd=0.5))
    response = await chain.generate(MESSAGES)
    assert response.content == "the answer"
    assert outcomes(response.attempts) == [f"alpha {kind}", "beta ok"]
    assert [attempt.cost_usd for attempt in response.attempts] == [0.25, 0.5]
    assert response.cost_usd == pytest.approx(0.75)
    assert response.attempts[0].usage == Usage(7, 2)


async def test_an_answer_cut_at_its_length_cap_is_an_answer() -> None:
    ending = Finished("alpha", "m", "m", StopReason.LENGTH, "length", Usage(), 1.0, None)
    backup = fake("beta")
    response = await manager(fake("alpha", ["long", ending]), backup).generate(MESSAGES)
    assert (response.stop_reason, response.content) == (StopReason.LENGTH, "long")
    assert backup.calls == []


@pytest.mark.parametrize("turn", [[], [""], [Thinking(40)], [" ", "\n"]])
async def test_an_answer_without_a_word_fails_over(turn: list[Any]) -> None:
    response = await manager(fake("alpha", turn), fake("beta")).generate(MESSAGES)
    assert outcomes(response.attempts) == ["alpha empty_response", "beta ok"]


async def test_unknown_costs_stay_unknown() -> None:
    response = await manager(fake("alpha")).generate(MESSAGES)
    assert response.cost_usd is None


async def test_a_stream_without_its_end_is_not_an_answer() -> None:
    class Endless(FakeProvider):
        async def stream(self, *arguments: Any, **more: Any) -> AsyncIterator[StreamEvent]:
            yield TextDelta("half")

    response = await manager(Endless(name="alpha"), fake("beta")).generate(MESSAGES)
    assert outcomes(response.attempts) == ["alpha stream_interrupted", "beta ok"]


async def test_generate_is_the_fold_of_stream() -> None:
    chain = manager(fake("alpha", ["x", StreamInterruptedError()]), fake("beta", ["a", "b"]))
    events = await collect(chain)
    response = await chain.generate(MESSAGES)
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert response.content == "ab"
    assert (response.provider, response.model_version) == ("beta", finished.model_version)
    assert response.metadata["attempts"] == response.attempts
    assert outcomes(response.attempts) == outcomes(finished.attempts)


async def test_what_a_provider_emits_beside_content_does_not_come_through() -> None:
    inner = [AttemptStarted("inner", "m"), Restarted("inner", "x", "y"), "text"]
    events = await collect(manager(fake("alpha", inner)))
    assert [type(event) for event in events] == [AttemptStarted, TextDelta, Finished]


async def test_messages_scope_and_connect_timeout_reach_the_provider() -> None:
    class Recording(FakeProvider):
        scope: RequestScope | None = None

        def stream(self, messages: Any, *, scope: Any = None, **more: Any) -> Any:
            self.scope = scope
            return super().stream(messages, scope=scope, **more)

    provider = Recording(name="alpha")
    scope = RequestScope(tenant="T1")
    await manager(provider, connect_timeout=1.5).generate(MESSAGES, scope=scope)
    assert provider.calls == [MESSAGES]
    assert provider.scope == scope
    assert provider.connect_timeouts == [1.5]


async def test_closing_the_stream_ends_the_request_and_is_nobodys_failure() -> None:
    provider = fake("alpha", ["one ", Silence()])
    chain = manager(provider)
    async with aclosing(chain.stream(MESSAGES)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
        assert provider.open_streams == 1
    assert provider.open_streams == 0
    status = chain.get_provider_health_status()["alpha"]
    assert (status["errors"], status["state"], status["requests"]) == ({}, "unknown", 1)


async def test_cancelling_ends_the_request_and_is_nobodys_failure() -> None:
    provider = Holding(name="alpha", script=[[Silence()]])
    chain = manager(provider)
    task = asyncio.create_task(chain.generate(MESSAGES))
    await provider.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert provider.open_streams == 0
    assert chain.get_provider_health_status()["alpha"]["errors"] == {}


async def test_outcome_is_on_record_before_the_end_is_seen() -> None:
    """Whoever has `Finished` may never ask for more."""
    chain = manager(fake("alpha"))
    async with aclosing(chain.stream(MESSAGES)) as events:
        async for event in events:
            if isinstance(event, Finished):
                assert chain.get_provider_health_status()["alpha"]["successes"] == 1


async def test_a_defect_in_a_provider_is_not_hidden_and_leaves_no_trial_behind() -> None:
    class Broken(FakeProvider):
        broken = False

        def stream(self, *arguments: Any, **more: Any) -> Any:
            if self.broken:
                raise KeyError("defect")
            return super().stream(*arguments, **more)

    pauses = Pauses()
    provider = Broken(name="alpha", script=[[UnreachableError()], [UnreachableError()], ANSWER])
    chain = manager(provider, pauses=pauses)
    for _ in range(2):
        with pytest.raises(AllProvidersFailedError):
            await chain.generate(MESSAGES)
    pauses.now += 30
    provider.broken = True
    with pytest.raises(KeyError):
        await chain.generate(MESSAGES)
    provider.broken = False
    assert outcomes((await chain.generate(MESSAGES)).attempts) == ["alpha ok"]
    assert chain.get_provider_health_status()["alpha"]["breaker"] == "closed"


async def test_an_open_breaker_is_skipped_and_said_so() -> None:
    primary, backup = fake("alpha", [AuthenticationError()]), fake("beta")
    chain = manager(primary, backup)
    await chain.generate(MESSAGES)
    response = await chain.generate(MESSAGES)
    assert len(primary.calls) == 1
    assert outcomes(response.attempts) == ["alpha breaker_open", "beta ok"]
    assert response.attempts[0].skipped


async def test_half_open_returns_to_the_primary_after_one_good_trial() -> None:
    pauses = Pauses()
    primary = fake("alpha", [UnreachableError()], [UnreachableError()], ANSWER)
    chain = manager(primary, fake("beta"), pauses=pauses)
    answered = [(await chain.generate(MESSAGES)).provider for _ in range(3)]
    pauses.now += 30
    answered += [(await chain.generate(MESSAGES)).provider for _ in range(2)]
    assert answered == ["beta", "beta", "beta", "alpha", "alpha"]
    assert len(primary.calls) == 4


async def test_a_cancelled_trial_leaves_the_place_to_the_next() -> None:
    pauses = Pauses()
    primary = fake("alpha", [UnreachableError()], [UnreachableError()], ANSWER)
    chain = manager(primary, fake("beta"), pauses=pauses)
    for _ in range(2):
        await chain.generate(MESSAGES)
    pauses.now += 30
    async with aclosing(chain.stream(MESSAGES)) as events:
        assert await anext(events) == AttemptStarted("alpha", "fake-model", 1)
    assert chain.get_provider_health_status()["alpha"]["breaker"] == "half-open"
    assert outcomes((await chain.generate(MESSAGES)).attempts) == ["alpha ok"]


async def test_during_a_trial_the_others_go_to_the_next_provider() -> None:
    pauses = Pauses()
    script = [[UnreachableError()], [UnreachableError()], [Silence()]]
    primary = Holding(name="alpha", script=script)
    chain = manager(primary, fake("beta"), pauses=pauses)
    for _ in range(2):
        await chain.generate(MESSAGES)
    pauses.now += 30
    trial = asyncio.create_task(chain.generate(MESSAGES))
    await primary.asked.wait()
    responses = await asyncio.gather(*(chain.generate(MESSAGES) for _ in range(5)))
    assert {response.provider for response in responses} == {"beta"}
    assert len(primary.calls) == 3
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)


async def test_a_failure_of_the_last_does_not_reopen_who_was_skipped() -> None:
    primary = fake("alpha", [AuthenticationError()])
    chain = manager(primary, fake("beta", ANSWER, [OverloadedError()]), max_retries=0)
    await chain.generate(MESSAGES)
    with pytest.raises(AllProvidersFailedError) as caught:
        await chain.generate(MESSAGES)
    assert outcomes(caught.value.attempts) == ["alpha breaker_open", "beta overloaded"]
    assert len(primary.calls) == 1


async def test_where_there_is_nobody_else_a_trial_does_not_cost_the_others_their_answer() -> None:
    pauses = Pauses()
    script = [[UnreachableError()], [UnreachableError()], [Silence()]]
    lonely = Holding(name="alpha", script=script)
    chain = manager(lonely, pauses=pauses)
    for _ in range(2):
        with pytest.raises(AllProvidersFailedError):
            await chain.generate(MESSAGES)
    pauses.now += 30
    trial = asyncio.create_task(chain.generate(MESSAGES))
    await lonely.asked.wait()
    lonely.script = [["the answer"]]
    response = await chain.generate(MESSAGES)
    assert outcomes(response.attempts) == ["alpha breaker_open", "alpha ok"]
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)


async def test_where_all_are_open_the_one_that_reopens_soonest_is_asked() -> None:
    alpha = fake("alpha", [AuthenticationError()])
    beta = fake("beta", [RateLimitedError(retry_after=60)], ["back again"])
    chain = manager(alpha, beta, Unset(name="gamma"), max_retries=0)
    with pytest.raises(AllProvidersFailedError):
        await chain.generate(MESSAGES)
    response = await chain.generate(MESSAGES)
    assert response.content == "back again"
    assert outcomes(response.attempts) == [
        "alpha breaker_open",
        "beta breaker_open",
        "gamma configuration",
        "beta ok",
    ]
    assert chain.get_provider_health_status()["beta"]["breaker"] == "closed"


async def test_a_repeat_that_the_breaker_refuses_goes_on_to_the_next() -> None:
    """While one call pauses before its repeat, another one's failure opens the breaker."""
    primary, backup = fake("alpha", [ServerError()], [AuthenticationError()]), fake("beta")
    opened = asyncio.Event()
    in_pause = asyncio.Event()

    async def pause(seconds: float) -> None:
        in_pause.set()
        await opened.wait()

    chain = LLMProviderManager(providers=[primary, backup], sleep=pause)
    repeating = asyncio.create_task(chain.generate(MESSAGES))
    await in_pause.wait()
    await chain.generate(MESSAGES)
    opened.set()
    response = await repeating
    assert outcomes(response.attempts) == [
        "alpha server_error",
        "alpha breaker_open",
        "beta ok",
    ]


async def test_time_and_first_token_are_those_of_the_whole_call() -> None:
    pauses = Pauses()
    primary = fake("alpha", [RateLimitedError(retry_after=2)], ANSWER)
    response = await manager(primary, pauses=pauses).generate(MESSAGES)
    assert response.latency_seconds == pytest.approx(2)
    assert response.time_to_first_token == pytest.approx(2)
    assert response.attempts[-1].seconds == pytest.approx(0)
