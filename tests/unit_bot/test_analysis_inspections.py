"""What stands out in a dump: the state of objects, who uses most, what a change did."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.inspections import inspect


def said(text: str) -> list[str]:
    return [note.text for note in inspect(text)]


def shown(text: str) -> list[tuple[str, str]]:
    return [(note.line, note.kind) for note in inspect(text)]


PODS = """\
NAME                       READY   STATUS             RESTARTS       AGE
ferry-7d4b9c6f5-q8zkd      1/1     Running            0              12d
ferry-7d4b9c6f5-x2v7m      0/1     CrashLoopBackOff   14 (73s ago)   41m
harbour-0                  9/10    Running            0              12d
tide-28493-5jw2k           0/1     Completed          0              3h
crane-0                    0/2     Init:0/1           0              7m
"""

ALL_PODS = """\
NAMESPACE   NAME      READY   STATUS    RESTARTS   AGE
docks       buoy-0    0/1     Pending   0          7m
docks       buoy-1    1/1     Running   3          7m
"""


def test_pods_that_are_not_ready() -> None:
    assert said(PODS) == [
        "pod ferry-7d4b9c6f5-x2v7m is CrashLoopBackOff, 0 of 1 ready, 14 restarts",
        "pod harbour-0 is Running, 9 of 10 ready, 0 restarts",
        "pod crane-0 is Init:0/1, 0 of 2 ready, 0 restarts",
    ]
    assert said(ALL_PODS) == ["pod buoy-0 is Pending, 0 of 1 ready, 0 restarts"]


def described(name: str, state: str = "", *, limits: str = "", image: str = "quay/ferry:3") -> str:
    return f"""\
