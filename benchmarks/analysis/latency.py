"""Time from a thread to the first request: reading, scoring, ranking, packing, and the prompt."""

from __future__ import annotations

import random
import time
from statistics import median

from bot.analysis.analyst import prepare
from bot.incident import Incident, Message

ROUNDS = 5
_SAID = (
    "checkout latency is up to {n} ms since the deploy of cart-service v{n}, anyone on it?",
    "I see `connection refused` from orders-{n} to postgres-primary, pool is at {n} of 100",
    "rolled back cart-service to v{n}, watching the error rate now",
    "```\n2025-11-14 10:{m:02d}:01 ERROR orders - timeout after {n} ms calling stock-{n}\n```",
    "not the network: ping from node-{n} is fine, no packet loss",
    "[FIRING:1] HighErrorRate service=orders value={n}% threshold=5%",
    "could it be the certificate of gateway-{n}? it expires today I think",
    "graphs look better, error rate down to {n}% on shard {n}",
)


def table(*, small: bool) -> str:
    """Return a Markdown table."""
    rows = []
    for number in (10, 100) if small else (10, 100, 1_000):
        # Another thread each time, so that nothing kept of the last one helps.
        took = [_once(_thread(number, seed)) for seed in range(ROUNDS)]
        rows.append(f"| {number:,} | {median(took):.0f} | {min(took):.0f} |")
    return "\n".join(["| messages | ms to the first request | best |", "|---:|---:|---:|", *rows])


def _once(incident: Incident) -> float:
    began = time.process_time()
    prepare(incident)
    return 1_000 * (time.process_time() - began)


def _thread(number: int, seed: int) -> Incident:
    rng = random.Random(seed)  # noqa: S311 - the same threads every time
    said = [
        rng.choice(_SAID).format(n=rng.randrange(1_000), m=place % 60) for place in range(number)
    ]
    messages = (
        Message(f"{1763114400 + 20 * place}.000000", f"person-{place % 9}", text)
        for place, text in enumerate(said)
    )
    return Incident(tuple(messages), "why is checkout slow?", total_messages=number)
