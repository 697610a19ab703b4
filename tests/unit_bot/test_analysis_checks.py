"""The checks of one line: quotations, times, figures, names; and what looks like something else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.analysis import claims, quotations
from bot.analysis.analyst import prepare
from bot.analysis.clocks import dates_in, moments_in
from bot.analysis.evidence import Evidence
from bot.analysis.ground import Ground
from bot.analysis.lookalikes import seen
from bot.analysis.names import names_in
from bot.analysis.neutral import neutral
from bot.analysis.report import Confidence, Report, Statement
from bot.analysis.unverified import unverified
from bot.incident import Incident, Message
from bot.slack.report_markdown import report_markdown

START = 1767268800
"""2026-01-01T12:00:00Z"""
ITEMS = (
    Evidence(
        "E1",
        'ERROR pool "orders-db" exhausted:\n  30 of 30 connections busy for 1,500 ms',
        "ann",
        at=START + 32 * 60,
    ),
    Evidence("E2", '{"msg": "quota \\"gold\\" of 5 GB used\\nretry"}', "bot", "app.log"),
    Evidence("E3", "At 14:32 JST (5 Jan) the error rate was 98.7 % on cart-api v4.2.1", "cleo"),
    Evidence("E4", "ディスク容量が不足しています", "田中"),
)
GROUND = Ground(ITEMS, said=["why is billing-worker slow?"])


@pytest.mark.parametrize(
    ("span", "id_", "stands"),
    [
        ('pool "orders-db" exhausted', "E1", True),
        ("pool “orders-db” exhausted", "E1", True),
        ("exhausted: 30 of 30 connections", "E1", True),
        ("exhausted:   30 of\t30", "E1", True),
        ("pool … connections busy", "E1", True),
        ("pool ... 30 of 30 ... busy", "E1", True),
        ("pool [...] busy for 1,500 ms.", "E1", True),
        ("connections busy … pool", "E1", False),
        ("31 of 30 connections", "E1", False),
        ('quota "gold" of 5 GB used', "E2", True),
        ('quota \\"gold\\" of 5 GB used\\nretry', "E2", True),
        ("…", "E1", False),
        ("ディスク容量が不足", "E4", True),
        ("ディスク容量が十分", "E4", False),
    ],
)
def test_quotations_are_compared_as_they_are_read(span: str, id_: str, stands: bool) -> None:
    assert quotations.occurs(span, GROUND.plain(id_)) is stands


@pytest.mark.parametrize(
    ("line", "text", "misquoted", "names"),
    [
        ('It says "30 of 30 connections busy"', 'It says "30 of 30 connections busy"', False, ()),
        ('It says "all disks are on fire"', "It says all disks are on fire", True, ()),
        ("It says “all disks are on fire”", "It says all disks are on fire", True, ()),
        ("It says ‘all disks are on fire’", "It says all disks are on fire", True, ()),
        ("Er sagt „alle Platten brennen“", "Er sagt alle Platten brennen", True, ()),
        ("「ディスクは全部燃えています」と", "ディスクは全部燃えていますと", True, ()),
        ('the "fix" was wrong', "the fix was wrong", False, ()),
        ("`pool ghost exhausted` was logged", "pool ghost exhausted was logged", True, ()),
        ("`orders-db` is full", "`orders-db` is full", False, ()),
        ("`ghost-db` is full", "`ghost-db` is full", False, ("ghost-db",)),
        ("it's ann's and ben's", "it's ann's and ben's", False, ()),
    ],
)
def test_a_false_quotation_loses_its_marks(
    line: str, text: str, misquoted: bool, names: tuple[str, ...]
) -> None:
    found = quotations.check(line, [GROUND.plain("E1")])
    assert (found.text, found.is_misquoted, found.names) == (text, misquoted, names)


@pytest.mark.parametrize(
    ("line", "ids", "flags"),
    [
        ("It began at 12:32", ["E1"], ()),
        ("It began at 12:32:45 UTC", ["E1"], ()),
        ("It began at 21:32 JST", ["E1"], ()),
        ("It began at 12:34", ["E1"], ("12:34",)),
        ("It began at 12:32", ["E2"], ("12:32",)),
        ("It began at 14:32", ["E3"], ()),
        ("It began at 05:32Z", ["E3"], ()),
        ("It began at 5:32 am UTC, on 5 January", ["E3"], ()),
        ("It began on January 7", ["E3"], ("January 7",)),
        ("It began on 2026-01-01", ["E1"], ()),
        ("It began on 2025-12-24", ["E1"], ("2025-12-24",)),
        ("14時32分に始まった", ["E3"], ()),
        ("15時10分に始まった", ["E3"], ("15時10分",)),
        ("98.7% failed", ["E3"], ()),
        ("99 % failed", ["E3"], ()),
        ("97% failed", ["E3"], ("97%",)),
        ("busy for 1.5 ms", ["E1"], ()),
        ("busy for 1500 ms", ["E1"], ()),
        ("busy for 800 ms", ["E1"], ("800 ms",)),
        ("it used 5 GB, 5120 MB", ["E2"], ()),
        ("it used 7GB", ["E2"], ("7GB",)),
        ("about 7 minutes later, in 3 steps", ["E2"], ()),
        ("cart-api v4.2.1 and orders-db failed", ["E1"], ()),
        ("Cart-API failed", ["E1"], ()),
        ("billing-worker is slow", ["E1"], ()),
        ("ghost-api v9.9.9 failed on 10.0.0.7", ["E1"], ("ghost-api", "v9.9.9", "10.0.0.7")),
        ("a_b c_d e_f g_h", ["E1"], ("a_b", "c_d", "e_f")),
    ],
)
def test_what_is_not_in_the_cited_evidence_is_flagged(
    line: str, ids: list[str], flags: tuple[str, ...]
) -> None:
    assert unverified(line, ids, GROUND) == flags


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("It failed from 12:00 to 13:30", ()),
        ("It failed from 11:59:10 to 13:31", ()),
        ("It failed at 12:47:11, 21:47 JST", ()),
        ("It failed at 11:50 and at 13:40", ("11:50", "13:40")),
        ("It failed at 21:47", ("21:47",)),
        ("It failed on 1 January", ()),
        ("It failed on January 4", ("January 4",)),
    ],
)
def test_a_time_between_the_first_and_the_last_line_of_a_kind_is_known(
    line: str, flags: tuple[str, ...]
) -> None:
    folded = Evidence("E1", "call failed", "ann", at=START, count=9)
    # A storm of alerts has no time of its first one but its own.
    for first_at in (START, None):
        ground = Ground([replace(folded, first_at=first_at, last_at=START + 5_400.0)])
        assert unverified(line, ["E1"], ground) == flags
    for days in (2, 5_000):
        ground = Ground([replace(folded, first_at=START, last_at=START + 86_400.0 * days)])
        assert not set(unverified("11:50, 13:40 on January 3", ["E1"], ground))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The read-only, half-open, out-of-memory PostgreSQL node-level state", []),
        ("p99 rose 3x in 30s, HTTP/2 gave 5xx on ipv4", []),
        ("the app's CrashLoopBackOff in pod web-7f9c", ["CrashLoopBackOff", "web-7f9c"]),
        ("orders-api, db.internal.local and java.lang.Error", None),
        ("NullPointerException at OrderService.java", None),
        ("us-east-1 and v2 and 1.2.3 and 4.2", ["us-east-1", "v2", "1.2.3"]),
        ("deploy/cart-api at max_connections", ["cart-api", "max_connections"]),
    ],
)
def test_names(text: str, names: list[str] | None) -> None:
    found = list(names_in(text))
    assert found == names if names is not None else len(found) >= 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00", (0.0,)),
        ("23:59:30Z", (86_370.0, 86_370.0)),
        ("12:00 pm", (43_200.0,)),
        ("12:00 am", (0.0,)),
        ("09:00 JST", (32_400.0, 0.0)),
        ("09:00+05:30", (32_400.0, 12_600.0)),
        ("09:00 UTC+2", (32_400.0, 25_200.0)),
        ("14시 5분", (50_700.0,)),
    ],
)
def test_clock_times(text: str, seconds: tuple[float, ...]) -> None:
    assert [meant for _, meant in moments_in(f"at {text}, it began")] == [seconds]


def test_dates_and_what_is_none() -> None:
    assert [day for _, day in dates_in("2026-01-05, 5月6日, Jan 7, 8th of May, 9 March")] == [
        (1, 5),
        (5, 6),
        (1, 7),
        (3, 9),
    ]
    assert moments_in("ratio 4:75, port 10.0.0.1:80, id a12:30b") == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\u200bb\u202ec\U000e0041d", "abcd"),
        ("＠ｈｅｒｅ：ｘ！", "@here：x！"),
        ("&lt;b&gt; &amp;amp; AT&T &region", "<b> & AT&T &region"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\\u003cb\\u003e", "<b>"),
    ],
)
def test_what_a_reader_sees(text: str, plain: str) -> None:
    assert seen(text) == plain


@pytest.mark.parametrize(
    ("text", "allowed", "shown"),
    [
        ("see api.shop.com now", ["api.shop.com failed"], "see `api.shop.com` now"),
        ("see `api.shop.com` now", [], "see `api.shop.com` now"),
        ("see api.shop.com now", [], "see (link removed) now"),
        ("ask ann@db1 or @ann", [], "ask ann@db1 or ann"),
        ("see main.py, values.yaml and v1.2.3", [], "see main.py, values.yaml and v1.2.3"),
        ("# Title", [], "Title"),
        ("> > quoted", [], "quoted"),
        ("- # Title", [], "Title"),
        ("- 1. ## Title", [], "Title"),
        ("1. of 3 nodes, + 5 %", [], "1. of 3 nodes, + 5 %"),
        ("call tel:+491511234567", [], "call (link removed)"),
        ("data: 5 GB, time: now", [], "data: 5 GB, time: now"),
        ("`` evil.com ` x", [], "`` (link removed) ` x"),
        ("a && b | c > d", [], "a && b | c > d"),
    ],
)
def test_neutral_lines(text: str, allowed: list[str], shown: str) -> None:
    assert neutral(text, allowed=allowed) == shown


INCIDENT = Incident(
    tuple(
        Message(f"{START + 60 * n}.0", "ann", text)
        for n, text in enumerate(
            [
                "Alert: checkout answers with errors",
                "Rolled out cart-api 4.2 at noon",
                "cart-api: connection pool exhausted after 30 seconds of waiting",
                "Rolled back, error rate is zero",
            ]
        )
    )
)
PREPARED = prepare(INCIDENT)


def examined(text: str) -> claims.Examined:
    return claims.examine(text, PREPARED.rules, PREPARED.judge)


def checked(text: str) -> Report:
    report = examined(text).report
    assert report is not None
    return report


def test_a_cause_with_a_name_that_nobody_wrote_is_not_supported_and_says_so() -> None:
    report = checked(
        "Verdict: cause\nConfidence: supported\n## Likely cause\nghost-api ate the pool [E3]\n"
    )
    assert report.cause.unverified == ("ghost-api",)
    assert report.confidence is Confidence.PLAUSIBLE
    assert "ghost-api ate the pool [E3] (not in the cited evidence: ghost-api)" in report_markdown(
        report
    )


def test_a_line_without_evidence_is_told_the_names_that_nobody_wrote() -> None:
    report = checked("## Likely cause\nPool [E3]\n## What changed\n- ghost-api at 03:14 and 9%\n")
    assert report.changes == (Statement("ghost-api at 03:14 and 9%", (), True, ("ghost-api",)),)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("The rollout of cart-api [E2]", "The rollout of cart-api"),
        ("12:01 UTC: the rollout of cart-api [E2]", "the rollout of cart-api"),
        ("2026-01-01 12:01 - the rollout [E2]", "the rollout"),
        ("The rollout of ghost-api [E2]", "ann: Rolled out cart-api 4.2 at noon"),
        ("It was at 07:07 [E2]", "ann: Rolled out cart-api 4.2 at noon"),
        ("word " * 60 + "[E2]", "ann: Rolled out cart-api 4.2 at noon"),
        ("[E2]", "ann: Rolled out cart-api 4.2 at noon"),
        ("password=hunter2-again [E2]", "ann: Rolled out cart-api 4.2 at noon"),
    ],
)
def test_a_moment_has_the_models_words_and_the_codes_time(line: str, text: str) -> None:
    report = checked(f"## Likely cause\nPool [E3]\n## Timeline\n- {line}\n")
    (entry,) = report.timeline
    assert (entry.at, entry.text, entry.evidence) == (START + 60.0, text, ("E2",))


def test_a_moment_on_two_items_has_both_as_they_are() -> None:
    report = checked("## Likely cause\nPool [E3]\n## Timeline\n- Rollout and back [E4] [E2]\n")
    assert [entry.evidence for entry in report.timeline] == [("E2",), ("E4",)]
    assert not any("Rollout and back" in entry.text for entry in report.timeline)


words = st.sampled_from(
    ["the pool", "cart-api", "12:02", "30 seconds", "it", "a\nb", "`x`", '"', "**", "\n", " "]
)
live = st.sampled_from(
    [
        *("<!channel>", "<@U1>", "<#C1|x>", "<!subteam^S1|@sre>", "@here", "@", "＠channel"),
        *("[x](http://e.io/a)", "![a](b)", "<http://e.io|x>", "[a][b]", "[b]: http://e.io", "]("),
        *("http://", "https://e.io/?q=", "www.e.io", "e.io/x", "evil.com", "xn--a.com", "mailto:a"),
        *("&lt;", "&#64;here", "&amp;", "\u200b", "\u202e", "\ufeff", "\\u003c", "\x1b[0m", "ht"),
        *("<", ">", "[", "]", "(", ")", "!", "|", "`", "``", "```", "#", "\\", "tps://", "<b>"),
    ]
)
grammar = st.sampled_from(
    [
        *(
            "[E1]",
            "[E99]",
            "E99",
            "(E2)",
            "## Likely cause\n",
            "## Next checks\n- ",
            "## Missing\n",
        ),
        *(
            "Verdict: cause\n",
            "Confidence: supported\n",
            "\n- ",
            "## Timeline\n- ",
            "**Summary**\n",
        ),
    ]
)
hostile = st.lists(st.one_of(st.text(max_size=20), words, live, grammar), max_size=30)
LIVE = re.compile(
    r"<[!@#a-z/]|@(?:channel|here|everyone)\b|https?:/|\]\(|!\[|\]\[|www\.\w|mailto:\S|(?<![\w-])tel:\S"
    r"|[\u200b-\u200f\u202a-\u202e\u2060-\u206f]|(?<![\w/-])E99(?![\w/-])",
    re.IGNORECASE,
)
CODE = re.compile(r"(?<!`)(`{1,3})[^`\n]+\1(?!`)")
# "evil.com-x" and "evil.com.example" are other hosts, with no ending that makes a link.
BARE = re.compile(
    r"(?<![\w@./-])(?:(?:evil|xn--a)\.com|e\.io)(?![-_]{0,63}[^\W_])(?!\.[^\W\d_]{2})",
    re.IGNORECASE,
)


def unmarked(text: str) -> str:
    return " ".join(re.sub('["`“”„«»「」『』]', "", text).split())


def shown(report: Report) -> list[Statement]:
    parts = (report.summary, report.changes, report.hypotheses, report.next_checks, report.gaps)
    return [report.cause, *(statement for part in parts for statement in part)]


@settings(max_examples=300, deadline=None)
@given(hostile)
@example(["EVIL.COM", "-"])
@example(["evil.com", "_ and __e.io--"])
@example(["evil.com", ".0 and evil.com", ".a"])
def test_whatever_a_model_writes_nothing_of_it_is_live(parts: list[str]) -> None:
    report = examined("## Likely cause\nIt broke [E1] " + "".join(parts)).report
    if report is None:
        return
    known = {item.id for item in report.evidence}
    texts = [statement.text for statement in shown(report)]
    for text in [*texts, *(entry.text for entry in report.timeline)]:
        assert not LIVE.search(text), text
        assert not BARE.search(CODE.sub("", text)), text
    assert all(set(statement.evidence) <= known for statement in shown(report))
    assert all(set(entry.evidence) <= known for entry in report.timeline)


@settings(max_examples=200, deadline=None)
@given(hostile)
def test_what_was_checked_once_stands_when_it_is_checked_again(parts: list[str]) -> None:
    report = examined("## Likely cause\nIt broke [E1] " + "".join(parts)).report
    if report is None:
        return
    cause = report.cause
    again = examined(
        f"## Likely cause\n{cause.text} {''.join(f'[{name}]' for name in cause.evidence)}\n"
    ).report
    assert again is not None
    # What was made harmless inside of its marks is no longer what was quoted.
    assert unmarked(again.cause.text) == unmarked(cause.text)
    assert again.cause.evidence == cause.evidence


@settings(max_examples=200, deadline=None)
@given(hostile, st.integers(0, 400))
def test_a_draft_shows_no_line_that_the_whole_answer_would_not(parts: list[str], cut: int) -> None:
    """Complete lines only: what they say is the same whatever follows."""
    text = "## Likely cause\nIt broke [E1]\n" + "".join(parts) + "\n"
    head = text[: text.rfind("\n", 0, cut) + 1]
    draft, whole = examined(head).report, examined(text).report
    if draft is None:
        return
    assert whole is not None
    for name in ("summary", "changes", "hypotheses", "next_checks", "gaps"):
        told = getattr(draft, name)
        assert told == getattr(whole, name)[: len(told)]
    assert whole.cause.text.startswith(draft.cause.text.rstrip("…")[:200])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=20), live), max_size=20).map("".join))
def test_a_neutral_line_stays_as_it_is(text: str) -> None:
    once = neutral(text)
    assert neutral(once) == once
    assert not LIVE.search(once.replace("E99", ""))
