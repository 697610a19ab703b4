"""Numbers by the conventions' names, as a real parser of the exposition reads them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.telemetry import DecisionLog
from providers.base import Attempt, LLMMessage, RequestScope, Usage
from providers.errors import ProviderError, QuotaExceededError, StreamInterruptedError
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager
from providers.pricing import Price

QUESTION = [LLMMessage("user", "a word that no metric may have")]


class Scrape:
    """What one scrape sees."""

    def __init__(self, metrics: Metrics) -> None:
        body, self.content_type = metrics.exposition()
        self.text = body.decode()
        self.samples = [
            sample
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
        ]

    def value(self, name: str, **labels: str) -> float | None:
        found = [
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None


async def settled() -> None:
    """Let the loop tell the observer what it has put off."""
    await asyncio.sleep(0)


async def asked(metrics: Metrics, *providers: FakeProvider, times: int = 1) -> LLMProviderManager:
    chain = LLMProviderManager(
        providers=providers, observer=DecisionLog(metrics), prices={"priced": Price(1.0, 1.0)}
    )
    for _ in range(times):
        try:
            await chain.generate(QUESTION)
        except ProviderError:
            continue
    await settled()
    return chain


async def test_a_failover_in_numbers(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    broken = FakeProvider(
        name="bedrock", model="priced", script=[["half an answer", StreamInterruptedError()]]
    )
    good = FakeProvider(
        name="vllm",
        model="small",
        usage=Usage(100, 20, cached_tokens=30, reasoning_tokens=5),
        cost_usd=0.25,
    )
    caplog.set_level("INFO")
    chain = await asked(metrics, broken, good)
    metrics.watch(chain.get_provider_health_status, lambda: 3)
    seen = Scrape(metrics)
    assert seen.value("rca_attempts_total", provider="bedrock", outcome="stream_interrupted") == 1
    assert seen.value("rca_attempts_total", provider="vllm", outcome="ok") == 1
    failover = {"from": "bedrock", "to": "vllm", "reason": "stream_interrupted"}
    assert seen.value("rca_failovers_total", **failover) == 1
    assert seen.value("rca_stream_restarts_total", provider="bedrock") == 1
    assert seen.value("rca_wasted_tokens_total", provider="bedrock") == 8 + 4
    assert seen.value("rca_wasted_cost_usd_total", provider="bedrock") == pytest.approx(12e-6)
    assert seen.value("rca_cost_usd_total") == pytest.approx(0.25 + 12e-6)
    assert seen.value("rca_answers_total", source="model") == 1
    assert seen.value("rca_deadline_left_seconds_count", provider="vllm") == 1
    assert seen.value("rca_longest_gap_seconds_count") is None
    genai = {"gen_ai_operation_name": "chat", "gen_ai_request_model": "priced"}
    prefix = "gen_ai_client_inference"
    assert (
        seen.value(
            f"{prefix}_duration_seconds_count",
            gen_ai_provider_name="aws.bedrock",
            error_type="stream_interrupted",
            **genai,
        )
        == 1
    )
    assert seen.value(f"{prefix}_time_to_first_chunk_seconds_count") == 2
    assert seen.value(f"{prefix}_usage_input_tokens_total", gen_ai_provider_name="vllm") == 100
    assert seen.value(f"{prefix}_usage_output_tokens_total", gen_ai_provider_name="vllm") == 20
    assert seen.value(f"{prefix}_usage_cache_read_input_tokens_total") == 30
    assert seen.value(f"{prefix}_usage_reasoning_output_tokens_total") == 5
    assert seen.value("rca_breaker_state", provider="vllm") == 0
    assert seen.value("rca_runs_in_flight") == 3
    assert seen.value("rca_provider_last_proved_timestamp_seconds", provider="vllm") is not None
    assert seen.value("rca_provider_last_proved_timestamp_seconds", provider="bedrock") is None
    assert "no metric may have" not in seen.text
    logged = [record.getMessage() for record in caplog.records if record.name == "bot.telemetry"]
    assert logged[0].startswith("bedrock priced (first): stream_interrupted in 0.0")
    assert logged[1].startswith("vllm small (next): ok in ")


async def test_breakers_skips_and_answers_of_rules_in_numbers() -> None:
    metrics = Metrics()
    provider = FakeProvider(name="openai", model="gpt", script=[[QuotaExceededError()]])
    chain = await asked(metrics, provider)
    chain.open_breaker("openai")
    try:
        await chain.generate(QUESTION)
    except ProviderError:
        await settled()
    metrics.watch(chain.get_provider_health_status, lambda: 0)
    seen = Scrape(metrics)
    assert seen.value("rca_breaker_state", provider="openai") == 2
    transition = {"provider": "openai", "from": "closed", "to": "open"}
    assert seen.value("rca_breaker_transitions_total", **transition) == 1
    assert seen.value("rca_attempts_total", outcome="breaker_open") == 1
    assert seen.value("rca_answers_total", source="rules") == 2
    assert seen.content_type.startswith("text/plain")


def test_two_bots_in_one_process_do_not_mix() -> None:
    one, two = Metrics(), Metrics()
    one.attempt_ended(Attempt("vllm", "m", "ok"))
    assert Scrape(one).value("rca_attempts_total") == 1
    assert Scrape(two).value("rca_attempts_total") is None


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("vllm-2", "vllm"),
        ("azure", "azure.ai.openai"),
        ("bedrock-3", "aws.bedrock"),
        ("llama3", "llama3"),
        ("llama3-2", "llama3"),
    ],
)
def test_names_are_those_of_the_conventions(provider: str, name: str) -> None:
    metrics = Metrics()
    metrics.attempt_ended(Attempt(provider, "m", "ok", usage=Usage(1, 1)))
    labels: dict[str, Any] = {"gen_ai_provider_name": name}
    assert Scrape(metrics).value("gen_ai_client_inference_duration_seconds_count", **labels) == 1


@pytest.mark.parametrize(
    ("usage", "wasted"),
    [(Usage(100, 20), 120), (Usage(100, None), 100), (Usage(None, 20), 20), (Usage(), 0)],
)
def test_what_was_wasted_counts_though_only_a_part_was_told(usage: Usage, wasted: int) -> None:
    metrics = Metrics()
    metrics.attempt_ended(Attempt("vllm", "m", "stream_interrupted", usage=usage))
    assert Scrape(metrics).value("rca_wasted_tokens_total") == wasted


@pytest.mark.parametrize(("outcome", "restarts"), [("cancelled", None), ("content_gap_timeout", 1)])
def test_who_stops_an_answer_restarts_nothing(outcome: str, restarts: int | None) -> None:
    metrics = Metrics()
    metrics.attempt_ended(Attempt("vllm", "m", outcome, discarded_characters=9))
    assert Scrape(metrics).value("rca_stream_restarts_total") == restarts


def test_the_first_answer_of_rules_is_an_increase() -> None:
    """A counter that appears with its first event shows no increase, and the alert is silent."""
    metrics = Metrics()
    assert Scrape(metrics).value("rca_answers_total", source="rules") == 0
    metrics.gave_up(ProviderError())
    assert Scrape(metrics).value("rca_answers_total", source="rules") == 1


def test_a_repeat_at_the_same_provider_is_no_failover() -> None:
    metrics = Metrics()
    metrics.failed_over(Attempt("vllm", "m", "overloaded"), "vllm")
    assert Scrape(metrics).value("rca_failovers_total") is None


def test_the_longest_gap_is_in_seconds() -> None:
    metrics = Metrics()
    metrics.attempt_ended(Attempt("vllm", "m", "ok", longest_gap=2.5))
    assert Scrape(metrics).value("rca_longest_gap_seconds_sum") == 2.5


async def test_answers_from_the_cache_are_told_from_a_models() -> None:
    metrics = Metrics()
    provider = FakeProvider(name="vllm", model="m")
    chain = LLMProviderManager(providers=[provider], observer=metrics, cache_seconds=60)
    for _ in range(3):
        await chain.generate(QUESTION, scope=RequestScope("tenant", "channel", "user"))
    await settled()
    seen = Scrape(metrics)
    assert seen.value("rca_answers_total", source="model") == 1
    assert seen.value("rca_answers_total", source="cache") == 2
    assert seen.value("rca_attempts_total") == 1


async def test_a_drill_spends_but_answers_nobody() -> None:
    metrics = Metrics()
    chain = LLMProviderManager(providers=[FakeProvider(usage=Usage(9, 1))], observer=metrics)
    await chain.drill("fake")
    await settled()
    seen = Scrape(metrics)
    assert seen.value("rca_attempts_total", outcome="ok") == 1
    assert seen.value("gen_ai_client_inference_usage_input_tokens_total") == 9
    assert seen.value("rca_answers_total") == 0
