"""Lines a second: our whole path beside drain3 alone on the same lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

from drain3.drain import Drain
from sample import lines

from bot.analysis.records import records
from bot.analysis.shapes import Shapes
from bot.analysis.templates import TemplateIndex

ROUNDS = 5
_CHUNK = 8_000


def table(*, small: bool) -> str:
    """Return a Markdown table. CPU seconds count: another program on the machine costs none."""
    made = list(lines(20_000 if small else 200_000))
    size = sum(map(len, made)) / len(made)
    rows = [
        ("split, time, level, record, template", _measured(_whole, made)),
        ("drain3 alone", _measured(_drain, made)),
    ]
    told = "\n".join(f"| {name} | {speed:,.0f} | {kinds} |" for name, (speed, kinds) in rows)
    head = f"{len(made):,} lines of {size:.0f} characters, medians of {ROUNDS} rounds"
    return f"{head}\n\n| | lines/s | templates |\n|---|---:|---:|\n{told}"


def _measured(run: Callable[[Sequence[str]], int], made: Sequence[str]) -> tuple[float, int]:
    speeds, kinds = [], 0
    for _ in range(ROUNDS):
        began = time.process_time()
        kinds = run(made)
        speeds.append(len(made) / (time.process_time() - began))
    return median(speeds), kinds


def _whole(made: Sequence[str]) -> int:
    # From one text, as it comes from a file.
    split = "\n".join(made).split("\n")
    chunks = (split[start : start + _CHUNK] for start in range(0, len(split), _CHUNK))
    index = TemplateIndex()
    for record in records(chunks, Shapes()):
        index.add(record, "sample.log")
    return len(index.templates)


def _drain(made: Sequence[str]) -> int:
    drain = Drain(sim_th=0.5, depth=4, max_clusters=1_000)
    for line in made:
        drain.add_log_message(line)
    return len(drain.clusters)