Name:             {name}
Namespace:        docks
Status:           Running
Containers:
  ferry:
    Image:          {image}
    State:          {state or "Running"}
    Ready:          {not state}
    Restart Count:  {9 if state else 0}
{limits}    Readiness:  http-get http://:8080/ready delay=0s timeout=1s period=10s
"""


LIMITS = "    Limits:\n      cpu:     1\n      memory:  300Mi\n"
REQUESTS = "    Requests:\n      cpu:     1\n      memory:  200Mi\n"
KILLED = "Waiting\n    Last State:  Terminated\n      Reason:     OOMKilled"
NO_IMAGE = "Waiting\n      Reason:  ImagePullBackOff"
PROBE = "Events:\n  Warning  Unhealthy  2m (x9 over 5m)  kubelet  Readiness probe failed: timeout\n"
SERVICE = "Name:        ferry\nType:        ClusterIP\nEndpoints:   {}\nSession Affinity:  None\n"
INGRESS = "Name:             gate\nAddress:          {}\nIngress Class:    nginx-inner\n"
DEPLOYMENT = "Name:      crane\nReplicas:  3 desired | 3 updated | 3 total | {} unavailable\n"
SCALER = (
    "Name:      tide\nMetrics:   ( current / target )\n"
    "  resource cpu on pods  (as a percentage of request):  {} / 80%\n"
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            described("ferry-0", KILLED, limits=LIMITS + REQUESTS),
            "memory:  300Mi",
            "ferry-0 was OOM killed with a memory limit of 300Mi",
        ),
        (
            described("ferry-0", NO_IMAGE, image="quay/ferry:typo"),
            "Image:          quay/ferry:typo",
            "ferry-0 cannot pull its image quay/ferry:typo",
        ),
        (
            described("ferry-0", "Running") + PROBE,
            "Readiness:  http-get http://:8080/ready delay=0s timeout=1s period=10s",
            "the readiness probe of ferry-0 fails:"
            " http-get http://:8080/ready delay=0s timeout=1s period=10s",
        ),
        (
            SERVICE.format("<none>"),
            "Endpoints:   <none>",
            "service ferry has no endpoints: its selector matches no ready pod",
        ),
        (
            SERVICE.format(""),
            "Endpoints:",
            "service ferry has no endpoints: its selector matches no ready pod",
        ),
        (
            INGRESS.format(""),
            "Ingress Class:    nginx-inner",
            "ingress gate has no address: nothing serves its ingress class nginx-inner",
        ),
        (
            DEPLOYMENT.format(2),
            "Replicas:  3 desired | 3 updated | 3 total | 2 unavailable",
            "crane has 2 unavailable replicas",
        ),
        (
            SCALER.format("<unknown>"),
            "resource cpu on pods  (as a percentage of request):  <unknown> / 80%",
            "autoscaler tide cannot read its metric",
        ),
    ],
)
def test_a_described_object_that_is_not_as_it_should_be(text: str, line: str, words: str) -> None:
    (note,) = inspect(text)
    kind = "state" if "unavailable" in line else "setting"
    assert (note.line, note.text, note.kind) == (line, words, kind)


def test_what_the_selector_of_a_service_without_endpoints_selects() -> None:
    service = SERVICE.format("<none>").replace("Type:", "Selector:    app=ferry\nType:")
    _, note = inspect(service)
    assert note.line == "Selector:    app=ferry"
    assert note.text == "service ferry selects app=ferry, which no ready pod has"
    assert inspect(service.replace("<none>", "10.2.0.7:8080")) == ()


@pytest.mark.parametrize(
    ("taint", "told"),
    [
        (
            "berth=vip:NoSchedule",
            ["node quay-4 takes only pods that tolerate berth=vip:NoSchedule"],
        ),
        ("<none>", []),
        ("node-role.kubernetes.io/control-plane:NoSchedule", []),
    ],
)
def test_whom_a_node_takes(taint: str, told: list[str]) -> None:
    assert said(f"Name:     quay-4\nTaints:   {taint}\n") == told


def test_a_list_of_pods_that_are_all_well() -> None:
    rows = "NAME     READY  STATUS   RESTARTS  AGE\nferry-0  1/1    Running  0         2d\n"
    two = f"{rows}ferry-1  1/1    Running  {{}}         2d\n"
    assert said(two.format(0)) == ["all 2 pods run, are ready and were never restarted"]
    assert said(two.format(3)) == []
    assert said(rows) == []


def test_whom_a_network_policy_lets_in() -> None:
    policy = (
        "Name:         gate\nSpec:\n  PodSelector:     app=ferry\n  Allowing ingress traffic:\n"
        "    To Port: 5432/TCP\n    From:\n      PodSelector: role=pilot\n"
    )
    (note,) = inspect(policy)
    assert note.line == "PodSelector: role=pilot"
    assert note.text == "network policy gate lets in only pods with role=pilot"


@pytest.mark.parametrize(
    "text",
    [
        described("ferry-0", KILLED, limits=REQUESTS),
        SERVICE.format("10.2.0.7:8080"),
        INGRESS.format("10.2.0.9"),
        DEPLOYMENT.format(0),
        SCALER.format("41% (205m)"),
        "Name:\tferry.docks.svc\nAddress: 10.2.0.7\n",
        "Service ferry has Endpoints: <none>",
        "ImagePullBackOff\nOOMKilled\nmemory: 1Gi\n",
        "build 3/7 Tuesday 12 steps",
        "",
        "nothing of the kind",
    ],
)
def test_what_is_as_it_should_be_or_no_object_at_all(text: str) -> None:
    assert inspect(text) == ()


def test_each_described_object_answers_for_itself() -> None:
    text = described("ferry-0", limits=LIMITS) + described(
        "crane-0", KILLED, limits=LIMITS.replace("300", "700")
    )
    assert said(text) == ["crane-0 was OOM killed with a memory limit of 700Mi"]


def test_the_limit_and_the_image_are_those_of_the_container_that_fails() -> None:
    two = described("ferry-0", limits=LIMITS) + described(
        "x", KILLED, limits=LIMITS.replace("300", "700")
    ).partition("Containers:\n")[2].replace("  ferry:", "  sidecar:")
    assert said(two) == ["ferry-0 was OOM killed with a memory limit of 700Mi"]
    two = (
        described("ferry-0", image="quay/ferry:3")
        + described("x", NO_IMAGE, image="quay/sidecar:typo").partition("Containers:\n")[2]
    )
    assert said(two) == ["ferry-0 cannot pull its image quay/sidecar:typo"]


@pytest.mark.parametrize(
    ("more", "is_healthy"),
    [
        ("", True),
        ("Events:  <none>\n", True),
        ("Events:\n  Normal   Pulled  2m  kubelet  Container image present\n", True),
        ("Events:\n  Warning  BackOff  2m  kubelet  Back-off restarting\n", False),
        ("Name:    crane-0\nStatus:  Pending\n", False),
        (described("crane-0", "Waiting\n      Reason:  ContainerCreating"), False),
    ],
)
def test_a_pod_that_runs_is_ready_and_was_never_restarted(more: str, is_healthy: bool) -> None:
    healthy = [note for note in inspect(described("ferry-0") + more) if note.kind == "healthy"]
    expected = [("Restart Count:  0", "ferry-0 runs, is ready and was never restarted")]
    assert [(note.line, note.text) for note in healthy] == expected * is_healthy


INSIGHTS: dict[str, Any] = {
    "Identifier": "db-HARBOUR",
    "top_sql": [
        {"id": "A1", "statement": "SELECT * FROM berths WHERE ship LIKE $1", "db_load_avg": 7.5,
         "wait_events": [{"name": "IO:DataFileRead", "load": 6.9}]},
        {"id": "B2", "statement": "UPDATE tides SET level = $1", "db_load_avg": 0.5},
    ],
    "top_users": [{"name": "harbour_app", "db_load_avg": 8.0}],
}  # fmt: skip


def test_the_statement_that_loads_a_database_most() -> None:
    most, wait = inspect(json.dumps(INSIGHTS, indent=2))
    assert most.kind == wait.kind == "consumer"
    assert most.line == '"statement": "SELECT * FROM berths WHERE ship LIKE $1",'
    assert most.text == "top sql: SELECT * FROM berths WHERE ship LIKE $1 (db_load_avg 7.5 of 8)"
    assert wait.line == '"name": "IO:DataFileRead",'
    assert wait.text == "top sql waits mostly for IO:DataFileRead"


def test_who_uses_most_is_told_where_no_work_is() -> None:
    text = json.dumps({"top_users": INSIGHTS["top_users"]})
    assert said(text) == ["top users: harbour_app (db_load_avg 8 of 8)"]


@pytest.mark.parametrize(
    "document",
    [
        {"top": [{"name": "a", "cpu": 3}, {"name": "b", "cpu": 3}, {"name": "c", "cpu": 3}]},
        {"top": [{"name": "a", "cpu": 0}]},
        {"top": [{"name": "a", "cpu": "9"}]},
        {"top": [{"name": "a", "cpu": True}]},
        {"top": [{"name": "a", "height": 9}]},
        {"top": [{"cpu": 9}]},
        {"ships": [{"name": "a", "cpu": 9}]},
        {"top": ["a", 9]},
        {"top": [{"name": "a", "cpu": 1}, {"cpu": 9}]},
        {"top": [{"name": "", "cpu": 9}]},
        {"top": [{"name": "a", "cpu": 10**400}]},
        {"top": [{"name": "a", "cpu": float("nan")}]},
        {"top": []},
        [],
        {},
    ],
)
def test_a_list_in_which_nobody_leads(document: object) -> None:
    assert inspect(json.dumps(document)) == ()


def test_json_that_is_nested_too_deep_or_broken_says_nothing() -> None:
    assert inspect("[" * 100_000) == ()
    assert inspect('{"top": [{"name": "a", "cpu": 9}') == ()
    deep = json.dumps({"top": [{"name": "a", "cpu": 9}]})
    for _ in range(12):
        deep = f'{{"in": {deep}}}'
    assert inspect(deep) == ()


TOP = """\
NAME      CPU(cores)   CPU{p}   MEMORY(bytes)   MEMORY{p}
quay-1    3890m        97%    9120Mi          58%
quay-2    410m         10%    15100Mi         95%
quay-3    400m         10%    6100Mi          40%
quay-4    <unknown>    <unknown>   <unknown>   <unknown>
"""


@pytest.mark.parametrize("percent", ["%", "(%)"])
def test_nodes_that_are_near_their_limits(percent: str) -> None:
    assert said(TOP.format(p=percent)) == [
        "quay-1 uses 97 % of what it has",
        "quay-2 uses 95 % of what it has",
    ]


def test_rows_like_those_of_top_without_its_header() -> None:
    assert inspect("".join(TOP.splitlines(keepends=True)[1:])) == ()
    assert inspect("NAME   CPU(cores)   MEMORY(bytes)\nferry  990m         900Mi\n") == ()


DIFF = """\
diff --git a/deploy/ferry.yaml b/deploy/ferry.yaml
index 7f1c2aa..91b0e3d 100644
--- a/deploy/ferry.yaml
+++ b/deploy/ferry.yaml
@@ -11,7 +11,7 @@ spec:
     env:
