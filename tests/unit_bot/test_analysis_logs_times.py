"""Times of log lines: every usual form, in UTC, and what is assumed where it says too little."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.times import form_of, has_zone, parse_time

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
SHOWN = NOON + 3_600


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("2026-01-01T12:00:00Z started", NOON),
        ("2026-01-01 12:00:00,250 INFO started", NOON + 0.25),
        ("2026-01-01T13:00:00.5+01:00 started", NOON + 0.5),
        ("2026-01-01 07:00:00 -0500 started", NOON),
        ("2026-01-01 12:00:00+00 started", NOON),
        ("2026-01-01 12:00:00, Info  CBS  Loaded", NOON),
        ("2026-01-01 12:00:00,500 - WARN  [main:x@1] - y", NOON + 0.5),
        ("2026/01/01 12:00:00 [error] 7#7: upstream", NOON),
        ("2026/01/01 12:00:00 listening", NOON),
        ("2026-01-01 13:00:00.500 CET [123] ERROR:  x", NOON + 0.5),
        ("2026-01-01 12:00 UTC x", NOON),
        ('10.0.0.9 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200', NOON),
        ("Thu, 01 Jan 2026 13:00:00 +0100", NOON),
        ("Thu, 01 Jan 2026 12:00:00 GMT", NOON),
        ("[Thu Jan 01 12:00:00.500000 2026] [core:error] [pid 1] x", NOON + 0.5),
        ("Thu Jan  1 04:00:00 PST 2026", NOON),
        ("Jan 01, 2026 12:00:00 PM org.shop.Cart pay", NOON),
        ("01/01/2026 12:00:00 PM x", NOON),
        ("01/01/2026 12:30:00 AM x", NOON - 11.5 * 3600),
        ("31/12/2025 12:00:00 x", NOON - 86_400),
        ("01.01.2026 12:00:00 x", NOON),
        ("01-Jan-2026 12:00:00.500 SEVERE [main] x", NOON + 0.5),
        ("123:M 01 Jan 2026 12:00:00.500 * Ready", NOON + 0.5),
        ("<34>1 2026-01-01T12:00:00.5Z host su - ID47 - failed", NOON + 0.5),
        ("<34>Jan  1 12:00:00 host su: failed", NOON),
        ("Jan  1 12:00:00 host sshd[1]: session", NOON),
        ("I0101 12:00:00.500000       1 main.go:1] started", NOON + 0.5),
        ("26/01/01 12:00:00 INFO Executor: done", NOON),
        ("260101 12:00:00 [ERROR] mysqld: x", NOON),
        ("260101 120000 148 INFO dfs.DataNode: x", NOON),
        ("20260101T120000Z x", NOON),
        ("20260101-12:00:00:500|Step|1|x", NOON + 0.5),
        ("[01.01 12:00:00] app.exe - closed", NOON),
        ("01-01 12:00:00.500  1702  2395 D WindowManager: x", NOON + 0.5),
        ("1767268800 x", NOON),
        ("1767268800.500000 [0 10.0.0.1:1] GET", NOON + 0.5),
        ("1767268800500 x", NOON + 0.5),
        ("1767268800500000 x", NOON + 0.5),
        ("1767268800500000000 x", NOON + 0.5),
        ("- 1767268800 2026.01.01 node-1 2026-01-01-04.00.00.000000 x", NOON),
        ("12:00:00 started", NOON),
        ("[12:00:00.500] started", NOON + 0.5),
        ("12:00:00 PM started", NOON),
        ('{"ts": 1767268800.5, "msg": "x"}', NOON + 0.5),
        ('{"level":50,"time":1767268800500,"msg":"x"}', NOON + 0.5),
        ('{"t":{"$date":"2026-01-01T12:00:00.500+00:00"},"s":"E"}', NOON + 0.5),
        ('{"msg":"next 2027-05-05T00:00:00Z","timestamp":"2026-01-01T12:00:00Z"}', NOON),
        ('{"log":"x\\n","stream":"stderr","time":"2026-01-01T12:00:00.5Z"}', NOON + 0.5),
        (f'{{"msg":"{"x" * 900}","@timestamp":"2026-01-01T12:00:00Z"}}', NOON),
        ("2026-01-01T12:00:00.500000000Z stdout F x", NOON + 0.5),
        ('time="2026-01-01T12:00:00Z" level=warning msg=x', NOON),
        ("Jan  1 12:00:00 host cron: next run 2026-05-05T00:00:00Z", NOON),
        ("nothing of a time in here", None),
        ("2026-13-45T99:00:00Z is no time", None),
        ("version 12.4.5 of 40 modules", None),
        ("Feb 30 12:00:00 host x", None),
    ],
)
def test_times_in_the_usual_forms(line: str, at: float | None) -> None:
    assert parse_time(line, SHOWN) == at


@pytest.mark.parametrize(
    ("line", "shown", "at"),
    [
        ("Dec 31 23:59:59 host x", "2026-01-01T00:10:00", "2025-12-31T23:59:59"),
        ("E1231 23:59:59.0 1 a.go:1] x", "2026-01-01T00:10:00", "2025-12-31T23:59:59"),
        ("Jan  1 00:00:01 host x", "2026-01-01T00:10:00", "2026-01-01T00:00:01"),
        ("Feb 29 12:00:00 host x", "2026-03-01T00:00:00", "2024-02-29T12:00:00"),
        ("23:59:59 x", "2026-01-01T00:10:00", "2025-12-31T23:59:59"),
        ("00:20:00 x", "2026-01-01T00:10:00", "2026-01-01T00:20:00"),
    ],
)
def test_a_missing_year_or_date_comes_from_the_message(line: str, shown: str, at: str) -> None:
    near = datetime.fromisoformat(shown).replace(tzinfo=UTC).timestamp()
    found = parse_time(line, near)
    assert found is not None
    assert datetime.fromtimestamp(found, UTC).replace(tzinfo=None).isoformat() == at


def test_a_clock_alone_is_no_time_where_no_date_is_known() -> None:
    assert parse_time("12:00:00 started") is None


@pytest.mark.parametrize(
    ("line", "zoned"),
    [
        ("2026-01-01T12:00:00Z x", True),
        ("2026-01-01 12:00:00 x", False),
        ("1767268800 x", True),
        ("Jan  1 12:00:00 host x", False),
        ("2026-01-01 13:00:00.5 CET [1] LOG:  x", True),
        # Several zones are called so.
        ("2026-01-01 13:00:00.5 IST [1] LOG:  x", False),
    ],
)
def test_whether_a_time_states_its_zone(line: str, zoned: bool) -> None:
    form = form_of(line, SHOWN)
    assert form is not None
    assert has_zone(line, form) is zoned


@given(st.text(alphabet="0123456789:-/. ,TZ[]+JanFeb", max_size=80), st.floats(0, 4e9))
def test_no_line_is_too_odd(line: str, near: float) -> None:
    at = parse_time(line, near)
    assert at is None or -6.3e10 < at < 2.6e11
