"""The forms in which logs write a time, and how each is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from bot.analysis import zones

HEAD = 160
"""A line's time stands in this many of its first characters, or it is not looked for."""

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_EPOCH_DAY = date(1970, 1, 1).toordinal()
# A log is written before it is shown; this much later is a clock that runs fast, or a zone.
_LATER_BY_A_CLOCK = timedelta(hours=1)
_LATER_BY_A_DATE = timedelta(days=1)
_LEAP_YEARS = 8
# A number may be an identifier: a time that is written out counts though it comes a little later.
_EPOCH_HANDICAP = 24

Reading = Callable[[re.Match[str], float], float]


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a time. `read` turns a match into UTC seconds, or raises ValueError.

    It is looked for in the first `head` characters.
    """

    pattern: re.Pattern[str]
    read: Reading
    handicap: int = 0
    head: int = HEAD


@lru_cache(maxsize=4_096)
def _day(year: str, month: str, day: str) -> int:
    """Return the seconds at which a day begins."""
    number = int(month) if month.isdigit() else _MONTHS[month[:3].lower()]
    return (date(int(year), number, int(day)).toordinal() - _EPOCH_DAY) * 86_400


def _clock(hour: str, minute: str, second: str | None, fraction: str | None) -> float:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 24 or minutes > 59 or seconds > 60:
        raise ValueError("no such time of day")
    whole = hours * 3600 + minutes * 60 + seconds
    return whole + float("0." + fraction) if fraction else whole


def _read_iso(found: re.Match[str], _: float) -> float:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    at = _day(year, month, day) + _clock(hour, minute, second, fraction)
    return at - zones.offset(zone) if zone else at


def _read_named(found: re.Match[str], _: float) -> float:
    """Read a form with a full date, its parts named in the pattern."""
    part = found.groupdict()
    year = part["year"] if len(part["year"]) == 4 else f"20{part['year']}"
    at = _day(year, part["month"], part["day"]) + _hours(part)
    return at - zones.offset(part.get("zone"))


def _read_slashes(found: re.Match[str], _: float) -> float:
    """Read 11/14/2025: the month comes first, unless it can only be the day."""
    part = found.groupdict()
    month, day = part["first"], part["second_part"]
    if int(month) > 12:
        month, day = day, month
    return _day(part["year"], month, day) + _hours(part) - zones.offset(part.get("zone"))


def _hours(part: dict[str, str | None]) -> float:
    at = _clock(part["hour"] or "", part["minute"] or "", part["second"], part.get("fraction"))
    half = (part.get("half") or "").lower()
    if half == "am" and at >= 43_200:
        return at - 43_200
    return at + 43_200 if half == "pm" and at < 43_200 else at


def _read_without_year(found: re.Match[str], near: float) -> float:
    """Take the last year in which it is not later than `near`: December precedes January."""
    part = found.groupdict()
    latest = datetime.fromtimestamp(near, UTC) + _LATER_BY_A_DATE
    for year in range(latest.year, latest.year - _LEAP_YEARS, -1):
        try:
            at = _day(str(year), part["month"], part["day"]) + _hours(part)
        except ValueError:
            continue
        if at <= latest.timestamp() or not near:
            return at
    raise ValueError("no such day in any year")


def _read_without_date(found: re.Match[str], near: float) -> float:
    if not near:
        raise ValueError("no date is known")
    latest = near + _LATER_BY_A_CLOCK.total_seconds()
    at = latest // 86_400 * 86_400 + _hours(found.groupdict())
    return at - 86_400 if at > latest else at


def _read_epoch(found: re.Match[str], _: float) -> float:
    whole, more, fraction = found.group("epoch", "more", "fraction")
    return float(f"{whole}.{more or fraction or '0'}")


_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
_HALF = r"(?:\s?(?P<half>[AaPp][Mm])(?![A-Za-z]))"
_ISO = (
    r"(?<!\d)(\d{4})[-/.](\d\d)[-/.](\d\d)[T _-]{1,2}(\d\d)[:.](\d\d)[:.](\d\d)"
    r"(?:[.,:](\d{1,9}))?" + zones.PATTERN
)
_EPOCH = (
    r"(?P<epoch>1\d{9})(?:(?P<more>\d{3}(?:\d{3}){0,2})|\.(?P<fraction>\d{1,9})\d{0,9})?(?![\w])"
)


def _form(pattern: str, read: Reading, handicap: int = 0, head: int = HEAD) -> Form:
    return Form(re.compile(pattern), read, handicap, head)


# In the order in which they win where two begin at the same place.
FORMS = (
    _form(_ISO, _read_iso),
    # 14/Nov/2025:10:00:00 +0000 (access logs), 14-Nov-2025 10:00:00.123 (Tomcat),
    # 14 Nov 2025 10:00:00 GMT (RFC 2822, Redis)
    _form(
        rf"(?<!\d)(?P<day>\d{{1,2}})[-/ ]{_MONTH}[-/ ](?P<year>\d{{4}})[: ]{_CLOCK}{zones.PATTERN}",
        _read_named,
    ),
    # 20251114T100000Z, 20171223-22:15:29:633
    _form(
        r"(?<![\w.-])(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)[T-]"
        r"(?P<hour>\d{1,2}):?(?P<minute>\d{1,2}):?(?P<second>\d{1,2})(?:[.,:](?P<fraction>\d{1,9}))?"
        + zones.PATTERN,
        _read_named,
    ),
    # Fri Nov 14 10:00:00.123456 2025, Fri Nov 14 10:00:00 UTC 2025
    _form(
        rf"(?<![A-Za-z]){_MONTH} {{1,2}}(?P<day>\d{{1,2}}) {_CLOCK}{zones.PATTERN}"
        r" (?P<year>\d{4})(?!\d)",
        _read_named,
    ),
    # Nov 14, 2025 10:00:00 AM (Java util logging)
    _form(
        rf"(?<![A-Za-z]){_MONTH} {{1,2}}(?P<day>\d{{1,2}}),? (?P<year>\d{{4}}),? {_CLOCK}{_HALF}?",
        _read_named,
    ),
    # 11/14/2025 10:00:00 AM
    _form(
        r"(?<![\d/])(?P<first>\d{1,2})/(?P<second_part>\d{1,2})/(?P<year>\d{4}),? "
        rf"{_CLOCK}{_HALF}?{zones.PATTERN}",
        _read_slashes,
    ),
    # 14.11.2025 10:00:00
    _form(
        rf"(?<![\d.])(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<year>\d{{4}}),? {_CLOCK}{zones.PATTERN}",
        _read_named,
    ),
    # I1114 10:00:00.123456 (klog)
    _form(
        r"^[IWEF](?P<month>\d\d)(?P<day>\d\d) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
        r"\.(?P<fraction>\d{1,6})",
        _read_without_year,
    ),
    # Nov 14 10:00:01 (syslog)
    _form(rf"(?<!\w){_MONTH} {{1,2}}(?P<day>\d{{1,2}}) {_CLOCK}(?!\w)", _read_without_year),
    # 17/06/09 20:10:40 (Spark), 251114 10:00:00 (MySQL 5.6), 081109 203615 (HDFS)
    _form(
        rf"^\W{{0,3}}(?P<year>\d\d)/(?P<month>\d\d)/(?P<day>\d\d) {_CLOCK}",
        _read_named,
    ),
    _form(
        r"^(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d) {1,2}"
        r"(?P<hour>\d{1,2}):?(?P<minute>\d\d):?(?P<second>\d\d)(?!\d)",
        _read_named,
    ),
    # [10.30 16:49:06] (Proxifier), 03-17 16:13:38.811 (Android)
    _form(rf"^\W{{0,3}}(?P<month>\d\d)[.-](?P<day>\d\d) {_CLOCK}", _read_without_year),
    # 2025-11-14 10:00Z, 2025-11-14 10:00
    _form(
        r"^\W{0,3}(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ]"
        r"(?P<hour>\d\d):(?P<minute>\d\d)(?P<second>(?![:\d]))" + zones.PATTERN,
        _read_named,
    ),
    _form(rf"(?<![\w.-]){_EPOCH}", _read_epoch, _EPOCH_HANDICAP),
    # 10:00:01, 10:00:01.123, 10:00:01 PM
    _form(rf"^\W{{0,3}}{_CLOCK}{_HALF}?(?![\w:])", _read_without_date),
)
# Every form has a clock or a long number in it; most of what people write has neither.
MAY_HOLD = re.compile(r"\d[:.]?\d\d[:.]?\d")
_KEY = (
    r'[{,]\s{0,2}"(?:@timestamp|timestamp|time|ts|@t|t|asctime|datetime|date|eventTime|Timestamp'
    r'|time_local|syslog_timestamp|__REALTIME_TIMESTAMP)"\s{0,2}:\s{0,2}(?:\{\s?"\$date"\s?:\s?)?"?'
)
# In an object the time may stand at the end.
JSON_HEAD = 16_000
JSON_FORMS = (
    _form(_KEY + _ISO, _read_iso, head=JSON_HEAD),
    _form(_KEY + _EPOCH, _read_epoch, head=JSON_HEAD),
)
