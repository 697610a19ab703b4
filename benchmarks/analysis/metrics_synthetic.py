"""How often the figures alone name the faulty component of a random call graph.

    python benchmarks/analysis/metrics_synthetic.py [graphs] [seed]

Each incident is a random graph of 6 to 30 services with one fault in a service that the alerted
one reaches: its own latency, or its own errors, rise. Callers feel what their callees do, later
and mixed with their own; a call may be made several times or seldom. Beside it stand noise, gaps,
services without figures, a traffic that wanders, and up to three bystanders with troubles of their
own. The service that `deviations` puts first is compared with the faulty one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median

from bot.analysis.metrics import deviations, is_clear
from bot.analysis.series import Series

START = 1_767_268_800.0
STEP = 60.0
NORMAL_POINTS = 120
ALERTED = 1.4


@dataclass(frozen=True, slots=True)
class Scene:
    """One made-up incident: what is measured, what is normal, who calls whom, who is at fault."""

    series: tuple[Series, ...]
    normal: tuple[Series, ...]
    calls: dict[str, tuple[str, ...]]
    text: str
    faulty: str


@dataclass(slots=True)
class Service:
    """A node of the graph: its own level, and what share of its callees' trouble it feels."""

    own: float
    noise: float
    calls: dict[int, float]
    parallel: bool
    delay: int


def scenes(count: int, seed: int) -> Iterator[Scene]:
    rng = random.Random(seed)  # noqa: S311  it makes up graphs, no secrets
    made = (scene(rng) for _ in range(count * 50))
    return islice((one for one in made if one is not None), count)


def scene(rng: random.Random) -> Scene | None:
    """Return an incident, None where the alerted service feels too little to raise an alert."""
    metric = rng.choice(["latency", "latency", "error_rate"])
    services = graph(rng, rng.randint(6, 30), metric)
    reached = sorted(below(services, 0))
    faulty = rng.choice(reached)
    minutes = rng.randint(40, 90)
    begins = rng.randint(15, minutes - 6)
    trouble = {faulty: fault(rng, services[faulty], begins, minutes, metric)}
    upwards = {n for n in range(len(services)) if faulty in below(services, n)}
    apart = [n for n in range(len(services)) if n not in upwards and n != faulty]
    for bystander in rng.sample(apart, min(len(apart), rng.randint(0, 3))):
        trouble[bystander] = blip(rng, services[bystander], minutes, metric)
    root = felt_by(rng, services, minutes, trouble, metric)[0]
    if median(root[begins:]) < ALERTED * median(root[:begins]):
        return None
    silent = {n for n in range(1, len(services)) if n != faulty and rng.random() < 0.1}
    return Scene(
        series=measured(rng, services, minutes, trouble, metric=metric, silent=silent),
        normal=measured(rng, services, NORMAL_POINTS, {}, metric=metric, silent=silent),
        calls={f"svc-{n}": tuple(f"svc-{c}" for c in one.calls) for n, one in enumerate(services)},
        text=f"`svc-0` {metric} is out of its normal range",
        faulty=f"svc-{faulty}",
    )


def graph(rng: random.Random, count: int, metric: str) -> list[Service]:
    services = []
    for n in range(count):
        later = range(n + 1, min(count, n + 9))
        callees = rng.sample(later, min(len(later), rng.randint(1, 3)))
        often = [0.3, 0.7, 1.0, 1.0, 2.0, 4.0] if metric == "latency" else [0.2, 0.5, 0.9, 1.0]
        services.append(
            Service(
                own=rng.lognormvariate(-3, 1) if metric == "latency" else 0.002,
                noise=rng.uniform(0.03, 0.25),
                calls={callee: rng.choice(often) for callee in callees},
                parallel=rng.random() < 0.3,
                delay=rng.choice([0, 0, 0, 1, 2]),
            )
        )
    return services


def below(services: list[Service], start: int) -> set[int]:
    found, waiting = {start}, [start]
    while waiting:
        new = set(services[waiting.pop()].calls) - found
        found |= new
        waiting += new
    return found


def fault(
    rng: random.Random, service: Service, begins: int, minutes: int, metric: str
) -> list[float]:
    """Return what is added in each minute: a step, or a climb of some minutes."""
    size = service.own * rng.uniform(3, 30) if metric == "latency" else rng.uniform(0.05, 0.6)
    climb = rng.choice([1, 1, 3, 8])
    return [size * min(1.0, max(0, n - begins + 1) / climb) for n in range(minutes)]


