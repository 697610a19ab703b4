"""Figures in the forms of monitoring systems, and call graphs as people draw them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.analysis.figures import read
from bot.analysis.series import MAX_CELLS, moment, named, number

AT = 1767268800  # 2026-01-01T12:00:00Z
MS = AT * 1000
BOTH = [(AT, 1.5), (AT + 60, 2.5)]


def long(header: str, *rows: str) -> str:
    return "\n".join([header, *rows])


def prometheus(metric: dict[str, str], *values: list[Any]) -> dict[str, Any]:
    return {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": metric, "values": list(values)}]},
    }


@pytest.mark.parametrize(
    ("text", "component", "metric"),
    [
        pytest.param(
            long(
                "time,service,metric,value",
                "2026-01-01T12:00:00Z,tax,latency,1.5",
                "2026-01-01T12:01:00Z,tax,latency,2.5",
            ),
            "tax",
            "latency",
            id="long",
        ),
        pytest.param(
            long(
                "metric;value;labels;timestamp",
                f'latency;1.5;"job=""tax"",zone=""a""";{AT}',
                f'latency;2.5;"job=""tax"",zone=""a""";{AT + 60}',
            ),
            "tax",
            "latency",
            id="long with labels, semicolons and the time last",
        ),
        pytest.param(
            long("timestamp,pod,latency", f"{MS},tax,1.5", f"{MS + 60_000},tax,2.5"),
            "tax",
            "latency",
            id="a column of services and one of figures",
        ),
        pytest.param(
            long(
                "sep=;",
                '"Time";"latency{job=""tax""}"',
                "2026-01-01 12:00:00;1500 ms",
                "2026-01-01 12:01:00;2.5 s",
            ),
            "tax",
            "latency",
            id="Grafana with units",
        ),
        pytest.param(
            long(
                "Time,tax latency,other",
                f"{AT},1.5,undefined",
                f"{AT + 60},2.5,NaN",
                f"{AT + 120},,null",
            ),
            "tax",
            "latency",
            id="Grafana with gaps",
        ),
        pytest.param(
            json.dumps(
                prometheus(
                    {"__name__": "latency", "service": "tax"},
                    [AT, "1.5"],
                    [AT + 60, "2.5"],
                    [AT + 120, "NaN"],
                )
            ),
            "tax",
            "latency",
            id="a Prometheus matrix",
        ),
        pytest.param(
            json.dumps(
                {
                    "MetricDataResults": [
                        {
                            "Label": "tax latency",
                            "Timestamps": [
                                "2026-01-01T12:01:00+00:00",
                                "2026-01-01T12:00:00+00:00",
                            ],
                            "Values": [2.5, 1.5],
                        }
                    ]
                }
            ),
            "tax",
            "latency",
            id="CloudWatch, newest first",
        ),
        pytest.param(
            json.dumps(
                {
                    "Label": "latency",
                    "Datapoints": [
                        {"Timestamp": "2026-01-01T12:00:00Z", "Average": 1.5},
                        {"Timestamp": "2026-01-01T12:01:00Z", "Average": 2.5},
                    ],
                }
            ),
            "",
            "latency",
            id="CloudWatch statistics",
        ),
        pytest.param(
            json.dumps(
                {
                    "series": [
                        {
                            "metric": "latency",
                            "scope": "service:tax,env:prod",
                            "pointlist": [[MS, 1.5], [MS + 60_000, 2.5], [MS + 120_000, None]],
                        }
                    ]
                }
            ),
            "tax",
            "latency",
            id="Datadog",
        ),
        pytest.param(
            json.dumps(
                {
                    "data": {
                        "attributes": {
                            "series": [{"group_tags": ["service:tax"], "metric": "latency"}],
                            "times": [MS, MS + 60_000],
                            "values": [[1.5, 2.5]],
                        }
                    }
                }
            ),
            "tax",
            "latency",
            id="Datadog's newer answer",
        ),
        pytest.param(
            json.dumps(
                {
                    "results": {
                        "A": {
                            "frames": [
                                {
                                    "schema": {
                                        "fields": [
                                            {"name": "Time"},
                                            {"name": "latency", "labels": {"job": "tax"}},
                                        ]
                                    },
                                    "data": {"values": [[MS, MS + 60_000], [1.5, 2.5]]},
                                }
                            ]
                        }
                    }
                }
            ),
            "tax",
            "latency",
            id="Grafana's frames",
        ),
        pytest.param(
            json.dumps(
                {
                    "results": [
                        {
                            "series": [
                                {
                                    "name": "latency",
                                    "tags": {"host": "tax"},
                                    "columns": ["time", "mean"],
                                    "values": [[AT, 1.5], [AT + 60, 2.5]],
                                }
                            ]
                        }
                    ]
                }
            ),
            "tax",
            "latency mean",
            id="InfluxDB",
        ),
        pytest.param(
            f"latency,host=tax mean=1.5 {AT}000000000\n"
            f"latency,host=tax mean=2.5 {AT + 60}000000000",
            "tax",
            "latency mean",
            id="Influx lines",
        ),
        pytest.param(
            f"# TYPE latency gauge\nlatency 1.5 {MS}\n\nbroken line\n"
            f"latency 2.5 {MS + 60_000}\nlatency NaN {MS + 90_000}",
            "",
            "latency",
            id="Prometheus text",
        ),
    ],
)
def test_every_form(text: str, component: str, metric: str) -> None:
    found = next(one for one in read(text).series if one.metric == metric)
    assert found.component == component
    assert list(found.points) == BOTH


