"""How fast lines are searched for failure signatures: `python benchmarks/analysis/signatures.py`.

Prints lines a second: each pattern tried on each line, and one pass for the words they need.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

from bot.analysis import signatures

ROUNDS = 5
WORDS = (
    *("request", "handled", "user", "order", "cart", "stock", "price", "item", "in", "ms", "for"),
    *("from", "with", "id", "batch", "page", "session", "completed", "started", "queue", "topic"),
    *("offset", "read", "write", "bytes", "cache", "hit", "host", "region", "zone", "shard"),
)


def healthy(count: int, seed: int) -> list[str]:
    """Return lines of a service that is well, each different."""
    chance = random.Random(seed)  # noqa: S311 - the same lines each time, no secret

    def line(number: int) -> str:
        said = " ".join(chance.choices(WORDS, k=14))
        return f"2026-03-01T12:{number % 60:02d}:07.113Z INFO [worker-{number % 9}] {said} {number}"

    return [line(number) for number in range(count)]


def failing(count: int) -> list[str]:
    """Return lines that each show a failure: the signatures' own examples behind a time."""
    examples = [text for one in signatures.load() for text in one.examples]
    return [
        f"2026-03-01T12:00:07.113Z ERROR [worker-1] {examples[number % len(examples)]} #{number}"
        for number in range(count)
    ]


def one_by_one(line: str) -> object:
    return [signature for signature in signatures.load() if signature.matches(line)]


def lines_per_second(search: Callable[[str], object], lines: Sequence[str]) -> float:
    began = time.process_time()
    for line in lines:
        search(line)
    return len(lines) / (time.process_time() - began)


def table(*, small: bool) -> str:
    """Return a Markdown table: lines a second of the processor's time."""
    known = signatures.load()
    signatures.matching("warm")
    patterns = sum(len(one.signs) for one in known)
    part = 10 if small else 1
    cases = {
        "no line matches": (healthy(400, 1), healthy(40_000 // part, 2)),
        "one in a hundred matches": (
            healthy(396, 3) + failing(4),
            healthy(39_600 // part, 4) + failing(400 // part),
        ),
        "every line matches": (failing(400), failing(8_000 // part)),
    }
    out = [f"{len(known)} signatures, {patterns} patterns", ""]
    out += ["| lines/s | one by one | in one pass |", "|---|---:|---:|"]
    for name, (few, many) in cases.items():
        slow = median(lines_per_second(one_by_one, few) for _ in range(ROUNDS))
        fast = median(lines_per_second(signatures.matching, many) for _ in range(ROUNDS))
        out.append(f"| {name} | {slow:,.0f} | {fast:,.0f} |")
    return "\n".join(out)


if __name__ == "__main__":
    sys.stdout.write(table(small=False) + "\n")
