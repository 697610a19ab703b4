"""How fast secrets are hidden, and the detector alone: `python benchmarks/analysis/redaction.py`.

Prints MB a second of the processor's time, the best of a few runs, for texts of --mb megabytes that
are made here: a service's log without secrets, the same with a secret in every hundredth line, and
what people write in a channel. What it does not show: other logs have other hints in them, and the
detector's rules were compiled before (seconds the first time on a machine, then from its cache).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.analysis.hiding.detector import Kingfisher
from bot.analysis.hiding.search import Search
from bot.analysis.redact import Redactor

RUNS = 3
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SAID = (
    "the checkout is slow again since we deployed at noon and I see a lot of timeouts in the pool "
    "can somebody look at the database please it says too many connections but the token is fine "
    "rolled back now errors go down see https://grafana.internal/d/42 for p99 thanks @ann ok"
)
WORDS = SAID.split()


class Nothing:
    """No detector, to see what our own rules cost."""

    def find(self, _data: bytes) -> Iterator[object]:
        return iter(())


def service_log(random: Random) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        at = (
            f"2026-03-01T10:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}Z"
        )
        trace = f"{random.getrandbits(128):032x}"
        yield from (
            f"{at} INFO [exec-{number % 50}] c.e.shop.OrderController - GET /orders/{number} 200 "
            f"{number % 900}ms trace_id={trace}",
            json.dumps({"ts": at, "level": "info", "msg": "served", "request_id": trace[:8]}),
            f"I0301 10:15:02.{number % 1_000_000:06} 1 controller.go:42] synced web-{trace[:9]}",
            f'10.0.{number % 255}.7 - - [01/Mar/2026:10:15:02 +0000] "GET /main.{trace[:8]}.js '
            f'HTTP/1.1" 200 {number} "https://shop.internal/cart" "Mozilla/5.0"',
            f"{at} WARN pool: connection {number} idle for {number % 400}s, {number % 20} of 20",
            f"\tat com.example.shop.PaymentClientFactory$Inner.create(Client.java:{number % 400})",
            f"{at} INFO pulled shop/web@sha256:{trace}{trace} in {number % 9}s key=orders-{number}",
        )


def with_secrets(random: Random) -> Iterator[str]:
    for number, line in enumerate(service_log(random), 1):
        yield line
        if number % 100 == 0:
            secret = "".join(random.choices(LETTERS, k=36))
            yield f"2026-03-01T10:15:02Z ERROR login failed with ghp_{secret} for a@example.com"


def chat(random: Random) -> Iterator[str]:
    while True:
        yield " ".join(random.choices(WORDS, k=random.randint(4, 30)))


def text_of(lines: Iterator[str], size: int) -> str:
    made: list[str] = []
    while sum(map(len, made)) < size:
        made.append("\n".join(islice(lines, 5_000)))
    return "\n".join(made)[:size]


def speed(work: Callable[[], object], size: int) -> float:
    """Return MB/s, the best of a few runs, by the time of the processor."""
    taken = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return size / 1e6 / min(taken)


def table(*, small: bool) -> str:
    """Return a Markdown table: MB a second of the processor's time."""
    size = 2_000_000 if small else 20_000_000
    detector = Kingfisher()
    list(detector.find(b"compiled before it is measured"))
    ours, rules = Search(detector), Search(Nothing())  # type: ignore[arg-type]
    kinds = {"service log": service_log, "a secret in 100 lines": with_secrets, "chat": chat}
    rows = ["| MB/s | hiding | our rules | the detector alone |", "|---|---:|---:|---:|"]
    for name, lines in kinds.items():
        text = text_of(lines(Random(7)), size)  # noqa: S311 - a benchmark's text
        figures = (
            speed(lambda text=text: Redactor(ours).redact(text), size),
            speed(lambda text=text: Redactor(rules).redact(text), size),
            speed(lambda text=text: list(detector.find(text.encode())), size),
        )
        rows.append(f"| {name} | " + " | ".join(f"{figure:.0f}" for figure in figures) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table(small=False) + "\n")
