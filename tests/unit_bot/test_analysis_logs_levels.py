"""Levels of log lines: words, letters, numbers."""

from __future__ import annotations

import pytest

from bot.analysis.levels import is_numeric, parse_level, trace_level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-01-01 ERROR cannot open", "error"),
        ("[crit] FATAL: no more", "fatal"),
        ("2026/01/01 12:00:00 [emerg] 1#1: bind() failed", "fatal"),
        ('{"level":"warning","msg":"an ERROR was counted"}', "warn"),
        ('{"msg":"x","severity":"ERROR"}', "error"),
        ('{"@t":"2026-01-01T12:00:00Z","@mt":"x","@l":"Fatal"}', "fatal"),
        ('{"t":{"$date":"2026-01-01T12:00:00Z"},"s":"E","c":"NETWORK"}', "error"),
        ('{"level":50,"time":1767268800500,"msg":"x"}', "error"),
        ('{"level":30,"msg":"x"}', "info"),
        ('{"level":3,"short_message":"x"}', "error"),
        ('{"PRIORITY":"4","MESSAGE":"x"}', "warn"),
        ("level=info msg=x", "info"),
        ("E0101 12:00:00.000000 1 a.go:1] x", "error"),
        ("W0101 12:00:00.000000 1 a.go:1] x", "warn"),
        ("<34>Jan  1 12:00:00 host su: failed", "fatal"),
        ("<165>1 2026-01-01T12:00:00Z host app - - x", "info"),
        ("123:M 01 Jan 2026 12:00:00.500 # Memory", "warn"),
        ("01-01 12:00:00.500  1702  2395 E Window: x", "error"),
        ('1.2.3.4 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 503 12', "error"),
        ('1.2.3.4 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 404 12', "warn"),
        ('1.2.3.4 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 12', "info"),
        ("2026-01-01 12:00:00.5 UTC [1] PANIC:  could not write", "fatal"),
        ("01-Jan-2026 12:00:00.5 SEVERE [main] x", "error"),
        ("DEBUG x", "debug"),
        ("errors were counted", ""),
    ],
)
def test_levels(line: str, level: str) -> None:
    assert parse_level(line) == level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("panic: runtime error: index out of range", "fatal"),
        ("thread 'main' panicked at src/main.rs:2:5:", "fatal"),
        ("Traceback (most recent call last):", "error"),
        ("java.lang.IllegalStateException: no stock", "error"),
        ("the exception was handled", ""),
    ],
)
def test_what_a_stack_trace_begins_with_tells_its_level(line: str, level: str) -> None:
    assert trace_level(line) == level


@pytest.mark.parametrize(
    ("line", "numeric"),
    [
        ('{"level":50,"msg":"x"}', True),
        ('{"level":"error","msg":"x"}', False),
        ('1.2.3.4 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 503 12', True),
        ("<34>Jan  1 12:00:00 host su: failed", True),
        ("2026-01-01 ERROR 500", False),
    ],
)
def test_where_the_level_hangs_on_a_number(line: str, numeric: bool) -> None:
    assert is_numeric(line) is numeric
