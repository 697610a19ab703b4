"""Clock times and dates in prose, as they are written in English, Japanese, Chinese and Korean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

Day = tuple[int, int]
"""Month and day: a year is rarely said."""

_CLOCK = re.compile(
    r"(?<![\w:.])([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d)(?:[.,]\d{1,9})?)?"
    r"\s?(am|pm)?\s?(Z\b|UTC(?:[+-]\d{1,2})?|GMT|JST|KST|IST|CET|CEST|BST|EST|EDT|CST|CDT|MST|MDT|PST|PDT"
    r"|[+-]\d\d:?\d\d)?(?![\w:])"
    r"|(?<!\d)([01]?\d|2[0-3])\s?[時点點시]\s?([0-5]?\d)\s?[分분]",
    re.IGNORECASE,
)
_HOURS = {
    "Z": 0.0,
    "UTC": 0.0,
    "GMT": 0.0,
    "JST": 9.0,
    "KST": 9.0,
    "IST": 5.5,
    "CET": 1.0,
    "CEST": 2.0,
    "BST": 1.0,
    "EST": -5.0,
    "EDT": -4.0,
    "CST": -6.0,
    "CDT": -5.0,
    "MST": -7.0,
    "MDT": -6.0,
    "PST": -8.0,
    "PDT": -7.0,
}
_ISO = re.compile(r"(?<!\d)\d{4}[-/年](\d{1,2})[-/月](\d{1,2})(?!\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_NAMED = re.compile(
    rf"\b{_MONTH}\.?\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)|\b(\d{{1,2}})(?:st|nd|rd|th)?\s{_MONTH}\b",
    re.IGNORECASE,
)
_EASTERN = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号]")
_CHARS = 20_000


def moments_in(text: str) -> list[tuple[str, tuple[float, ...]]]:
    """Return each clock time: its words, and the seconds of the day that it may mean.

    As it is written, and in UTC where its zone is written beside it.
    """
    return [(found.group().strip(), tuple(_meant(found))) for found in _clocks(text)]


def dates_in(text: str) -> list[tuple[str, Day]]:
    """Return each date: its words, and its month and day."""
    text = text[:_CHARS]
    found = [
        (date.group(), (int(date.group(1)), int(date.group(2))))
        for pattern in (_ISO, _EASTERN)
        for date in pattern.finditer(text)
    ]
    for date in _NAMED.finditer(text):
        name, day = date.group(1) or date.group(4), date.group(2) or date.group(3)
        found.append((date.group(), (_MONTHS.index(name.lower()) + 1, int(day))))
    return found


def day_of(at: float) -> Day:
    """Return the month and day of a time in UTC seconds."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.month, moment.day


def _clocks(text: str) -> Iterator[re.Match[str]]:
    return _CLOCK.finditer(text[:_CHARS])


def _meant(found: re.Match[str]) -> Iterator[float]:
    hour, minute, second, half, zone, eastern_hour, eastern_minute = found.groups()
    if eastern_hour:
        yield int(eastern_hour) * 3_600.0 + int(eastern_minute) * 60.0
        return
    hours = int(hour) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour)
    written = hours * 3_600.0 + int(minute) * 60.0 + int(second or 0)
    yield written
    if zone:
        yield written - _offset(zone.upper()) * 3_600.0


def _offset(zone: str) -> float:
    """Return the hours that a zone is ahead of UTC."""
    if zone in _HOURS:
        return _HOURS[zone]
    sign = -1.0 if "-" in zone else 1.0
    digits = re.sub(r"\D", "", zone)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    return sign * (int(hours) + int(minutes) / 60.0)