def test_columns_beside_a_clock() -> None:
    sar = long(
        "Linux 6.1 (web-1) 2026-01-01 _x86_64_ (2 CPU)",
        "",
        "12:00:00 CPU %user %system %idle",
        "12:01:00 all 1.50 0.20 98.30",
        "12:02:00 all 9.00 0.20 90.80",
        "Average: all 5.00 0.20 94.00",
    )
    user = next(one for one in read(sar).series if one.metric == "%user")
    assert list(user.points) == [(AT + 60, 1.5), (AT + 120, 9.0)]
    vmstat = long(
        "procs ---memory--- -----timestamp-----",
        " r  b   swpd   free                 UTC",
        " 1  0      0   9000 2026-01-01 12:00:00",
        " 7  2      0   8000 2026-01-01 12:01:00",
    )
    waiting = next(one for one in read(vmstat).series if one.metric == "b")
    assert list(waiting.points) == [(AT, 0.0), (AT + 60, 2.0)]


def test_rows_with_several_figures_are_several_series() -> None:
    rows = (f"{AT + 60 * n},{name},{n},{n * 2}" for n in range(3) for name in ("tax", "web"))
    found = read(long("time,service,latency,errors", *rows)).series
    assert {(one.component, one.metric, len(one.points)) for one in found} == {
        (name, metric, 3) for name in ("tax", "web") for metric in ("latency", "errors")
    }


def test_more_figures_than_the_limit_are_not_read() -> None:
    rows = [f"{AT + n},1,2,3,4,5,6,7,8,9,10" for n in range(MAX_CELLS // 10)]
    assert read(long("time,a,b,c,d,e,f,g,h,i,j", *rows)).series == ()
    matrix = prometheus({"__name__": "x"}, *([AT + n, "1"] for n in range(MAX_CELLS + 1)))
    assert read(json.dumps(matrix)).series == ()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1e3", 1000.0),
        ("45%", 45.0),
        ("200 ms", 0.2),
        ("250m", 0.25),
        ("1.5 Gi", 1.5 * 2**30),
        ("2 k", 2000.0),
        ("nan", None),
        ("inf", None),
        ("12 apples", None),
        ("", None),
        (None, None),
    ],
)
def test_numbers_with_units(cell: Any, value: float | None) -> None:
    assert number(cell) == value


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        (AT, AT),
        (str(MS), AT),
        ("2026-01-01T12:00:00Z", AT),
        ("7", None),
        ("nan", None),
        ("x", None),
    ],
)
def test_moments(cell: Any, at: float | None) -> None:
    assert moment(cell) == at


def test_names_with_labels() -> None:
    assert named('up{job="a b",zone="x"}') == ("up", {"job": "a b", "zone": "x"})
    assert named('{__name__="up"}') == ("up", {})
    assert named("plain name") == ("plain name", {})


@pytest.mark.parametrize(
    "text",
    [
        "web -> cart\ncart -> tax\nweb -> mail",
        "web -> cart -> tax\nweb --> mail",
        "web-->cart\ncart->tax\nweb-->mail",
        "web calls cart\ncart calls tax\nweb calls mail",
        "web → cart\ncart → tax\nweb → mail",
        "graph TD\n  web --> cart\n  cart -->|HTTP| tax\n  %% a word\n  web -.-> mail",
        'flowchart LR\nA[web] --> B(cart)\nB --> C{tax}\nA --> D["mail"]',
        "flowchart LR\nA[web]\nB[cart]\nC[tax]\nD[mail]\nA --> B\nB -- asks --> C\nA ==> D",
        'digraph G {\n  rankdir=LR;\n  "web" -> "cart" [label="x"];\n  cart -> tax;\n'
        "  web -> mail\n}",
        "digraph { web -> cart -> tax; web -> mail }",
        'digraph G { a [label="web"]; a -> cart; cart -> tax; a -> mail; }',
        '{"edges": [{"source": "web", "target": "cart"}, {"source": "cart", "target": "tax"},'
        ' {"source": "web", "target": "mail"}]}',
        '{"nodes": [{"id": 1, "name": "web"}], "links": [{"from": 1, "to": "cart"},'
        ' {"from": "cart", "to": "tax"}, {"from": 1, "to": "mail"}]}',
        '{"data": [{"parent": "web", "child": "cart", "callCount": 3},'
        ' {"parent": "cart", "child": "tax"}, {"parent": "web", "child": "mail"}]}',
        '{"web": ["cart", "mail"], "cart": ["tax"], "tax": []}',
        '[["web", "cart"], ["cart", "tax"], ["web", "mail"]]',
        "Caller;Callee\nweb;cart\ncart;tax\nweb;mail",
        ",web,cart,tax,mail\nweb,0,1,0,1\ncart,0,0,1,0\ntax,0,0,0,0\nmail,0,0,0,0",
    ],
)
def test_call_graphs_in_every_form(text: str) -> None:
    calls = {caller: set(callees) for caller, callees in read(text).calls.items() if callees}
    assert calls == {"web": {"cart", "mail"}, "cart": {"tax"}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "we rolled back -> it was fine\nthen nothing happened\nfor an hour or so",
        "2026-01-01 12:00:00 INFO a -> b\n2026-01-01 12:00:01 INFO started\nand so on",
        '{"a": 1, "b": [2]}',
        '{"items": ["x"], "errors": ["y"]}',
        '{"edges": "none"}',
        "[1, 2, 3]",
        "a -> a",
        "-> " * 3_000,
        ("x" * 119 + " ") * 300 + "->",
    ],
)
def test_what_is_no_call_graph(text: str) -> None:
    assert read(text).calls == {}
