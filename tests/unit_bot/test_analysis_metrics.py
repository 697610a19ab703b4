"""What figures tell: which series left its range, and whom the call graph lets us blame."""

from __future__ import annotations

import pytest

from bot.analysis.analyst import prepare
from bot.analysis.metrics import deviations, is_clear, told
from bot.analysis.report import Verdict
from bot.analysis.callgraphs import Graph
from bot.analysis.figures import read
from bot.analysis.series import Series
from bot.incident import Attachment, Incident, Message

START = 1767268800.0  # 2026-01-01T12:00:00Z
CALM = (10.0, 11.0, 10.0, 9.0, 10.0, 11.0, 10.0, 9.0)


def read_series(text: str) -> tuple[Series, ...]:
    return read(text).series


def read_graph(text: str) -> Graph:
    return read(text).calls


def series(component: str, values: tuple[float, ...], metric: str = "latency") -> Series:
    points = tuple((START + 60 * n, value) for n, value in enumerate(values))
    return Series(component, metric, "Average", points)


def table(*columns: tuple[str, str, tuple[float, ...]]) -> str:
    rows = [
        ",".join(["service", *(name for name, _, _ in columns)]),
        ",".join(["metric", *(metric for _, metric, _ in columns)]),
        ",".join(["timestamp", *("" for _ in columns)]),
    ]
    rows += (
        ",".join([str(START + 60 * n), *(str(column[2][n]) for column in columns)])
        for n in range(len(columns[0][2]))
    )
    return "\n".join(rows)


def test_a_table_with_a_header_of_three_rows() -> None:
    found = read_series(table(("cart", "latency", (1.0, 2.0)), ("tax", "errors", (0.0, 3.0))))
    assert [(one.component, one.metric) for one in found] == [
        ("cart", "latency"),
        ("tax", "errors"),
    ]
    assert found[1].points == ((START, 0.0), (START + 60, 3.0))


def test_a_table_with_one_row_of_header_and_a_gap() -> None:
    text = 'timestamp,"db-1 CPU (Percent)",queue\n2026-01-01T12:00:00Z,5,\n2026-01-01T12:01:00Z,7,1'
    cpu, queue = read_series(text)
    assert (cpu.component, cpu.metric, len(cpu.points)) == ("db-1", "CPU (Percent)", 2)
    assert (queue.component, queue.metric, queue.points) == ("", "queue", ((START + 60, 1.0),))


def test_samples_of_prometheus_with_their_times() -> None:
    text = "\n".join(
        [
            "# HELP up Up",
            'wait_seconds{job="tax"} 1.5 1767268860',
            'wait_seconds{job="tax"} 1 1767268800',
        ]
    )
    (found,) = read_series(text)
    assert (found.component, found.metric) == ("tax", "wait_seconds")
    assert found.points == ((START, 1.0), (START + 60, 1.5))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just, some prose\nand, more",
        "name,age\nann,5\nben,6",
        "a,b\n1,2,3",
        'time,"x\n1767268800,1',
        "time,v\n1767268800,1",
        "2026-01-01 12:00:00,500 INFO started\n2026-01-01 12:00:01,500 INFO done",
    ],
)
def test_what_is_no_table_of_figures(text: str) -> None:
    assert read_series(text) == ()


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (",web,tax\nweb,0,1\ntax,0,0", {"web": ("tax",), "tax": ()}),
        ("caller,callee\nweb,tax\nweb,cart", {"web": ("tax", "cart")}),
        ("when,what\n1,2", {}),
        ("web", {}),
    ],
)
def test_call_graphs(text: str, calls: dict[str, tuple[str, ...]]) -> None:
    assert read_graph(text) == calls


def test_the_callee_is_blamed_that_explains_its_callers() -> None:
    normal = [series(name, CALM) for name in ("web", "cart", "tax", "mail")]
    now = [series("web", (90.0,)), series("cart", (80.0,)), series("tax", (75.0,))]
    calls = {"web": ("cart", "mail"), "cart": ("tax",)}
    found = deviations(now, normal, calls, "web latency is high")
    assert found[0].series.component == "tax"
    assert is_clear(found)
    assert [one.explained > 0.5 for one in found] == [False, True, True]


def test_what_the_alerted_component_does_not_reach_is_left_out() -> None:
    normal = [series("web", CALM), series("other", CALM)]
    now = [series("web", (40.0,)), series("other", (900.0,))]
    found = deviations(now, normal, {"web": (), "other": ()}, "`web` is slow")
    assert [one.series.component for one in found] == ["web"]


def test_an_address_is_less_to_blame_than_a_component() -> None:
    normal = [series("tax", CALM), series("tax.internal.example", CALM)]
    now = [series("tax", (60.0,)), series("tax.internal.example", (90.0,))]
    assert deviations(now, normal, {})[0].series.component == "tax"


@pytest.mark.parametrize(
    ("metric", "value", "is_out"),
    [
        ("latency", 60.0, True),
        ("latency", 0.1, False),
        ("availability", 0.1, True),
        ("availability", 60.0, False),
        ("latency", 11.0, False),
    ],
)
def test_only_the_bad_direction_counts(metric: str, value: float, is_out: bool) -> None:
    normal = [series("tax", CALM, metric)]
    assert bool(deviations([series("tax", (value,), metric)], normal, {})) is is_out


def test_without_a_norm_the_first_half_is_the_norm() -> None:
    (found,) = deviations([series("tax", (*CALM, *CALM[:-1], 99.0))], [], {})
    assert (found.normal, found.value, found.at) == (10.0, 99.0, START + 15 * 60)
    assert told(found).startswith("tax latency rose from a normal 10 to 99 at 12:15 UTC")


def test_a_series_that_is_too_short_or_all_zero_tells_nothing() -> None:
    assert deviations([series("tax", (1.0, 99.0))], [], {}) == []
    assert deviations([series("tax", (5.0,))], [series("tax", (0.0,) * 8)], {}) == []


def incident(value: float) -> Incident:
    now = table(("web", "latency", (value, value)), ("tax", "latency", (value - 2, value - 2)))
    normal = table(("web", "latency", CALM), ("tax", "latency", CALM))
    files = (
        Attachment("metrics.csv", now),
        Attachment("graph.csv", ",web,tax\nweb,0,1\ntax,0,0"),
        Attachment("metrics_normal.csv", normal),
    )
    root = Message("1767269000.1", "alert", "web latency is out of its range")
    return Incident((root, Message("1767269001.1", "ann", "figures attached", attachments=files)))


def test_figures_alone_name_a_component_and_are_never_quoted() -> None:
    prepared = prepare(incident(80.0))
    report = prepared.rules
    assert report.verdict is Verdict.CAUSE
    assert report.cause.text.startswith("tax latency rose from a normal 10 to 78 at 12:00 UTC")
    assert not any("rose from" in quote for quote in report.quotes)
    assert all(any(quote in item.text for item in prepared.evidence) for quote in report.quotes)


def test_figures_within_their_range_name_nothing() -> None:
    assert prepare(incident(11.0)).rules.verdict is Verdict.UNCLEAR
