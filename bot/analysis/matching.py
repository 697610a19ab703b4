"""The same evidence in two readings of an incident, whatever numbers it got in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.analysis.evidence import Evidence
from bot.analysis.report import Report, Statement

_PLACEHOLDER = re.compile(r"\[SECRET:([\w-]{1,40}):\d{1,9}\]")
_WORDS = re.compile(r"[a-z0-9_./-]{3,60}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2}")
_SAME_WORDS = 0.6

Key = tuple[str, str, str, int]


def renumbered(earlier: Sequence[Evidence], now: Sequence[Evidence]) -> dict[str, str]:
    """Return the ids of earlier evidence as they are now; what is no longer there has none."""
    current = {key: item.id for key, item in _keyed(now)}
    return {item.id: current[key] for key, item in _keyed(earlier) if key in current}


def _keyed(items: Sequence[Evidence]) -> Iterator[tuple[Key, Evidence]]:
    """Yield each item with what tells it from all others; of equal ones, their order does."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for item in items:
        # What was measured stands beside the newest message, whichever that is.
        place = "" if item.measured else item.message_ts
        # The number of a secret depends on how many were met before it.
        text = _PLACEHOLDER.sub(r"[SECRET:\1]", item.text)
        key = (place, item.source, text)
        yield (*key, seen[key]), item
        seen[key] += 1


def carried(report: Report, now: Sequence[Evidence]) -> Report:
    """Return an earlier report with its ids as they are now; what is gone is no longer cited."""
    ids = renumbered(report.evidence, now)

    def moved(statements: Sequence[Statement]) -> tuple[Statement, ...]:
        return tuple(with_ids(statement, ids) for statement in statements)

    return replace(
        report,
        cause=with_ids(report.cause, ids),
        summary=moved(report.summary),
        changes=moved(report.changes),
        hypotheses=moved(report.hypotheses),
        next_checks=moved(report.next_checks),
        timeline=(),
        evidence=tuple(now),
    )


def with_ids(statement: Statement, ids: Mapping[str, str]) -> Statement:
    """Return a statement with its ids translated."""
    return replace(statement, evidence=tuple(ids[id_] for id_ in statement.evidence if id_ in ids))


def explanations(report: Report) -> tuple[Statement, ...]:
    """Return what a report believes in, the likely cause first.

    The rules' own cause is put together from several; their first explanation is its core.
    """
    first = report.hypotheses[:1]
    is_core = any(one.evidence[:1] == report.cause.evidence[:1] for one in first)
    if report.source == "rules" and is_core:
        return report.hypotheses
    others = (one for one in report.hypotheses if not is_alike(one.text, report.cause.text))
    return (report.cause, *others)


def is_alike(one: str, other: str) -> bool:
    """Say whether most words of the shorter text stand in the longer one."""
    here, there = (frozenset(_WORDS.findall(text.lower())) for text in (one, other))
    smaller = min(len(here), len(there))
    return one == other or (smaller > 0 and len(here & there) / smaller >= _SAME_WORDS)
