"""Sentences, with the line that each stands in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.sentences import SPAN_CHARS, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It broke. We looked.", ["It broke.", "We looked."]),
        ("壊れた。原因は不明。", ["壊れた。", "原因は不明。"]),
        ("Root cause found. The lease expired.", ["Root cause found. The lease expired."]),
        ("原因特定。リース切れだった。", ["原因特定。リース切れだった。"]),
        ("v1.2 of app.core failed", ["v1.2 of app.core failed"]),
        ("mail waits here. the relay is old. ok", ["mail waits here.", "the relay is old.", "ok"]),
        ("i think that was me. i ran it", ["i think that was me. i ran it"]),
        ("see e.g. the relay vs. the proxy", ["see e.g. the relay vs. the proxy"]),
        ("it took 5. then 6 s", ["it took 5. then 6 s"]),
        ("- first point\n- second point", ["- first point", "- second point"]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, found: list[str]) -> None:
    assert [sentence for sentence, _ in sentences(text)] == found


def test_a_reason_deep_in_a_long_line_is_a_sentence() -> None:
    line = (
        'Could not index event {:status=>400, :action=>["index", {:_id=>nil, :_index=>"app"}], '
        + '"sku"=>{"qty"=>2}, ' * 8
        + '"error"=>{"type"=>"illegal", "reason"=>"Limit of fields [1000] exceeded"}}'
    )
    assert sentences(line) == (
        ("Could not index event", line),
        ("Limit of fields [1000] exceeded", line),
    )


def test_a_sentence_broken_at_a_margin_is_whole_and_knows_its_lines() -> None:
    first = "The mail relay was replaced at noon. After that the new relay"
    second = "refused every message from the billing service because of its sender."
    found = list(sentences(f"{first}\n{second}"))
    assert found[0] == ("The mail relay was replaced at noon.", first)
    assert found[1] == (f"After that the new relay {second}", f"{first}\n{second}")


def test_lines_of_a_log_stay_alone() -> None:
    text = "2026-01-01 12:00:00 ERROR " + "x" * 60 + "\n2026-01-01 12:00:01 INFO next"
    assert len(list(sentences(text))) == 2


def test_a_span_of_lines_is_no_longer_than_a_quote() -> None:
    lines = [
        f"and part {n} of what was said about the relay goes on here for long" for n in range(9)
    ]
    (found,) = sentences("\n".join(lines))
    assert len(found[0]) > SPAN_CHARS
    assert 60 < len(found[1]) <= SPAN_CHARS


@given(st.text(max_size=400))
def test_every_span_stands_in_the_text(text: str) -> None:
    assert all(span in text for _, span in sentences(text))