def blip(rng: random.Random, service: Service, minutes: int, metric: str) -> list[float]:
    """Return a short trouble of a bystander, as large as a fault may be."""
    start, length = rng.randrange(minutes), rng.randint(1, 6)
    size = service.own * rng.uniform(1, 8) if metric == "latency" else rng.uniform(0.01, 0.1)
    return [size if start <= n < start + length else 0.0 for n in range(minutes)]


def measured(
    rng: random.Random,
    services: list[Service],
    minutes: int,
    trouble: dict[int, list[float]],
    *,
    metric: str,
    silent: set[int],
) -> tuple[Series, ...]:
    felt = felt_by(rng, services, minutes, trouble, metric)
    return tuple(
        Series(f"svc-{n}", metric, "Average", points(rng, values))
        for n, values in sorted(felt.items())
        if n not in silent
    )


def felt_by(
    rng: random.Random,
    services: list[Service],
    minutes: int,
    trouble: dict[int, list[float]],
    metric: str,
) -> dict[int, list[float]]:
    """Return what each service shows in each minute, from the last one up to the alerted one."""
    felt: dict[int, list[float]] = {}
    traffic = 1.0
    busy = [
        traffic := max(0.6, min(1.8, traffic * rng.uniform(0.96, 1.045))) for _ in range(minutes)
    ]
    for n in reversed(range(len(services))):
        one = services[n]
        felt[n] = [
            one.own * busy[m] ** 0.3 * rng.lognormvariate(0, one.noise)
            + trouble.get(n, [0.0] * minutes)[m] * rng.lognormvariate(0, 0.1)
            + from_callees(one, felt, m)
            for m in range(minutes)
        ]
        if metric == "error_rate":
            felt[n] = [min(1.0, value) for value in felt[n]]
    return felt


def from_callees(one: Service, felt: dict[int, list[float]], minute: int) -> float:
    parts = [
        often * felt[callee][max(0, minute - one.delay)] for callee, often in one.calls.items()
    ]
    return max(parts, default=0.0) if one.parallel else sum(parts)


def points(rng: random.Random, values: list[float]) -> tuple[tuple[float, float], ...]:
    kept = [(START + STEP * n, value) for n, value in enumerate(values) if rng.random() > 0.03]
    return tuple(kept)


def measure(count: int = 300, seed: int = 1) -> dict[str, tuple[int, int, int]]:
    """Return for each way of asking: (hits, how many were called clear, hits among those)."""
    results: dict[str, list[int]] = {}
    for one in scenes(count, seed):
        for has_norm in (True, False):
            for has_graph in (True, False):
                name = f"{'a norm' if has_norm else 'no norm'}, {'a' if has_graph else 'no'} graph"
                found = deviations(
                    one.series,
                    one.normal if has_norm else (),
                    one.calls if has_graph else {},
                    one.text,
                )
                hit = bool(found) and found[0].series.component == one.faulty
                clear = is_clear(found)
                counted = results.setdefault(name, [0, 0, 0])
                for place, value in enumerate((hit, clear, hit and clear)):
                    counted[place] += value
    return {name: (hits, clear, right) for name, (hits, clear, right) in results.items()}


def false_alarms(count: int = 300, seed: int = 1) -> dict[str, int]:
    """Return how often a cause is called clear where nothing at all is wrong."""
    rng = random.Random(seed)  # noqa: S311  it makes up graphs, no secrets
    called = {"a norm": 0, "no norm": 0}
    for _ in range(count):
        metric = rng.choice(["latency", "error_rate"])
        services = graph(rng, rng.randint(6, 30), metric)
        minutes = rng.randint(40, 90)
        now = measured(rng, services, minutes, {}, metric=metric, silent=set())
        normal = measured(rng, services, NORMAL_POINTS, {}, metric=metric, silent=set())
        called["a norm"] += is_clear(deviations(now, normal, {}))
        called["no norm"] += is_clear(deviations(now, (), {}))
    return called


def table(*, small: bool, seed: int = 1) -> str:
    """Return a Markdown table over made-up call graphs, each with one faulty service."""
    count = 30 if small else 300
    rows = ["| faulty service | first | called clear | of these right |", "|---|---:|---:|---:|"]
    for name, (hits, clear, right) in measure(count, seed).items():
        shares = (hits / count, clear / count, right / max(1, clear))
        rows.append(f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    for name, called in false_alarms(count, seed).items():
        rows.append(f"| nothing wrong, {name} | – | {called / count:.1%} | – |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table(small=False) + "\n")
