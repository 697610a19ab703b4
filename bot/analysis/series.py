"""Metrics as series, from tables, samples and the answers of monitoring systems."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bot.analysis.logs import parse_time

MAX_CELLS = 400_000
"""No more figures than these are read of one file."""

_EARLIEST = 1e8
_MILLISECONDS = 1e11
_UNITS = {
    "": 1.0,
    "%": 1.0,
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "m": 1e-3,
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "Mil": 1e6,
    "G": 1e9,
    "B": 1.0,
    "kB": 1e3,
    "KB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "TB": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
    "TiB": 2.0**40,
}
_WITH_UNIT = re.compile(r"([-+]?\d{1,20}(?:\.\d{1,20})?) ?([%µa-zA-Z]{1,4})(?:/s|ps)?")
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:.]{0,120})?\{([^{}\n]{0,600})\}")
_LABEL = re.compile(r'([a-zA-Z_][\w.]{0,60})\s?[=:]\s?"?([^",;{}]{1,120})"?')

# Which label says whose a series is, the most telling first.
_OWNERS = (
    "service service_name service.name app application component deployment workload container"
    " job pod instance host hostname node db_instance dbinstanceidentifier queue topic name entity"
    " resource source"
)
OWNERS = tuple(_OWNERS.split(" "))

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One measured series: whose it is, what it measures, (UTC seconds, value) in order of time."""

    component: str
    metric: str
    statistic: str
    points: Points


def series_of(
    metric: str, labels: Mapping[str, str], points: Iterable[tuple[float, float]]
) -> Series:
    """Return a series by its labels; of two points of one time the last counts."""
    owner = owner_of(labels)
    rest = ",".join(f"{key}={labels[key]}" for key in sorted(labels) if labels[key] != owner)
    return Series(owner, metric, rest, in_order(points))


def in_order(points: Iterable[tuple[float, float]]) -> Points:
    return tuple(sorted(dict(points).items()))


def step_of(points: Points) -> float:
    """Return the usual time between two points in seconds, 0 where there is one point."""
    gaps = [after - before for (before, _), (after, _) in pairwise(points)]
    return median(gaps) if gaps else 0.0


def owner_of(labels: Mapping[str, str]) -> str:
    """Return the component that a series is of, "" where no label tells."""
    lowered = {key.lower(): value for key, value in labels.items()}
    return next((lowered[key] for key in OWNERS if lowered.get(key)), "")


def named(text: str) -> tuple[str, dict[str, str]]:
    """Return the metric and the labels of a name such as `up{job="web"}`, or the name alone."""
    found = _SELECTOR.fullmatch(text.strip())
    if not found:
        return text.strip(), {}
    labels = labels_of(found[2])
    return found[1] or labels.pop("__name__", ""), labels


def labels_of(text: str) -> dict[str, str]:
    """Return the labels of a text such as `job="web",pod="a"` or `job=web;pod=a`."""
    return {key: value.strip() for key, value in _LABEL.findall(text)}


def number(cell: object) -> float | None:
    """Return a finite number, units taken into account ("1.5 s", "200 ms", "45%"), or None."""
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = _WITH_UNIT.fullmatch(str(cell).strip())
        unit = _UNITS.get(found[2]) if found else None
        return float(found[1]) * unit if found and unit else None
    return value if math.isfinite(value) else None


def moment(cell: object) -> float | None:
    """Return a time in UTC seconds from seconds, milliseconds or a written time, or None."""
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return parse_time(str(cell)[:40])
    if not math.isfinite(value) or value <= _EARLIEST:
        return None
    return value / 1_000 if value > _MILLISECONDS else value
