"""The timeline: ordered, in UTC, every time one of the evidence, and the same after an export."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis import timeline, timeline_export
from bot.analysis.evidence import Evidence
from bot.analysis.moments import Kind, kind_of
from bot.analysis.report import TimelineEntry

NOON = 1767268800.0  # 2026-01-01T12:00:00Z

TEXTS = st.text(max_size=60) | st.sampled_from(
    ["=1+1", "+cmd", "-2", "@SUM(A1)", "'quoted", "＝1", " =1", "\t=1", 'a "b", c', "a|b [x](y)"]
)
ITEMS = st.lists(
    st.builds(
        Evidence,
        id=st.just(""),
        text=TEXTS,
        author=TEXTS,
        source=st.sampled_from(["message", "app.log", "=x.csv"]),
        at=st.none() | st.floats(allow_nan=True) | st.floats(NOON, NOON + 9e6),
        permalink=st.sampled_from(["", "https://acme.slack.com/archives/C1/p1"]),
        count=st.integers(1, 10_000),
        level=st.sampled_from(["", "info", "error"]),
        score=st.floats(-20, 20),
        first_at=st.none() | st.floats(NOON, NOON + 9e6),
        last_at=st.none() | st.floats(NOON, NOON + 9e6),
    ),
    max_size=40,
).map(lambda items: [replace(item, id=f"E{n}") for n, item in enumerate(items, 1)])


@given(ITEMS, st.integers(2, 30))
def test_every_moment_is_one_of_the_evidence_in_order_and_none_is_invented(items, most):
    known = {item.id: item for item in items}
    entries = timeline.whole(items, most)
    assert len(entries) <= most
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    for entry in entries:
        item = known[entry.evidence[0]]
        assert entry.at in (item.at, item.first_at, item.last_at)
    for entry in timeline.build(items):
        assert entry.at == known[entry.evidence[0]].at
    told = timeline_export.rows(entries, items)
    assert len(told) == len(entries)
    for row, entry in zip(told, entries, strict=True):
        moment = datetime.fromisoformat(row.time_utc)
        assert row.time_utc.endswith("Z")
        assert abs(moment.timestamp() - entry.at) < 0.0011
        assert row.kind in set(Kind)


@given(ITEMS)
def test_an_export_read_back_is_the_same(items):
    entries = timeline.whole(items)
    told = timeline_export.rows(entries, items)
    assert timeline_export.from_csv(timeline_export.as_csv(entries, items)) == told
    assert timeline_export.from_json(timeline_export.as_json(entries, items)) == told
    table = timeline_export.as_markdown(entries, items)
    assert len(table.splitlines()) == len(told) + 2


@given(ITEMS)
def test_no_cell_is_one_that_a_spreadsheet_runs(items):
    text = timeline_export.as_csv(timeline.whole(items), items)
    for cells in csv.reader(io.StringIO(text, newline="")):
        assert not [
            cell for cell in cells if cell.lstrip(" ").startswith(tuple("=+-@\t\r＝＋－＠"))
        ]


def test_an_entry_with_a_time_of_its_own_is_not_exported():
    item = Evidence("E1", "pool exhausted", "ben", at=NOON)
    said = (
        TimelineEntry(NOON, "a model's words for it", ("E1",)),
        TimelineEntry(NOON + 60, "a time that nobody told", ("E1",)),
        TimelineEntry(NOON, "of nothing we know", ("E7",)),
    )
    told = timeline_export.rows(said, [item])
    assert [(row.time_utc, row.text) for row in told] == [
        ("2026-01-01T12:00:00.000Z", "a model's words for it")
    ]


def test_the_columns_and_the_schema_are_what_programs_count_on():
    item = Evidence("E1", "=HYPERLINK(1)", "ben", "app.log", NOON, permalink="https://x", count=3)
    entries = timeline.whole([item])
    head, row = timeline_export.as_csv(entries, [item]).splitlines()
    assert head == "time_utc,kind,source,author,text,evidence,permalink,count,seen"
    assert row == "2026-01-01T12:00:00.000Z,log,app.log,ben,'=HYPERLINK(1),E1,https://x,3,"
    document = json.loads(timeline_export.as_json(entries, [item]))
    assert (document["schema"], document["timezone"]) == ("rca-timeline/1", "UTC")
    assert document["entries"][0]["count"] == 3
    del document["entries"][0]["seen"]
    assert timeline_export.from_json(json.dumps(document))[0].seen == ""
    with pytest.raises(ValueError, match="not rca-timeline/1"):
        timeline_export.from_json('{"schema": "rca-timeline/9", "entries": []}')


def test_the_table_shows_texts_and_runs_no_markup_of_theirs():
    link = "https://acme.slack.com/archives/C1/p1"
    item = Evidence("E1", "a | b [x](https://evil.example)", "ben", at=NOON, permalink=link)
    table = timeline_export.as_markdown(timeline.whole([item]), [item])
    assert r"ben | a \| b \[x\](https://evil.example) | [E1](" + link in table


def test_beyond_the_most_the_first_the_last_and_the_best_stay():
    items = [
        Evidence(f"E{n}", f"line {n}", "log", at=NOON + n, score=float(n == 50)) for n in range(100)
    ]
    entries = timeline.whole(items, 3)
    assert [entry.evidence for entry in entries] == [("E0",), ("E50",), ("E99",)]


def test_what_several_items_say_at_one_time_is_one_moment():
    items = [Evidence(f"E{n}", "Traceback\n line", "log", at=NOON) for n in range(3)]
    assert [entry.evidence for entry in timeline.whole(items)] == [("E0",)]


@pytest.mark.parametrize(("apart", "seen"), [(61.0, ["first", "last"]), (60.0, [""])])
def test_lines_that_were_folded_have_a_first_and_a_last_moment_where_they_are_apart(apart, seen):
    folded = Evidence(
        "E1", "no slots", "log", "app.log", NOON, count=3, first_at=NOON, last_at=NOON + apart
    )
    between = Evidence("E2", "restarted", "ben", at=NOON + 30)
    entries = timeline.whole([folded, between])
    told = timeline_export.rows(entries, [folded, between])
    assert [row.seen for row in told if row.evidence == "E1"] == seen
    assert [entry.at for entry in entries] == [NOON, NOON + 30, NOON + 61][: len(entries)]
    table = timeline_export.as_markdown(entries, [folded, between])
    assert ("no slots (last of 3 lines like it)" in table) is (len(seen) == 2)
    assert [entry.at for entry in timeline.build([folded])] == [NOON]


def test_a_kind_of_line_is_told_when_it_came_though_its_first_one_has_no_time():
    folded = Evidence("E1", "no slots", "log", count=3, first_at=NOON, last_at=NOON + 90)
    assert [entry.at for entry in timeline.whole([folded])] == [NOON, NOON + 90]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FIRING: checkout error rate 37 % (HTTP 500)", Kind.ALERT),
        ("RESOLVED: checkout error rate 0 %", Kind.RECOVERY),
        ("error rate is back to normal", Kind.RECOVERY),
        ("I deployed orders 2.14, it sets the pool size to 5", Kind.CHANGE),
        ("rolled back orders to 2.13", Kind.FIX),
        ("restarted the pods", Kind.FIX),
        ("connections time out since ten", Kind.SYMPTOM),
        ("deploy of orders failed", Kind.SYMPTOM),
        ("FATAL: remaining connection slots are reserved", Kind.SYMPTOM),
        ("I am looking", Kind.MESSAGE),
        ("支払いサービスをデプロイしました", Kind.CHANGE),
        ("アラート: 支払いの失敗率 30 %", Kind.ALERT),
        ("已回滚,服务恢复正常", Kind.RECOVERY),
    ],
)
def test_the_kind_of_a_message_is_told_by_its_words(text, kind):
    assert kind_of(Evidence("E1", text, "ben")) is kind


@pytest.mark.parametrize(
    ("text", "level", "kind"),
    [
        ("GET /orders 200 3ms", "info", Kind.LOG),
        ("ALERT level 3", "info", Kind.LOG),
        ("gave up", "error", Kind.SYMPTOM),
        ("deploy orders-api 3.4.2 -> 3.5.0 requested", "info", Kind.CHANGE),
    ],
)
def test_the_kind_of_a_log_line_is_told_by_its_level_too(text, level, kind):
    assert kind_of(Evidence("E1", text, "ann", "app.log", level=level)) is kind


def test_a_time_before_all_calendars_is_none():
    items = [Evidence("E1", "a", "ben", at=at) for at in (float("inf"), float("nan"), -1.0, 1e15)]
    assert timeline.whole(items) == ()
    assert timeline.build(items) == ()


def test_of_the_ids_that_were_chosen_the_first_twelve_are_told():
    items = [Evidence(f"E{n}", f"line {n}", "", at=NOON + n) for n in range(20)]
    chosen = timeline.build(items, {f"E{n}" for n in range(4, 8)})
    assert [entry.text for entry in chosen] == ["line 4", "line 5", "line 6", "line 7"]
