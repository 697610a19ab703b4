"""What the chain does, as numbers: names of OpenTelemetry's conventions, in Prometheus' form.

The conventions' dots are underscores here and units are suffixes, as OpenTelemetry's own exporter
writes them: `gen_ai.client.inference.duration` is `gen_ai_client_inference_duration_seconds`.
https://github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai (November 2026)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from providers.base import Attempt, Finished
from providers.errors import ProviderError
from providers.policies.failover import CANCELLED

SECONDS = tuple(0.01 * 2**power for power in range(14))
TOKENS = tuple(float(4**power) for power in range(14))
"""Both are the conventions' buckets."""

_PROVIDERS = {
    "bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "vertex": "gcp.vertex_ai",
    "lmstudio": "lm_studio",
    "huggingface": "hugging_face",
}
"""The conventions' names where they differ from ours."""

_SECOND_OF_A_NAME = re.compile(r"-\d+$")
_BREAKER = {"closed": 0, "half-open": 1, "open": 2}
_MODEL = ("provider", "model")
_GEN_AI = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")

Health = Callable[[], Mapping[str, Mapping[str, Any]]]


class Metrics:
    """An observer of a chain; everything is its own, so that two bots do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._gen_ai = _GenAI(self._registry)
        own = _Own(self._registry)
        self._attempts = own.counter("attempts", "decisions about a provider", *_MODEL, "outcome")
        self._failovers = own.counter(
            "failovers", "failures that another provider made good", "from", "to", "reason"
        )
        self._restarts = own.counter("stream_restarts", "texts thrown away", *_MODEL, "reason")
        self._transitions = own.counter("breaker_transitions", "", *_MODEL, "from", "to")
        self._cost = own.counter("cost_usd", "USD, the wasted ones too", *_MODEL)
        self._wasted_cost = own.counter("wasted_cost_usd", "USD without an answer", *_MODEL)
        self._wasted_tokens = own.counter("wasted_tokens", "tokens without an answer", *_MODEL)
        self._answers = own.counter("answers", "questions by who answered", "source")
        for source in ("model", "cache", "rules"):
            # From 0 on: what appears with its first event shows no increase, and alerts nobody.
            self._answers.labels(source)
        self._gap = own.histogram("longest_gap_seconds", "longest silence in an answer", *_MODEL)
        self._left = own.histogram(
            "deadline_left_seconds", "what a call still had when a provider was asked", "provider"
        )

    def watch(self, health: Health, runs_in_flight: Callable[[], int]) -> None:
        """Say where to read what is only known at the moment of a scrape. Called once."""
        self._registry.register(_Now(health, runs_in_flight))

    def exposition(self) -> tuple[bytes, str]:
        """Return everything as a scrape wants it, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def attempt_ended(self, attempt: Attempt) -> None:
        """Count a decision, and what it took."""
        model = (attempt.provider, attempt.model)
        self._attempts.labels(*model, attempt.outcome).inc()
        if attempt.skipped:
            return
        self._gen_ai.attempt_ended(attempt)
        if attempt.longest_gap is not None:
            self._gap.labels(*model).observe(attempt.longest_gap)
        if attempt.deadline_left is not None:
            self._left.labels(attempt.provider).observe(attempt.deadline_left)
        if attempt.discarded_characters and attempt.outcome != CANCELLED:
            self._restarts.labels(*model, attempt.outcome).inc()
        self._spend(attempt)

    def failed_over(self, failed: Attempt, following: str) -> None:
        """Count a failover by its reason; a repeat at the same provider is none."""
        if failed.provider != following:
            self._failovers.labels(failed.provider, following, failed.outcome).inc()

    def answered(self, finished: Finished) -> None:
        """Count an answer of a model."""
        self._answers.labels("model" if finished.cache_age is None else "cache").inc()

    def gave_up(self, error: ProviderError) -> None:  # noqa: ARG002 - how is in the attempts
        """Count that rules have to answer."""
        self._answers.labels("rules").inc()

    def breaker_changed(self, provider: str, model: str, old: str, new: str) -> None:
        """Count a transition."""
        self._transitions.labels(provider, model, old, new).inc()

    def _spend(self, attempt: Attempt) -> None:
        model = (attempt.provider, attempt.model)
        self._cost.labels(*model).inc(attempt.cost_usd or 0.0)
        if attempt.outcome != "ok":
            self._wasted_cost.labels(*model).inc(attempt.cost_usd or 0.0)
            usage = attempt.usage
            wasted = (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
            self._wasted_tokens.labels(*model).inc(wasted)


class _Own:
    """Makes metrics of our own, whose names begin with `rca_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"rca_{name}", about or name, labels, registry=self._registry)

    def histogram(self, name: str, about: str, *labels: str) -> Histogram:
        return Histogram(f"rca_{name}", about, labels, registry=self._registry, buckets=SECONDS)


class _GenAI:
    """The metrics that the conventions name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        prefix = "gen_ai_client_inference"

        def histogram(name: str, about: str, buckets: tuple[float, ...], *more: str) -> Histogram:
            labels = (*_GEN_AI, *more)
            return Histogram(f"{prefix}_{name}", about, labels, registry=registry, buckets=buckets)

        def counter(name: str) -> Counter:
            about = name.replace("_", " ")
            return Counter(f"{prefix}_usage_{name}", about, _GEN_AI, registry=registry)

        self._duration = histogram("duration_seconds", "of a request", SECONDS, "error_type")
        self._first = histogram("time_to_first_chunk_seconds", "until the first text", SECONDS)
        self._input = histogram("operation_input_tokens", "of a request", TOKENS)
        self._output = histogram("operation_output_tokens", "of a request", TOKENS)
        self._inputs = counter("input_tokens")
        self._outputs = counter("output_tokens")
        self._cached = counter("cache_read_input_tokens")
        self._reasoning = counter("reasoning_output_tokens")

    def attempt_ended(self, attempt: Attempt) -> None:
        # "vllm-2" is the second one of a name in a chain.
        name = _SECOND_OF_A_NAME.sub("", attempt.provider)
        labels = ("chat", _PROVIDERS.get(name, name), attempt.model)
        error = "" if attempt.outcome == "ok" else attempt.outcome
        self._duration.labels(*labels, error).observe(attempt.seconds)
        if attempt.time_to_first_token is not None:
            self._first.labels(*labels).observe(attempt.time_to_first_token)
        usage = attempt.usage
        if usage.prompt_tokens is not None:
            self._input.labels(*labels).observe(usage.prompt_tokens)
            self._inputs.labels(*labels).inc(usage.prompt_tokens)
        if usage.completion_tokens is not None:
            self._output.labels(*labels).observe(usage.completion_tokens)
            self._outputs.labels(*labels).inc(usage.completion_tokens)
        self._cached.labels(*labels).inc(usage.cached_tokens or 0)
        self._reasoning.labels(*labels).inc(usage.reasoning_tokens or 0)


class _Now:
    """Read at each scrape: the state of this moment."""

    def __init__(self, health: Health, runs_in_flight: Callable[[], int]) -> None:
        self._health = health
        self._runs_in_flight = runs_in_flight

    def describe(self) -> list[GaugeMetricFamily]:
        """Say nothing: registering must not read a state that is still being put together."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        breaker = GaugeMetricFamily(
            "rca_breaker_state", "0 closed, 1 half-open, 2 open", labels=_MODEL
        )
        proved = GaugeMetricFamily(
            "rca_provider_last_proved_timestamp_seconds",
            "when it last answered a real request, in seconds since 1970",
            labels=_MODEL,
        )
        for name, status in self._health().items():
            labels = (name, status["model"])
            breaker.add_metric(labels, _BREAKER[status["breaker"]])
            if status["last_proved"] is not None:
                proved.add_metric(labels, status["last_proved"])
        yield breaker
        yield proved
        yield GaugeMetricFamily(
            "rca_runs_in_flight", "questions being answered", value=self._runs_in_flight()
        )
