"""The timeline's modal: readable, linked, whole rows of CSV, and within what Slack takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.analysis.evidence import Evidence
from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.analysis.timeline_export import from_csv
from bot.slack.outgoing import VIEW_BLOCKS, AllowedLinks, safe_blocks
from bot.slack.timeline_blocks import timeline_view
from bot.workspace.modals import checked_view

NOON = 1767268800.0
LINK = "https://acme.slack.com/archives/C1/p1767268800000000"


def report(*items: Evidence) -> Report:
    return Report(Verdict.UNCLEAR, Statement("?"), Confidence.INSUFFICIENT, evidence=tuple(items))


def many(count: int, text: str) -> Report:
    return report(
        *(
            Evidence(f"E{n}", f"{n} {text}", "ann", at=NOON + n, permalink=LINK)
            for n in range(count)
        )
    )


def texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if not isinstance(value, dict):
        return []
    own = value.get("text")
    below = [text for item in value.values() for text in texts(item)]
    return ([own] if isinstance(own, str) else []) + below


def preformatted(view: dict[str, Any]) -> str:
    parts = [
        element["elements"][0]["text"]
        for block in view["blocks"]
        if block["type"] == "rich_text"
        for element in block["elements"]
        if element["type"] == "rich_text_preformatted"
    ]
    return "\n".join(parts)


def test_a_moment_is_told_with_its_time_kind_speaker_and_link():
    view = timeline_view(
        report(
            Evidence("E1", "deployed 2.14", "anna", at=NOON, permalink=LINK),
            Evidence("E2", "ERROR <!channel>", "log", "a.log", NOON + 60, count=7, level="error"),
            Evidence("E3", "no time", "ben"),
        )
    )
    said = "".join(texts(view))
    assert "2 moments, oldest first, in UTC, 2026-01-01" in said
    assert "12:00:00 change  anna: deployed 2.14  E1" in said
    assert "ERROR <!channel> (7 lines like it)" in said
    assert "no time" not in said
    rows = from_csv(preformatted(view) + "\n")
    assert [(row.evidence, row.kind, row.permalink) for row in rows] == [
        ("E1", "change", LINK),
        ("E2", "symptom", ""),
    ]


def test_two_days_are_told_apart():
    view = timeline_view(
        report(Evidence("E1", "a", "ann", at=NOON), Evidence("E2", "b", "", at=NOON + 86_400))
    )
    said = "".join(texts(view))
    assert "2026-01-01 12:00:00" in said
    assert "2026-01-02 12:00:00" in said


def test_nothing_with_a_time_is_said_to_be_so():
    assert "Nothing that was read has a time." in texts(timeline_view(report()))


@pytest.mark.parametrize("text", ["short", "word " * 70, "障害" * 150, "\U0001f525" * 150])
def test_however_much_there_is_the_view_is_one_that_slack_takes(text):
    view = timeline_view(many(900, text))
    blocks = safe_blocks(view["blocks"], AllowedLinks(frozenset()), VIEW_BLOCKS)
    assert blocks == [
        {**block, "elements": [{**e, "verbatim": True} for e in block["elements"]]}
        if block["type"] == "context"
        else {**block, "text": {**block["text"], "verbatim": True}}
        if block["type"] == "section"
        else block
        for block in view["blocks"]
    ]
    checked_view({**view, "blocks": blocks}, "modal")
    assert len(json.dumps(view)) < 250_000
    rows = from_csv(preformatted(view) + "\n")
    assert len(rows) > 50
    assert any("The 300 of 900 moments that say most" in text for text in texts(view))
    left = [text for text in texts(view) if "later ones are not shown here" in text]
    assert len(rows) == 300 or f"{300 - len(rows)} later ones are not shown here." in left
