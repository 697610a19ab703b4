"""What alerting products send and write, read as alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.analysis.alerts import Alert, alerts_in
from bot.analysis.alerts.shapes import shapes
from bot.analysis.alerts.words import labels_of, state_of, time_of

SHARED = Path(__file__).parents[3] / "shared" / "payloads" / "alerts"
AT = 1767268800.0  # 2026-01-01T12:00:00Z
ISO = "2026-01-01T12:00:00Z"
LATER = "2026-01-01T12:30:00Z"

ALERTMANAGER = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "QueueFull", "severity": "page", "pod": "mail-1"},
            "startsAt": ISO,
            "endsAt": "0001-01-01T00:00:00Z",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "QueueFull", "severity": "page", "pod": "mail-2"},
            "startsAt": ISO,
            "endsAt": LATER,
        },
    ],
}
CLOUDWATCH = {
    "AlarmName": "orders-5xx",
    "NewStateValue": "ALARM",
    "StateChangeTime": "2026-01-01T12:00:00.000+0000",
    "Trigger": {"MetricName": "5XX", "Dimensions": [{"name": "ApiName", "value": "orders"}]},
}
PAGERDUTY = {
    "event": {
        "event_type": "incident.resolved",
        "occurred_at": LATER,
        "data": {
            "number": 12,
            "title": "orders are slow",
            "urgency": "high",
            "created_at": ISO,
            "service": {"summary": "orders"},
        },
    }
}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            ALERTMANAGER,
            [
                ("alertmanager", "QueueFull", "firing", "critical", AT, None),
                ("alertmanager", "QueueFull", "resolved", "critical", AT, AT + 1800),
            ],
        ),
        (
            {**ALERTMANAGER, "orgId": 1, "alerts": ALERTMANAGER["alerts"][:1]},  # type: ignore[index]
            [("grafana", "QueueFull", "firing", "critical", AT, None)],
        ),
        (
            {"data": {"alerts": [{"labels": {"alertname": "A"}, "state": "firing"}]}},
            [("alertmanager", "A", "firing", "", None, None)],
        ),
        (
            [{"labels": {"alertname": "A"}, "startsAt": ISO, "status": {"state": "active"}}],
            [("alertmanager", "A", "firing", "", AT, None)],
        ),
        (CLOUDWATCH, [("cloudwatch", "orders-5xx", "firing", "", AT, None)]),
        (
            {"Type": "Notification", "Message": json.dumps({**CLOUDWATCH, "NewStateValue": "OK"})},
            [("cloudwatch", "orders-5xx", "resolved", "", AT, AT)],
        ),
        (
            {"Records": [{"Sns": {"Message": json.dumps(CLOUDWATCH)}}]},
            [("cloudwatch", "orders-5xx", "firing", "", AT, None)],
        ),
        (
            {"detail": {"alarmName": "a", "state": {"value": "INSUFFICIENT_DATA"}}},
            [("cloudwatch", "a", "unknown", "", None, None)],
        ),
        (PAGERDUTY, [("pagerduty", "orders are slow", "resolved", "error", AT, AT + 1800)]),
        (
            {
                "event_action": "trigger",
                "payload": {"summary": "disk", "severity": "warning", "timestamp": ISO},
            },
            [("pagerduty", "disk", "firing", "warning", AT, None)],
        ),
        (
            {"messages": [{"event": "incident.acknowledge", "incident": {"title": "disk"}}]},
            [("pagerduty", "disk", "firing", "", None, None)],
        ),
        (
            {
                "incident": {
                    "policy_name": "p",
                    "condition_name": "CPU > 90",
                    "state": "closed",
                    "started_at": AT,
                    "ended_at": AT + 60,
                }
            },
            [("gcp", "CPU > 90", "resolved", "", AT, AT + 60)],
        ),
        (
            {
                "action": "created",
                "data": {"issue": {"title": "KeyError", "level": "error", "firstSeen": ISO}},
            },
            [("sentry", "KeyError", "firing", "error", AT, None)],
        ),
        (
            {"action": "resolved", "data": {"metric_alert": {"title": "Too slow"}}},
            [("sentry", "Too slow", "resolved", "resolved", None, None)],
        ),
        (
            {
                "action": "Close",
                "alert": {
                    "message": "queue",
                    "alertId": "x",
                    "priority": "P1",
                    "createdAt": int(AT * 1000),
                },
            },
            [("opsgenie", "queue", "resolved", "critical", AT, None)],
        ),
        (
            {"title": "[Triggered on {host:web-1}] CPU", "event_type": "x", "org": {"id": 1}},
            [("datadog", "CPU", "firing", "", None, None)],
        ),
        (
            {"alert_transition": "Recovered", "alert_title": "CPU", "date": int(AT * 1000)},
            [("datadog", "CPU", "resolved", "", AT, AT)],
        ),
        (
            {"data": {"essentials": {"alertRule": "a", "monitorCondition": "Resolved"}}},
            [("azure", "a", "resolved", "", None, None)],
        ),
        (
            {"ruleName": "p99", "state": "alerting"},
            [("grafana", "p99", "firing", "", None, None)],
        ),
        (
            {"check_name": "ping", "status": "DOWN", "severity": "high"},
            [("", "ping", "firing", "error", None, None)],
        ),
    ],
)
def test_payloads(payload: Any, expected: list[tuple[Any, ...]]) -> None:
    found = [
        (one.vendor, one.name, one.state, one.severity, one.started_at, one.ended_at)
        for one in alerts_in(json.dumps(payload))
    ]
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "{broken",
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        '{"kind": "Pod", "metadata": {"name": "a", "labels": {"app": "a"}}, "status": {}}',
        '{"level": "error", "msg": "state", "name": "app", "status": 500}',
        '{"alerts": "none", "Message": 5, "incident": null, "alert": []}',
        '{"alerts": [3, null, {"labels": {}}]}',
        '{"check_name": "ping", "status": "no idea"}',
    ],
)
def test_what_is_no_payload(text: str) -> None:
    assert alerts_in(text) == ()


@pytest.mark.parametrize(
    "wrapped",
    [
        "{}",
        "the webhook sent this:\n```json\n{}\n```\nany idea?",
        "```{}```",
        "payload: {} (from the log)",
        "{}\n{}",
    ],
)
def test_a_payload_is_found_where_people_paste_it(wrapped: str) -> None:
    found = alerts_in(wrapped.replace("{}", json.dumps(CLOUDWATCH, indent=1)))
    assert {alert.name for alert in found} == {"orders-5xx"}
    assert len(found) == wrapped.count("{}")


@pytest.mark.parametrize(
    ("author", "text", "vendor", "name", "state"),
    [
        (
            "Alertmanager",
            "[FIRING:2] QueueFull (eu page)",
            "alertmanager",
            "QueueFull",
            "firing",
        ),
        ("Alertmanager", "[RESOLVED] QueueFull mail", "alertmanager", "QueueFull", "resolved"),
        ("Grafana", "[FIRING:1, RESOLVED:2] p99 is high", "grafana", "p99 is high", "firing"),
        ("bot", "[Alerting] p99 is high", "alertmanager", "p99 is high", "firing"),
        ("AWS", 'ALARM: "orders-5xx" in EU (Ireland)', "cloudwatch", "orders-5xx", "firing"),
        ("AWS", 'OK: "orders-5xx" in EU (Ireland)', "cloudwatch", "orders-5xx", "resolved"),
        (
            "AWS",
            ":rotating_light: *CloudWatch Alarm | orders-5xx | eu-west-1 | Account: 1*\nState: OK",
            "cloudwatch",
            "orders-5xx",
            "resolved",
        ),
        ("Datadog", "Triggered: CPU is high", "datadog", "CPU is high", "firing"),
        ("Datadog", "[P2] [Recovered on {host:a}] CPU", "datadog", "CPU", "resolved"),
        ("Datadog", "Re-Triggered: CPU on host:a,env:b", "datadog", "CPU", "firing"),
        ("PagerDuty", "Triggered #12: queue", "pagerduty", "queue", "firing"),
        (
            "PagerDuty",
            "*Resolved* [#12: queue](https://x.example/a)",
            "pagerduty",
            "queue",
            "resolved",
        ),
        ("PagerDuty", "#12 acknowledged by Ann: queue", "pagerduty", "queue", "firing"),
        ("PagerDuty", "[#12] queue\nStatus: Triggered", "pagerduty", "queue", "firing"),
        ("Opsgenie", "New alert: #12: queue", "opsgenie", "queue", "unknown"),
        (
            "Sentry",
            ":red_circle: [*KeyError*](https://x.example/i)\nState: *New*",
            "sentry",
            "KeyError",
            "firing",
        ),
        ("Zabbix", "Problem: disk is full", "zabbix", "disk is full", "firing"),
        ("Zabbix", "Resolved in 1h 2m: disk is full", "zabbix", "disk is full", "resolved"),
        (
            "Nagios",
            "** PROBLEM Service Alert: db/Disk is CRITICAL **",
            "nagios",
            "db/Disk",
            "firing",
        ),
        ("Pingdom", "api is UP.", "pingdom", "api", "resolved"),
        ("checks", "db-1 - DOWN -> UP", "", "db-1", "resolved"),
        ("checks", "QueueFull recovers and starts", "", "QueueFull", "firing"),
        ("checks", "Alert resolved: QueueFull", "", "QueueFull", "resolved"),
        ("checks", "something\nalertname: QueueFull\nstate: alerting", "", "QueueFull", "firing"),
    ],
)
def test_what_bots_write(author: str, text: str, vendor: str, name: str, state: str) -> None:
    (found,) = alerts_in(text, author)
    assert (found.vendor, found.name, found.state) == (vendor, name, state)


@pytest.mark.parametrize(
    "text",
    [
        "Incident opened: orders are slow",
        "deployed web 1.2.3 to production",
        "I think it is resolved",
        "this is resolved",
        "2026-01-01 12:00:00 ERROR: db is DOWN",
        "",
        "see #12 for more",
    ],
)
def test_what_is_no_alert(text: str) -> None:
    assert alerts_in(text, "a bot") == ()


def test_people_who_speak_of_alerts_raise_none() -> None:
    assert alerts_in("[FIRING:2] QueueFull") == ()


def test_the_colour_tells_the_state_where_no_word_does() -> None:
    text = "CloudWatch Alarm | orders-5xx | eu-west-1 | Account: 1"
    assert [alerts_in(text, "AWS", tone)[0].state for tone in ("bad", "good", "")] == [
        "firing",
        "resolved",
        "unknown",
    ]


def test_labels_stand_below_the_title() -> None:
    text = "[FIRING:1] DiskFull (db page)\n*instance:* `db-3:9100`\nSee https://x.example/a?b=c"
    (found,) = alerts_in(text, "Alertmanager")
    assert found.labels == (("instance", "db-3:9100"), ("values", "db page"))
    assert found.severity == "critical"
    assert found.places == (("instance", "db-3:9100"),)


def test_several_alerts_in_one_message() -> None:
    listed = "Labels:\n - alertname = Disk\n - instance = {}\nAnnotations:\n"
    text = "[FIRING:2] Disk\n**Firing**\nValue: A=1\n" + listed.format("a") + listed.format("b")
    found = alerts_in(text + "**Resolved**\n" + listed.format("c"), "Grafana")
    assert [(one.state, one.places[0][1]) for one in found] == [
        ("firing", "a"),
        ("firing", "b"),
        ("resolved", "c"),
    ]
    two = alerts_in("[FIRING:1] DiskFull\n[FIRING:1] QueueFull\nthis is DOWN", "bot")
    assert [one.name for one in two] == ["DiskFull", "QueueFull"]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (("pod", "a"), ("pod", "b"), True),
        (("instance", "a:1"), ("instance", "b:1"), True),
        (("namespace", "a"), ("namespace", "b"), False),
        (("job", "mail-5d98ffcfd-tz4nc"), ("job", "mail-76897854c-cw5wh"), True),
        (("shard", "db-1"), ("shard", "db-2"), False),
    ],
)
def test_a_fingerprint_leaves_out_where_and_when(
    one: tuple[str, str], other: tuple[str, str], is_same: bool
) -> None:
    first = Alert("Disk is 91% full", "firing", labels=(one,), started_at=AT)
    second = Alert("disk  is 97% full", "resolved", labels=(other,), ended_at=AT)
    assert (first.fingerprint == second.fingerprint) is is_same


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ({"a": 1, "b": "x", "c": ["no"], "d": ""}, (("a", "1"), ("b", "x"))),
        ([["b", "2"], ["a", "1"]], (("a", "1"), ("b", "2"))),
        (
            [{"key": "a", "value": {"stringValue": "1"}}, {"name": "b", "value": 2}, 3],
            (("a", "1"), ("b", "2")),
        ),
        (["a:1", "plain"], (("a", "1"),)),
        ("a:1, b:2", (("a", "1"), ("b", "2"))),
        (None, ()),
    ],
)
def test_labels_in_every_form(value: Any, labels: tuple[tuple[str, str], ...]) -> None:
    assert labels_of(value) == labels


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (AT, AT),
        (int(AT * 1000), AT),
        (str(AT), AT),
        (ISO, AT),
        (0, None),
        (None, None),
        ("x", None),
    ],
)
def test_times_in_every_form(value: Any, at: float | None) -> None:
    assert time_of(value) == at


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ALARM", "firing"),
        ("No data", "firing"),
        ("incident.acknowledged", "firing"),
        ("Manually resolved", "resolved"),
        ("alert.resolved", "resolved"),
        ("INSUFFICIENT_DATA", "unknown"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_words_for_states(word: Any, state: str) -> None:
    assert state_of(word) == state


def test_every_shape_can_find_a_name_and_only_the_last_is_for_any() -> None:
    assert all(shape.name for shape in shapes())
    assert [shape.is_for_any for shape in shapes()].index(True) == len(shapes()) - 1


@pytest.mark.parametrize(
    "text",
    [
        "[" * 400,
        "[a" * 200 + "](http://x" * 30,
        "#1 " * 4_000,
        "a:b, " * 4_000,
        "x on " + "a:b," * 500,
        "{[" * 9_000,
        '{"' * 3_000,
        "x" * 200_000 + " is DOWN",
        "[FIRING:1] " + "(" * 300 + ")" * 300,
    ],
)
def test_hostile_texts_end_and_what_they_give_is_short(text: str) -> None:
    # A pattern that blows up would never come to the assertion.
    found = alerts_in("\n".join([text] * 20), "Datadog")
    assert all(len(alert.name) <= 400 for alert in found)
    assert len(found) <= 100


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared incidents are not here")
def test_recorded_payloads_are_alerts_with_a_name() -> None:
    found = {path.name: alerts_in(path.read_text()) for path in SHARED.glob("*.json")}
    assert [name for name, alerts in found.items() if len(alerts) != 1] == []
    states = {name: alerts[0].state for name, alerts in found.items()}
    assert [name for name in states if states[name] == "resolved"] == [
        name
        for name in states
        if name.startswith(("checkmk", "dash0", "libre_nms", "opensre", "signalfx"))
    ]
    by_vendor = ("cloudwatch", "datadog", "grafana", "sentry", "signalfx", "checkmk", "coralogix")
    for vendor in by_vendor:
        of_it = [alerts[0] for name, alerts in found.items() if name.startswith(vendor)]
        assert of_it
        assert {alert.vendor for alert in of_it} == {vendor}
