"""What figures tell: which series left its range, and whom the call graph lets us blame."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.analyst import prepare
from bot.analysis.callgraphs import Graph
from bot.analysis.figures import read
from bot.analysis.measured import Figures, Finding
from bot.analysis.metrics import CLEAR, deviations, is_clear, order_of, told
from bot.analysis.ranges import direction_of
from bot.analysis.report import Verdict
from bot.analysis.series import Series
from bot.incident import Attachment, Incident, Message

SYNTHETIC = Path(__file__).parents[2] / "benchmarks" / "analysis" / "metrics_synthetic.py"
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
        "2026-01-01 12:00:00 INFO web started with no errors\n2026-01-01 12:00:01 INFO done",
        "{}",
        "[" * 9_000,
        '{"kind": "List", "items": [{"metadata": {"name": "a"}}]}',
        '{"data": {"result": [{"metric": {}, "values": "x"}]}}',
        "NAME READY STATUS RESTARTS AGE\nweb-1 1/1 Running 0 5d",
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


def test_without_a_norm_its_own_quiet_part_is_the_norm() -> None:
    (found,) = deviations([series("tax", (*CALM, *CALM[:-1], 99.0))], [], {})
    assert (found.normal, found.value, found.at) == (10.0, 99.0, START + 15 * 60)
    assert told(found).startswith("tax latency rose from a normal 10 to 99 at 12:15 UTC (")


@pytest.mark.parametrize(
    ("values", "normal", "since"),
    [
        ((*CALM, *CALM, 60.0, 80.0, 70.0), 10.0, 16),
        ((*CALM, *(60.0 + n for n in range(40))), 10.0, 8),
        ((90.0, 80.0, 70.0, *CALM, *CALM), 10.0, 0),
        ((*CALM, *CALM, 70.0, 80.0, 70.0, 10.0, 11.0, 9.0), 10.0, 16),
    ],
)
def test_the_quiet_part_is_found_wherever_it_lies(
    values: tuple[float, ...], normal: float, since: int
) -> None:
    (found,) = deviations([series("tax", values)], [], {})
    assert (found.normal, found.since) == (normal, START + 60 * since)


@pytest.mark.parametrize(
    "values",
    [(), (5.0,), (10.0,) * 30, (0.0,) * 30, CALM * 4, (1.0, 99.0), (5.0, 5.0, 5.0, 5.0, 9.0)],
)
def test_what_is_steady_noisy_or_too_short_tells_nothing(values: tuple[float, ...]) -> None:
    assert deviations([series("tax", values)], [], {}) == []


def test_out_of_nothing_is_out_of_range_even_where_nothing_was_ever_seen() -> None:
    (found,) = deviations(
        [series("tax", (5.0, 6.0), "errors")], [series("tax", (0.0,) * 8, "errors")], {}
    )
    assert (found.normal, found.value) == (0.0, 6.0)
    assert is_clear([found])


def test_next_to_what_others_have_a_little_out_of_nothing_is_little() -> None:
    normal = [series("tax", (0.0,) * 8), *(series(f"c{n}", CALM) for n in range(3))]
    assert deviations([series("tax", (0.1,))], normal, {}) == []


def test_a_counter_counts_by_its_growth_and_restarts_from_nothing() -> None:
    steady = [50.0 * n for n in range(1, 20)]
    assert deviations([series("tax", tuple(steady), "requests_total")], [], {}) == []
    restarted = (*steady, 10.0, 60.0, 110.0)
    assert deviations([series("tax", restarted, "errors_total")], [], {}) == []
    burst = (*steady, *(950.0 + 900.0 * n for n in range(1, 5)))
    (found,) = deviations([series("tax", burst, "errors_total")], [], {})
    assert (found.normal, found.value) == (pytest.approx(50 / 60), pytest.approx(15.0))
    # What falls as often as it rises is no counter, whatever its name.
    assert deviations([series("tax", CALM * 3, "sessions_count")], [], {}) == []


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("latency", "high"),
        ("availability", "low"),
        ("unavailable_replicas", "both"),
        ("FreeStorageSpace (Bytes)", "low"),
        ("cache_hit_ratio", "low"),
        ("requests", "both"),
        ("NetworkTransmitThroughput", "both"),
        ("kube_pod_not_ready", "high"),
        ("up", "low"),
        ("errors", "high"),
    ],
)
def test_which_direction_is_bad(metric: str, direction: str) -> None:
    assert direction_of(metric) == direction


def test_a_callee_that_is_called_several_times_explains_its_caller() -> None:
    normal = [series("web", CALM), series("tax", (1.0, 1.1, 1.0, 0.9, 1.0, 1.1, 1.0, 0.9))]
    now = [series("web", (90.0,)), series("tax", (20.0,))]
    assert deviations(now, normal, {"web": ("tax",)})[0].series.component == "tax"


def test_a_callee_that_moves_otherwise_explains_nothing() -> None:
    calm = CALM * 2
    web = series("web", (*calm, *(80.0, 82.0, 81.0, 83.0, 80.0, 81.0)))
    apart = series("tax", (70.0, 90.0, *calm[2:], *CALM[:6]))
    found = deviations([web, apart], [series("web", CALM), series("tax", CALM)], {"web": ("tax",)})
    assert next(one for one in found if one.series.component == "web").explained < 0.2


def test_without_a_graph_whoever_was_first_is_blamed_before_what_grew_more() -> None:
    db = series("db", (*CALM, *CALM, *(70.0,) * 9), "connections_waiting")
    web = series("web", (*CALM, *CALM, *CALM[:4], *(95.0,) * 5), "latency")
    found = deviations([web, db], [], {})
    assert [one.series.component for one in found] == ["db", "web"]
    assert order_of(found) == "db rose first at 12:16 UTC; web followed 4 min later"


def test_an_order_within_the_time_between_two_figures_is_none() -> None:
    late = Series(
        "web", "latency", "", tuple((at + 30, v) for at, v in series("x", (*CALM, 90.0)).points)
    )
    found = deviations([series("db", (*CALM, 90.0)), late], [], {})
    assert len(found) == 2
    assert order_of(found) == ""
    assert order_of(found[:1]) == ""


def test_series_of_different_sampling_are_compared_by_their_times() -> None:
    dense = Series(
        "tax",
        "latency",
        "Average",
        tuple((START + 10 * n, 80.0 if n > 120 else 10.0 + n % 3) for n in range(180)),
    )
    sparse = Series(
        "web",
        "latency",
        "Average",
        tuple((START + 60 * n, 90.0 if n > 20 else 20.0 + n % 3) for n in range(30)),
    )
    found = deviations([dense, sparse], [], {"web": ("tax",)}, "web latency")
    assert found[0].series.component == "tax"
    assert found[1].explained > 0.8


def test_where_growth_and_size_disagree_nothing_is_clear() -> None:
    normal = [series("a", (10.0, 14.0, 6.0, 13.0, 7.0, 10.0)), series("b", CALM)]
    found = deviations([series("a", (400.0,)), series("b", (200.0,))], normal, {})
    assert [one.series.component for one in found] == ["a", "b"]
    assert found[1].blame > found[0].blame > CLEAR
    assert not is_clear(found)


def test_the_faulty_service_of_made_up_graphs_is_found() -> None:
    measured = runpy.run_path(str(SYNTHETIC))["measure"](40, 5)
    assert min(hits for hits, _, _ in measured.values()) >= 34
    assert all(right >= 0.9 * clear for _, clear, right in measured.values())
    assert max(runpy.run_path(str(SYNTHETIC))["false_alarms"](40, 5).values()) <= 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e12, 1e12), max_size=40), max_size=6),
    st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4)),
    st.booleans(),
)
def test_any_figures_give_an_order_and_finite_numbers(
    values: list[list[float]], calls: dict[str, list[str]], has_norm: bool
) -> None:
    now = [series(name, tuple(column)) for name, column in zip("abcdef", values, strict=False)]
    graph = {caller: tuple(callees) for caller, callees in calls.items()}
    found = deviations(now, now if has_norm else [], graph, "a is slow")
    assert all(math.isfinite(one.blame) and one.blame >= 0 for one in found)
    assert all(0 <= one.explained <= 1 and told(one) for one in found)
    assert len({one.series.component for one in found}) == len(found) <= len(now)


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


def test_a_graph_that_reaches_nothing_measured_hides_nothing() -> None:
    found = deviations(
        [series("tax", (90.0,))], [series("tax", CALM)], {"web": ("db",)}, "web is slow"
    )
    assert [one.series.component for one in found] == ["tax"]


def findings(*files: tuple[str, str]) -> list[Finding]:
    figures = Figures()
    for name, text in files:
        figures.add(name, text)
    return list(figures.findings("web latency"))


def test_findings_tell_the_order_and_only_a_clear_first_one_is_a_cause() -> None:
    late = (*CALM, *CALM, 10.0, 10.0, 70.0, 72.0, 71.0)
    early = (*CALM, *CALM, 66.0, 70.0, 68.0, 69.0, 70.0)
    now = table(("web", "latency", late), ("tax", "latency", early))
    first, second = findings(("now.csv", now), ("calls.txt", "web -> tax"))
    assert first.text.startswith("tax latency rose from a normal 10 to 70 at 12:17 UTC")
    assert first.text.endswith("; tax rose first at 12:16 UTC; web followed 2 min later")
    assert first.at == START + 16 * 60
    assert first.weight > 3 > second.weight
    normal = table(("web", "latency", CALM), ("tax", "latency", CALM))
    with_norm = findings(("now.csv", now), ("normal.csv", normal), ("calls.txt", "web -> tax"))
    assert with_norm[0].weight > first.weight
    assert ", and it calls nothing that would explain it" in with_norm[0].text
    # Without a graph nothing is said of calls.
    assert not any("calls" in one.text for one in findings(("now.csv", now)))
