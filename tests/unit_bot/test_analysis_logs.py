"""Log lines: time, level, records, templates."""

from __future__ import annotations

import pytest

from bot.analysis.logs import (
    MAX_RECORD_LINES,
    MAX_TEMPLATES,
    Record,
    TemplateIndex,
    looks_like_log,
    parse_level,
    parse_time,
    records,
)

NOON = 1767268800.0  # 2026-01-01T12:00:00Z


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("2026-01-01T12:00:00Z started", NOON),
        ("2026-01-01 12:00:00,250 INFO started", NOON + 0.25),
        ("2026-01-01T13:00:00.5+01:00 started", NOON + 0.5),
        ("2026-01-01 07:00:00 -0500 started", NOON),
        ("2026/01/01 12:00:00 [error] 7#7: upstream", NOON),
        ('10.0.0.9 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200', NOON),
        ("I0101 12:00:00.500000       1 main.go:1] started", NOON + 0.5),
        ("Jan  1 12:00:00 host sshd[1]: session", NOON),
        ("26/01/01 12:00:00 INFO Executor: done", NOON),
        ('{"ts": 1767268800.5, "msg": "x"}', NOON),
        ("- 1767268800 2026.01.01 node-1 started", NOON),
        ("nothing of a time in here", None),
        ("2026-13-45T99:00:00Z is no time", None),
        ("version 12.4.5 of 40 modules", None),
    ],
)
def test_times_in_the_usual_forms(line: str, at: float | None) -> None:
    assert parse_time(line, 2026) == at


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-01-01 ERROR cannot open", "error"),
        ("[crit] FATAL: no more", "fatal"),
        ('{"level":"warning","msg":"x"}', "warn"),
        ("level=info msg=x", "info"),
        ("E0101 12:00:00.000000 1 a.go:1] x", "error"),
        ("W0101 12:00:00.000000 1 a.go:1] x", "warn"),
        ("DEBUG x", "debug"),
        ("errors were counted", ""),
    ],
)
def test_levels(line: str, level: str) -> None:
    assert parse_level(line) == level


def test_a_stack_trace_is_one_record_with_its_line() -> None:
    lines = [
        "2026-01-01 12:00:00 ERROR request failed",
        "java.lang.IllegalStateException: no stock",
        "\tat shop.Cart.pay(Cart.java:10)",
        "Caused by: java.net.ConnectException",
        "",
        "2026-01-01 12:00:01 INFO next",
    ]
    found = list(records(lines))
    assert [record.text.splitlines()[0] for record in found] == [lines[0], lines[1], lines[5]]
    assert found[1].text.endswith("ConnectException")


def test_a_long_trace_keeps_its_head_and_its_tail() -> None:
    lines = ["2026-01-01 12:00:00 ERROR x", *(f"  at frame {n}" for n in range(50))]
    (record,) = records(lines)
    kept = record.text.splitlines()
    assert len(kept) == MAX_RECORD_LINES
    assert (kept[0], kept[-1]) == (lines[0], lines[-1])


@pytest.mark.parametrize(
    ("lines", "is_log"),
    [
        ([f"2026-01-01 12:00:0{n} INFO x" for n in range(5)], True),
        (["NAME READY", "web-1 1/1", "web-2 0/1"], False),
        (["2026-01-01 12:00:00 only one"], False),
    ],
)
def test_what_looks_like_a_log(lines: list[str], is_log: bool) -> None:
    assert looks_like_log(lines) is is_log


def test_lines_of_one_shape_are_one_template_with_count_and_span() -> None:
    index = TemplateIndex()
    for n in range(100):
        index.add(Record(f"worker {n} took {n} ms", NOON + n, "info"), "app.log")
    index.add(Record("worker 5 lost its lease on shard seven", NOON + 5, "error"), "app.log")
    common, rare = index.templates.values()
    assert (common.count, common.first_at, common.last_at) == (100, NOON, NOON + 99)
    assert (rare.count, rare.level) == (1, "error")


def test_a_file_that_repeats_the_messages_is_not_counted_again() -> None:
    index = TemplateIndex()
    record = Record("2026-01-01 12:00:00 ERROR disk", NOON, "error")
    index.add(record, "message")
    index.add(record, "app.log")
    assert index.lines == 1


def test_lines_without_a_time_are_counted_in_every_source() -> None:
    index = TemplateIndex()
    for source in ("a.txt", "b.txt"):
        index.add(Record("Running...", None, ""), source)
    assert index.lines == 2


def test_templates_are_bounded_and_what_is_beyond_is_counted() -> None:
    index = TemplateIndex()
    for number in range(MAX_TEMPLATES + 50):
        letters = "".join(chr(103 + int(digit)) for digit in str(number))
        index.add(Record(" ".join([letters * 2, letters * 3, letters * 4]), None, ""), "app.log")
    assert len(index.templates) <= MAX_TEMPLATES
    assert index.unfolded + sum(t.count for t in index.templates.values()) == index.lines
