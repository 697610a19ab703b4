"""What the manager knows of its providers' health, and whom it tells."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from providers.base import LLMMessage, ProviderHealth, Usage
from providers.errors import (
    AllProvidersFailedError,
    AuthenticationError,
    ConfigurationError,
    ContentPolicyError,
    ProviderError,
    RateLimitedError,
    ServerError,
    UnreachableError,
)
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

MESSAGES = [LLMMessage("user", "a word that no log may have")]
ANSWER = ["the answer"]
GREEN = ProviderHealth(ok=True, checked="GET /v1/models", latency_seconds=0.02, models=("m",))
RED = ProviderHealth(ok=False, checked="GET /v1/models", detail="no connection")
NOON = 1_800_014_400.0 - 1_800_014_400 % 86_400 + 43_200

KEYS = {
    "state",
    "breaker",
    "breaker_cause",
    "reopens_in_seconds",
    "model",
    "local",
    "last_success",
    "last_failure",
    "last_error",
    "last_proved",
    "in_flight",
    "wasted_tokens_today",
    "wasted_cost_today_usd",
    "requests",
    "successes",
    "errors",
    "latency_median_seconds",
    "latency_p95_seconds",
    "time_to_first_token_seconds",
    "tokens_today",
    "cost_today_usd",
    "last_probe",
}


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def wall_clock(self) -> float:
        return NOON + self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Unset(FakeProvider):
    """Lacks its key until it is given one."""

    key = ""

    async def initialize(self) -> None:
        await super().initialize()
        if not self.key:
            raise ConfigurationError("set UNSET_API_KEY")


def manager(*providers: FakeProvider, time: Time | None = None, **more: Any) -> LLMProviderManager:
    time = time or Time()
    return LLMProviderManager(
        providers=list(providers),
        clock=time.clock,
        wall_clock=time.wall_clock,
        sleep=time.sleep,
        random=lambda: 0.0,
        **more,
    )


def fake(*turns: Sequence[Any], **more: Any) -> FakeProvider:
    return FakeProvider(name="alpha", script=turns or [ANSWER], **more)


async def ask(chain: LLMProviderManager, times: int = 1) -> None:
    for _ in range(times):
        try:
            await chain.generate(MESSAGES)
        except ProviderError:
            continue


async def test_before_the_first_question_nothing_is_known_and_nobody_is_asked() -> None:
    provider = fake(local=True)
    chain = manager(provider)
    status = chain.get_provider_health_status()["alpha"]
    assert set(status) == KEYS
    assert (status["state"], status["breaker"], status["local"]) == ("unknown", "closed", True)
    assert (status["last_success"], status["latency_p95_seconds"]) == (None, None)
    assert (provider.initialized, provider.health_checks) == (0, 0)


async def test_status_is_plain_enough_for_json() -> None:
    chain = manager(fake([RateLimitedError(retry_after=1)], ANSWER, cost_usd=0.1))
    await ask(chain)
    await chain.check_health()
    status = chain.get_provider_health_status()
    assert json.loads(json.dumps(status)) == status


async def test_what_answers_and_failures_leave_behind() -> None:
    time = Time()
    usage = Usage(prompt_tokens=100, completion_tokens=20)
    provider = fake([RateLimitedError(retry_after=2)], ANSWER, usage=usage, cost_usd=0.5)
    chain = manager(provider, time=time)
    await ask(chain, 2)
    status = chain.get_provider_health_status()["alpha"]
    assert status["state"] == "healthy"
    assert (status["requests"], status["successes"]) == (3, 2)
    assert status["errors"] == {"rate_limited": 1}
    assert (status["last_failure"], status["last_error"]) == (NOON, "rate_limited")
    assert status["last_success"] == NOON + 2
    assert status["latency_median_seconds"] == 0
    assert status["time_to_first_token_seconds"] == 0
    assert status["tokens_today"] == 240
    assert status["cost_today_usd"] == pytest.approx(1.0)


async def test_tokens_and_cost_start_anew_with_the_utc_day() -> None:
    time = Time()
    chain = manager(fake(cost_usd=0.5), time=time)
    await ask(chain)
    time.now += 43_199
    assert chain.get_provider_health_status()["alpha"]["tokens_today"] == 15
    time.now += 1
    status = chain.get_provider_health_status()["alpha"]
    assert (status["tokens_today"], status["cost_today_usd"]) == (0, None)


@pytest.mark.parametrize(
    ("turns", "questions", "state", "breaker"),
    [
        ([ANSWER], 1, "healthy", "closed"),
        ([[UnreachableError()]], 1, "degraded", "closed"),
        ([[UnreachableError()]], 2, "down", "open"),
        ([[AuthenticationError()]], 1, "down", "open"),
        ([[RateLimitedError(retry_after=600)]], 1, "degraded", "open"),
        ([[UnreachableError()], ANSWER], 2, "healthy", "closed"),
        ([ANSWER, [ContentPolicyError()]], 2, "healthy", "closed"),
    ],
)
async def test_state_from_traffic(
    turns: list[Sequence[Any]], questions: int, state: str, breaker: str
) -> None:
    chain = manager(fake(*turns))
    await ask(chain, questions)
    status = chain.get_provider_health_status()["alpha"]
    assert (status["state"], status["breaker"]) == (state, breaker)


@pytest.mark.parametrize(
    ("turns", "seconds", "health", "state"),
    [
        ([], 0, GREEN, "healthy"),
        ([], 0, RED, "down"),
        ([ANSWER], 0, RED, "down"),
        ([[ServerError()]], 0, GREEN, "healthy"),
        ([[AuthenticationError()]], 0, GREEN, "down"),
        ([[AuthenticationError()]], 900, GREEN, "degraded"),
        ([[AuthenticationError()]], 900, RED, "down"),
    ],
)
async def test_state_after_a_probe(
    turns: list[Sequence[Any]], seconds: float, health: ProviderHealth, state: str
) -> None:
    """A probe decides for an idle provider, and never lifts an opening before its time."""
    time = Time()
    chain = manager(fake(*turns, health=health), time=time, max_retries=0)
    await ask(chain, len(turns))
    time.now += seconds
    assert await chain.check_health() == {"alpha": health}
    assert chain.get_provider_health_status()["alpha"]["state"] == state


async def test_a_probe_is_kept_with_its_time() -> None:
    chain = manager(fake(health=GREEN))
    await chain.check_health()
    assert chain.get_provider_health_status()["alpha"]["last_probe"] == {
        "ok": True,
        "checked": "GET /v1/models",
        "detail": "",
        "latency_seconds": 0.02,
        "at": NOON,
    }


async def test_a_red_probe_does_not_gate_a_call() -> None:
    chain = manager(fake(health=RED))
    await chain.check_health()
    assert (await chain.generate(MESSAGES)).content == "the answer"
    assert chain.get_provider_health_status()["alpha"]["state"] == "healthy"


async def test_a_probe_that_hangs_is_a_red_one(in_virtual_time: Any) -> None:
    class Hanging(FakeProvider):
        async def health_check(self) -> ProviderHealth:
            await asyncio.Event().wait()
            raise AssertionError

    async def check() -> dict[str, ProviderHealth]:
        return await LLMProviderManager(providers=[Hanging()]).check_health()

    checked = await asyncio.to_thread(in_virtual_time, check())
    assert checked["fake"].ok is False
    assert checked["fake"].detail == "no answer within 10 s"


async def test_a_probe_that_fails_by_itself_does_not_hide_the_others() -> None:
    class Faulty(FakeProvider):
        async def health_check(self) -> ProviderHealth:
            raise KeyError("a bug")

    checked = await manager(Faulty(name="alpha"), FakeProvider(name="beta")).check_health()
    assert (checked["alpha"].ok, checked["alpha"].detail) == (False, "failed by itself")
    assert checked["beta"].ok


async def test_not_configured_until_the_key_is_there() -> None:
    provider = Unset(name="alpha")
    chain = manager(provider)
    health = await chain.check_health()
    assert health["alpha"] == ProviderHealth(
        ok=False, checked="settings", detail="set UNSET_API_KEY"
    )
    assert chain.get_provider_health_status()["alpha"]["state"] == "not configured"
    provider.key = "k"
    await ask(chain)
    assert chain.get_provider_health_status()["alpha"]["state"] == "healthy"


async def test_a_second_of_a_name_has_its_own_status_and_breaker() -> None:
    chain = manager(fake([AuthenticationError()]), fake(), FakeProvider(name="beta"))
    assert chain.providers == ["alpha", "alpha-2", "beta"]
    response = await chain.generate(MESSAGES)
    assert response.provider == "alpha-2"
    assert [attempt.provider for attempt in response.attempts] == ["alpha", "alpha-2"]
    status = chain.get_provider_health_status()
    assert [row["state"] for row in status.values()] == ["down", "healthy", "unknown"]


async def test_going_down_and_coming_back_is_told_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    changes: list[tuple[str, str, str]] = []
    time = Time()
    provider = fake([ServerError("text of the vendor")], [UnreachableError()], ANSWER)
    chain = manager(
        provider, time=time, max_retries=0, on_state_change=lambda *change: changes.append(change)
    )
    await ask(chain, 2)
    time.now += 30
    await ask(chain, 3)
    await asyncio.sleep(0)
    assert changes == [("alpha", "degraded", "down"), ("alpha", "down", "healthy")]
    assert [record.getMessage() for record in caplog.records] == [
        "provider alpha went from degraded to down",
        "provider alpha went from down to healthy",
    ]


async def test_a_green_probe_brings_back_what_was_down() -> None:
    changes: list[tuple[str, str, str]] = []
    provider = fake(health=RED)
    chain = manager(provider)
    chain.on_state_change = lambda *change: changes.append(change)
    await chain.check_health()
    provider.health = GREEN
    await chain.check_health()
    await asyncio.sleep(0)
    assert changes == [("alpha", "unknown", "down"), ("alpha", "down", "healthy")]


async def test_a_hook_that_fails_does_not_break_the_answer() -> None:
    seen: list[str] = []

    def broken(name: str, old: str, new: str) -> None:
        raise RuntimeError("hook")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: seen.append(str(context["exception"])))
    chain = manager(fake([AuthenticationError()]), FakeProvider(), on_state_change=broken)
    assert (await chain.generate(MESSAGES)).provider == "fake"
    await asyncio.sleep(0)
    assert seen == ["hook"]


async def test_opened_once_on_first_use_and_closed_with_the_manager() -> None:
    first, second = fake(), FakeProvider(name="beta")
    async with manager(first, second) as chain:
        assert first.initialized == 0
        await asyncio.gather(*(chain.generate(MESSAGES) for _ in range(5)))
        assert (first.initialized, second.initialized) == (1, 0)
    assert (first.closed, second.closed) == (1, 1)


async def test_one_that_cannot_be_closed_does_not_keep_the_others_open() -> None:
    class Stuck(FakeProvider):
        async def close(self) -> None:
            raise UnreachableError

    first, last = fake(), FakeProvider(name="omega")
    with pytest.raises(UnreachableError):
        await manager(first, Stuck(name="stuck"), last).close()
    assert (first.closed, last.closed) == (1, 1)


async def test_percentiles_are_those_of_the_last_answers() -> None:
    time = Time()

    class Timed(FakeProvider):
        def stream(self, *arguments: Any, **more: Any) -> Any:
            time.now += len(self.calls)
            return super().stream(*arguments, **more)

    chain = manager(Timed(name="alpha"), time=time)
    await ask(chain, 20)
    status = chain.get_provider_health_status()["alpha"]
    assert status["latency_median_seconds"] == pytest.approx(9.5)
    assert status["latency_p95_seconds"] == pytest.approx(18)
    assert status["reopens_in_seconds"] == 0


async def test_an_exhausted_chain_is_told_in_the_status_too() -> None:
    time = Time()
    chain = manager(fake([AuthenticationError()]), time=time)
    with pytest.raises(AllProvidersFailedError):
        await chain.generate(MESSAGES)
    time.now += 100
    assert chain.get_provider_health_status()["alpha"]["reopens_in_seconds"] == pytest.approx(800)
