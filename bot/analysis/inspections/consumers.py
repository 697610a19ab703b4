"""Who uses most: the leading row of a list of consumers, in JSON or in a table of `top`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bot.analysis.inspections.note import Note

_AMOUNT = re.compile(
    r"load|cpu|usage|used|util|percent|pct|share|total_time|mean_time|duration|latency|bytes|lag"
    r"|connections|queue|count$|iops|throughput",
    re.IGNORECASE,
)
_WORK = ("statement", "query", "sql", "normalized_query", "command", "process")
_WHAT = (*_WORK, "name", "key", "id")
_TITLE = re.compile(r"top|hot|slow|consum|largest|biggest|heaviest|active", re.IGNORECASE)
_MOST_OF_IT = 0.4
_DEPTH = 8
_LISTS = 50
_LARGEST = 1e300
_TOP_HEADER = re.compile(
    r"^NAME\s+CPU\(cores\)\s+(?:CPU\(?%\)?\s+)?MEMORY\(bytes\)(?:\s+MEMORY\(?%\)?)?\s*$"
)
_TOP_ROW = re.compile(
    r"^(\S+)\s+(\d+)m\s+(?:(\d{1,6})%\s+)?(\d+(?:\.\d+)?[KMG]i)(?:\s+(\d{1,6})%)?\s*$"
)
_BUSY = 85


def notes(text: str) -> Iterator[Note]:
    """Yield the leading consumer of each list that names consumers."""
    stripped = text.strip()
    if stripped[:1] in ("{", "["):
        try:
            document = json.loads(stripped)
        except (ValueError, RecursionError):
            return
        found = list(islice(_of_json(document, "", text, 0), _LISTS))
        # What is run says more than by whom and from where.
        yield from [note for is_work, note in found if is_work] or (note for _, note in found)
    else:
        yield from _of_top(text)


def _of_json(value: Any, name: str, text: str, depth: int) -> Iterator[tuple[bool, Note]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        if rows and _TITLE.search(name):
            yield from _leading(rows, name, text)
        for row in rows[:50]:
            yield from _of_json(row, name, text, depth + 1)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _of_json(inner, str(key), text, depth + 1)


def _leading(rows: list[dict[str, Any]], name: str, text: str) -> Iterator[tuple[bool, Note]]:
    """Yield the row that has most of the first amount that the rows tell."""
    what = next((key for key in _WHAT if isinstance(rows[0].get(key), str)), None)
    amount = next((key for key, value in rows[0].items() if _is_amount(key, value)), None)
    if what is None or amount is None:
        return
    sizes = [row.get(amount) for row in rows]
    numbers = [_number(size) for size in sizes]
    total, most = sum(numbers), max(numbers)
    if most <= 0 or most < _MOST_OF_IT * total:
        return
    top = rows[numbers.index(most)]
    leader = top.get(what)
    if not isinstance(leader, str) or not leader.strip():
        return
    line = _line_with(text, leader, f"{top[amount]}")
    title = name.replace("_", " ")
    said = f"{title}: {leader} ({amount} {most:g} of {total:g})"
    yield what in _WORK, Note(line, said, "consumer")
    waits = top.get("wait_events")
    if isinstance(waits, list) and waits and isinstance(waits[0], Mapping) and "name" in waits[0]:
        waited = str(waits[0]["name"])
        told = f"{title} waits mostly for {waited}"
        yield what in _WORK, Note(_line_with(text, waited, _size_in(waits[0])), told, "consumer")


def _size_in(row: Mapping[str, Any]) -> str:
    return next((f"{value}" for key, value in row.items() if _is_amount(key, value)), "")


def _is_amount(key: str, value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and _AMOUNT.search(key) is not None


def _number(size: object) -> float:
    """Return a size, 0 for what is none or for what no machine has that much of."""
    return float(size) if isinstance(size, int | float) and abs(size) < _LARGEST else 0.0


def _line_with(text: str, what: str, amount: str) -> str:
    """Return the line that holds the name, where several do the one with the amount."""
    encoded = json.dumps(what, ensure_ascii=False)[1:-1]
    lines = [line.strip() for line in text.splitlines() if what in line or encoded in line]
    return next((line for line in lines if amount in line), lines[0] if lines else "")


def _of_top(text: str) -> Iterator[Note]:
    """Yield what `kubectl top` shows to be near its limit."""
    lines = text.splitlines()
    if not any(_TOP_HEADER.match(line) for line in lines):
        return
    for line in lines:
        row = _TOP_ROW.match(line.strip())
        shares = [int(share) for share in (row.group(3), row.group(5)) if share] if row else []
        if row and shares and max(shares) >= _BUSY:
            yield Note(
                line.strip(), f"{row.group(1)} uses {max(shares)} % of what it has", "consumer"
            )
