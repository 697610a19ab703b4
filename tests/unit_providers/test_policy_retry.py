"""Retry by kind: every row of the decision table."""

from __future__ import annotations

import pytest

from providers.errors import (
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
from providers.policies.retry import Situation, wait_before_repeat

FIRST = Situation()
ALONE = Situation(alternative=False)
AGAIN = Situation(repeated=("rate_limited", "server_error", "stream_interrupted"), max_retries=9)


def low() -> float:
    return 0.0


def high() -> float:
    return 1.0


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError(),
        AuthenticationError(),
        QuotaExceededError(),
        QuotaExceededError(retry_after=1),
        ModelNotFoundError(),
        UnreachableError(),
        FirstContentTimeoutError(),
        ContentGapTimeoutError(),
        MalformedResponseError(),
        EmptyResponseError(),
        ContextOverflowError(),
        ContentPolicyError(),
        InvalidRequestError(),
    ],
    ids=lambda error: error.kind,
)
@pytest.mark.parametrize("situation", [FIRST, ALONE], ids=["with another", "alone"])
def test_never_the_same_provider_again(error: ProviderError, situation: Situation) -> None:
    assert wait_before_repeat(error, situation, low) is None


@pytest.mark.parametrize(
    ("error", "situation", "shortest", "longest"),
    [
        (ServerError(), FIRST, 0.1, 0.5),
        (ConnectionLostError(), FIRST, 0.1, 0.5),
        (StreamInterruptedError(), FIRST, 0.1, 0.5),
        (ServerError(retry_after=2), FIRST, 2, 2),
        (ServerError(retry_after=8), ALONE, 8, 8),
        (OverloadedError(), ALONE, 0.1, 0.5),
        (RateLimitedError(retry_after=0), FIRST, 0, 0),
        (RateLimitedError(retry_after=2), FIRST, 2, 2.2),
        (RateLimitedError(retry_after=3), FIRST, 3, 3.3),
        (RateLimitedError(), ALONE, 0.5, 1),
        (RateLimitedError(retry_after=20), ALONE, 20, 20),
        (
            RateLimitedError(),
            Situation(alternative=False, repeated=("rate_limited",)),
            1,
            2,
        ),
        (
            RateLimitedError(),
            Situation(alternative=False, repeated=("rate_limited",) * 8, max_retries=9),
            4,
            8,
        ),
    ],
)
def test_waits(error: ProviderError, situation: Situation, shortest: float, longest: float) -> None:
    assert wait_before_repeat(error, situation, low) == pytest.approx(shortest)
    assert wait_before_repeat(error, situation, high) == pytest.approx(longest)


@pytest.mark.parametrize(
    ("error", "situation"),
    [
        (ServerError(), AGAIN),
        (StreamInterruptedError(), AGAIN),
        (ServerError(retry_after=8), FIRST),
        (OverloadedError(), FIRST),
        (OverloadedError(), Situation(alternative=False, repeated=("overloaded",))),
        (RateLimitedError(), FIRST),
        (RateLimitedError(retry_after=3.1), FIRST),
        (RateLimitedError(retry_after=1), AGAIN),
        (ServerError(), Situation(content_seen=True)),
        (StreamInterruptedError(), Situation(content_seen=True)),
        (RateLimitedError(retry_after=1), Situation(content_seen=True, alternative=False)),
        (ServerError(), Situation(max_retries=0)),
        (RateLimitedError(retry_after=1), Situation(max_retries=0)),
        (RateLimitedError(), Situation(alternative=False, max_retries=0)),
        (ServerError(), Situation(repeated=("rate_limited", "rate_limited"))),
        (RateLimitedError(retry_after=2), Situation(budget=2)),
        (RateLimitedError(retry_after=60), Situation(alternative=False, budget=40)),
    ],
)
def test_goes_on_instead(error: ProviderError, situation: Situation) -> None:
    assert wait_before_repeat(error, situation, low) is None


def test_different_kinds_are_repeated_within_the_same_bound() -> None:
    situation = Situation(repeated=("server_error",))
    assert wait_before_repeat(ConnectionLostError(), situation, low) is not None
    assert wait_before_repeat(ServerError(), situation, low) is None