-      - POOL_SIZE: 40
+      - POOL_SIZE: 4
     ports:
-      - 9090
@@ -31,2 +31,3 @@ spec:
   labels:
+    tier: inner
"""


def test_what_a_change_did() -> None:
    assert [(note.line, note.text, note.kind) for note in inspect(DIFF)] == [
        ("+      - POOL_SIZE: 4", "changed - POOL_SIZE: 40 to - POOL_SIZE: 4", "diff"),
        ("-      - 9090", "removed - 9090", "diff"),
        ("+    tier: inner", "added tier: inner", "diff"),
    ]


def test_a_file_without_a_line_end_and_the_end_of_a_mail() -> None:
    text = "@@ -1 +1 @@\n-pool: 40\n\\ No newline at end of file\n+pool: 4\n-}\n+{\n-- \n2.47.1\n"
    assert said(text) == ["changed pool: 40 to pool: 4"]


@pytest.mark.parametrize(
    "text",
    [
        "- first point\n+ second point\n- third point",
        "--- a/ferry.yaml\n+++ b/ferry.yaml\n",
        "@@ -1,2 +1,2 @@\n unchanged\n also unchanged\n",
        "see @@ -1 +1 @@ above\n-gone\n",
    ],
)
def test_what_is_no_diff_or_changes_nothing(text: str) -> None:
    assert inspect(text) == ()


def test_no_more_than_six_lines_of_a_change_and_twenty_notes() -> None:
    assert len(inspect("@@ -1 +1 @@\n" + "".join(f"+line {n}\n" for n in range(30)))) == 6
    rows = "".join(f"ferry-{n}  0/1  Error  2  5m\n" for n in range(40))
    assert len(inspect(rows)) == 20


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 300_000,
        "Name: a\n" + "\n" * 300_000,
        "Name: a\n" * 40_000,
        "Name: a\n" + "<unknown>(" * 30_000,
        "Name: a OOMKilled\n" + " " * 300_000,
        "Name: a\nOOMKilled\nLimits:\n" + " a:\n" * 80_000,
        json.dumps({f"n{n}": {"top": [{"name": "a", "cpu": 1}]} for n in range(9_000)}),
        "x" * 400_001,
    ],
    ids=["lines", "named", "names", "unknown", "blanks", "limits", "lists", "too long"],
)
def test_large_dumps_come_back(text: str) -> None:
    """Returns at all: the suite's own time-out is the judge."""
    assert len(inspect(text)) <= 20


POD = described("f", KILLED, limits=LIMITS)
scraps = st.sampled_from(
    [*(PODS + POD + TOP + DIFF + PROBE).splitlines(), "Endpoints:  <none>", "\u2028", "\t"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
keys = st.sampled_from(["top", "hot", "name", "sql", "cpu", "load", "wait_events", "id", "é"])
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(scraps | st.text(max_size=30), max_size=12).map("\n".join))
def test_every_note_of_any_text_has_its_line_in_it(text: str) -> None:
    assert [note.line for note in inspect(text) if not note.line or note.line not in text] == []


@settings(deadline=None, max_examples=60)
@given(documents, st.sampled_from([None, 2]), st.booleans())
def test_every_note_of_any_json_has_its_line_in_it(
    document: object, indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)
    assert [note.line for note in inspect(text) if not note.line or note.line not in text] == []
