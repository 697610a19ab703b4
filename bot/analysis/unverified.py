"""Times, figures and names in a line that what it cites does not hold: said, but not seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.analysis.clocks import Day, dates_in, day_of, moments_in
from bot.analysis.evidence import Evidence
from bot.analysis.ground import Ground
from bot.analysis.names import names_in

MOST = 3
_NEAR = 60.0
_DAY = 86_400.0
_YEAR = 366 * _DAY
_ZONES = 14 * 3_600.0
_STEP = 4 * 3_600
_FIGURE = re.compile(
    r"(?<![\w.,:-])(\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)\s?"
    r"(%|％|percent\b|ms\b|µs\b|μs\b|ns\b|[KMGT]i?B\b|bytes?\b|パーセント|ミリ秒)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?|\d{1,15}(?:\.\d{1,9})?")
# The same figure in another unit: a share in percent, milliseconds as seconds, MB as GB.
_UNITS = (1.0, 100.0, 0.01, 1_000.0, 0.001, 1_024.0, 1 / 1_024.0)
_MOST_NUMBERS = 4_000


def unverified(text: str, ids: Sequence[str], ground: Ground) -> tuple[str, ...]:
    """Return at most `MOST` of them, as they stand in the line."""
    found = [*_times(text, ids, ground), *_figures(text, ids, ground), *names(text, ground)]
    return tuple(dict.fromkeys(found))[:MOST]


def names(text: str, ground: Ground) -> tuple[str, ...]:
    """Return the names in a line that stand nowhere in the evidence."""
    return tuple(name for name in names_in(text) if not ground.names(name))


def _times(text: str, ids: Sequence[str], ground: Ground) -> Iterator[str]:
    told, days = moments_in(text), dates_in(text)
    if not told and not days:
        return
    cited = [ground.items[id_] for id_ in ids]
    known = [seconds for item in cited for moment in moments_in(item.text) for seconds in moment[1]]
    spans = [span for item in cited for span in _spans(item)]
    for words, meant in told:
        is_known = any(_is_near(one, other) for one in meant for other in known)
        if not is_known and not any(_is_within(one, span) for one in meant for span in spans):
            yield words
    known_days = {day for item in cited for _, day in dates_in(item.text)}
    known_days |= {day for span in spans for day in _days_of(span)}
    yield from (words for words, day in days if day not in known_days)


def _spans(item: Evidence) -> Iterator[tuple[float, float]]:
    """Yield when an item was seen, in UTC seconds: its moment, and from its first to its last."""
    if item.at is not None:
        yield item.at, item.at
    first = item.at if item.first_at is None else item.first_at
    if first is not None and item.last_at is not None:
        yield first, item.last_at


def _is_within(clock: float, span: tuple[float, float]) -> bool:
    """Say whether a time of the day, in seconds, came within a span, a minute more or less."""
    first, last = span
    since = (clock - first + _NEAR) % _DAY
    return since <= last - first + 2 * _NEAR


def _days_of(span: tuple[float, float]) -> Iterator[Day]:
    """Yield the days of a span wherever on earth they were counted; at most those of a year."""
    first, last = span
    seconds = min(last - first, _YEAR) + 2 * _ZONES
    yield from (day_of(first - _ZONES + step) for step in range(0, int(seconds) + 1, _STEP))


def _is_near(one: float, other: float) -> bool:
    apart = abs(one - other) % _DAY
    return min(apart, _DAY - apart) <= _NEAR


def _figures(text: str, ids: Sequence[str], ground: Ground) -> Iterator[str]:
    figures = list(_FIGURE.finditer(text))
    if not figures:
        return
    cited = " ".join(ground.folded(id_) for id_ in ids)
    known = [_value(number) for number in _NUMBER.findall(cited)[:_MOST_NUMBERS]]
    for figure in figures:
        if not any(_is_same(figure.group(1), number) for number in known):
            yield figure.group()


def _is_same(told: str, known: float) -> bool:
    """Say whether a figure is a known one, rounded as it is told, in whatever unit."""
    value = _value(told)
    decimals = len(told.partition(".")[2])
    return any(round(known * unit, decimals) == value for unit in _UNITS)


def _value(number: str) -> float:
    return float(number.replace(",", ""))
