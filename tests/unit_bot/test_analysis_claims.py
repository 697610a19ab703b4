"""Nothing of a model's text passes that the evidence does not carry."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis import claims
from bot.analysis.analyst import prepare
from bot.analysis.markdown import parse, parse_line
from bot.analysis.neutral import neutral
from bot.analysis.report import Confidence, Coverage, Report, Statement, Verdict
from bot.incident import Incident, Message

START = 1767268800
PREPARED = prepare(
    Incident(
        tuple(
            Message(f"{START + 60 * n}.0", "ann", text)
            for n, text in enumerate(
                [
                    "Alert: checkout answers with errors",
                    "Rolled out cart-api 4.2 at noon, see https://ci.example.com/run/77",
                    "cart-api logs: connection pool exhausted after 30 seconds of waiting",
                    "Rolled back, error rate is zero",
                ]
            )
        )
    )
)
GOOD = """Verdict: cause
Confidence: supported
## Likely cause
cart-api 4.2 uses up its connection pool: "connection pool exhausted after 30 seconds" [E3]
## What is going on
- Checkout fails [E1]
## What changed
- cart-api 4.2 was rolled out [E2]
## Timeline
- [E2] [E3]
## Other hypotheses
- The database is slow [E3]
## Next checks
- `kubectl logs deploy/cart-api --since=1h`
## Missing
- Pool metrics
"""


BELIEVED = Report(
    Verdict.CAUSE,
    Statement("cart-api uses up its connection pool", ("E3",)),
    Confidence.SUPPORTED,
    evidence=PREPARED.evidence,
    coverage=Coverage(gaps=("cart.log: only its head was read",)),
)
"""What the rules answer to a further question: the earlier cause."""


def replied(text: str) -> claims.Examined:
    return claims.examine(text, BELIEVED, PREPARED.judge, whole=PREPARED.rules)


def checked(text: str) -> Report:
    report = claims.check(text, PREPARED.rules, PREPARED.judge)
    assert report is not None
    return report


def with_cause(line: str) -> Statement:
    return checked(f"Verdict: cause\nConfidence: supported\n## Likely cause\n{line}\n").cause


def test_a_good_answer_stands() -> None:
    report = checked(GOOD)
    assert (report.verdict, report.confidence) == (Verdict.CAUSE, Confidence.SUPPORTED)
    assert report.cause.evidence == ("E3",)
    assert not report.cause.unsupported
    assert report.removed == 0
    assert report.source == "model"
    assert [entry.evidence for entry in report.timeline] == [("E2",), ("E3",)]
    assert report.next_checks[0].text == "`kubectl logs deploy/cart-api --since=1h`"
    assert not report.next_checks[0].unsupported
    assert report.quotes == (
        "cart-api logs: connection pool exhausted after 30 seconds of waiting",
    )


def test_unknown_ids_are_removed_and_counted() -> None:
    report = checked(GOOD.replace("[E1]", "[E1, E77] [E99]"))
    assert report.summary[0].evidence == ("E1",)
    assert report.removed == 2


def test_a_line_of_fact_without_evidence_is_marked() -> None:
    report = checked(GOOD.replace("Checkout fails [E1]", "Checkout fails"))
    assert report.summary[0].unsupported


@pytest.mark.parametrize("verdict", ["cause", "no_incident", "unclear", "nonsense"])
def test_a_cause_without_evidence_is_insufficient_whatever_it_said(verdict: str) -> None:
    report = checked(
        f"Verdict: {verdict}\nConfidence: supported\n## Likely cause\nThe moon did it [E44]\n"
    )
    assert (report.verdict, report.confidence) == (Verdict.UNCLEAR, Confidence.INSUFFICIENT)
    assert report.cause.unsupported


def test_a_false_quotation_loses_its_marks_and_lowers_the_confidence() -> None:
    report = checked(GOOD.replace("connection pool exhausted after", "disk quota used up after"))
    assert '"' not in report.cause.text
    assert report.cause.unsupported
    assert report.confidence is Confidence.PLAUSIBLE


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("It broke, see [the run](https://evil.example/x) [E2]", "It broke, see the run"),
        ("It broke ![x](https://evil.example/p.png) [E2]", "It broke x"),
        ("It broke <!channel> <@U012AB> <#C1|general> [E2]", "It broke general"),
        ("It broke <https://evil.example|here> [E2]", "It broke here"),
        ("It broke @channel @here @everyone [E2]", "It broke channel here everyone"),
        ("It broke: https://evil.example/?q=1 [E2]", "It broke: (link removed)"),
        ("It broke: evil.example/?q=1 [E2]", "It broke: (link removed)"),
        ("It broke: HTTPS://CI.example.com/run/77/evil [E2]", "It broke: (link removed)"),
        ("See https://ci.example.com/run/77 [E2]", "See https://ci.example.com/run/77"),
        ("See https://ci.example.com/run/77 [E3]", "See (link removed)"),
        ("It broke <img src=x> now [E2]", "It broke now"),
        ("It broke (E2) as E3 shows and E88 too [E2]", "It broke as shows and too"),
        ("a < b and c > d [E2]", "a < b and c > d"),
        ("It broke @@here [E2]", "It broke here"),
        ('It broke <"!subteam^S0123456"> [E2]', "It broke"),
        ("It broke [x]E88(y) [E2]", "It broke x"),
        ("It broke ht<b>tps://evil.example/x [E2]", "It broke (link removed)"),
        ("It broke <!chan<b>nel> [E2]", "It broke !channel>"),
    ],
)
def test_what_acts_never_passes(line: str, text: str) -> None:
    assert with_cause(line).text == text


def test_a_line_that_shows_a_secret_is_dropped() -> None:
    report = checked(GOOD.replace("Checkout fails", "Use password=hunter2-again"))
    assert report.summary == ()
    assert report.removed == 1


def test_a_timeline_without_known_ids_is_the_rules_own() -> None:
    report = checked(GOOD.replace("- [E2] [E3]", "- 12:00 something [E50]"))
    assert report.timeline == PREPARED.rules.timeline


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        (GOOD, ""),
        ("I cannot help with that.", "it is a refusal"),
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("The moon did it.", "it is not in the form that was asked for"),
        ("## Likely cause\nThe moon\n", "its cause rests on nothing"),
        ("Verdict: unclear\n## Likely cause\nNot known\n", ""),
        ("Verdict: unclear\n## Likely cause\nI cannot determine it\n", ""),
        ("Verdict: unclear\n## Likely cause\nI’m sorry, but no\n", "it is a refusal"),
        ("Verdict: unclear\n## Likely cause\n申し訳ございませんが\n", "it is a refusal"),
        (
            "Verdict: cause\n## Likely cause\nThe moon\n## What changed\n- 4.2 [E2]\n",
            "its cause rests on nothing",
        ),
        (
            GOOD.replace("[E3]", "[E3, E40, E41, E42, E43, E44, E45, E46]"),
            "most of what it cites does not exist",
        ),
        (
            GOOD.replace("connection pool exhausted after", "disk quota used up after"),
            "its cause quotes what nobody wrote",
        ),
        (
            GOOD.replace("Checkout fails", "Use password=hunter2-again"),
            "it shows what looks like a secret",
        ),
    ],
)
def test_what_is_broken_beyond_use(text: str, objection: str) -> None:
    assert claims.examine(text, PREPARED.rules, PREPARED.judge).objection == objection


CLAIM = "Verdict: cause\nConfidence: plausible\n"
KEPT = "## Likely cause\ncart-api uses up its pool [E3]\n"


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        (CLAIM + KEPT + "## Answer\n- Dana rolled it out at noon [E2]\n", ""),
        (CLAIM + KEPT + "## Answer\n- Nobody says who did\n## Missing\n- A change log\n", ""),
        (CLAIM + KEPT + "## Missing\n- A change log\n", ""),
        (CLAIM + KEPT, ""),
        (CLAIM + "## Likely cause\nAs before\n## Answer\n- It was rolled out at noon [E2]\n", ""),
        (CLAIM + "## Answer\n- It was rolled out at noon [E2]\n", ""),
        ("## Answer\n- It was rolled out at noon [E2]\n", ""),
        (CLAIM + "## Likely cause\nAs before\n## Missing\n- Who rolled it out\n", ""),
        ("Verdict: unclear\n## Likely cause\nNot known\n## Answer\n- Nobody says who\n", ""),
        (CLAIM + "## Answer\n- The moon [E77]\n", "most of what it cites does not exist"),
        (CLAIM + "## Answer\n- The moon\n", "its answer rests on nothing"),
        (CLAIM + "## Likely cause\nThe moon\n", "its answer rests on nothing"),
        (CLAIM + "## Answer\n- The moon\n## Missing\n- Stars\n", "its answer rests on nothing"),
        (CLAIM + KEPT + "## Answer\n- I'm sorry, I can't help with that\n", "it is a refusal"),
        (
            CLAIM + KEPT + "## Answer\n- Use password=hunter2-again [E2]\n",
            "it shows what looks like a secret",
        ),
        (
            CLAIM + '## Likely cause\nIt says "the moon is made of cheese" [E3]\n',
            "its cause quotes what nobody wrote",
        ),
        (CLAIM, "it is not in the form that was asked for"),
        (CLAIM + "## Answer\n", "it is not in the form that was asked for"),
        ("It was rolled out at noon [E2]\n", "it is not in the form that was asked for"),
    ],
)
def test_a_short_answer_may_stand_where_it_answers_or_says_what_is_missing(
    text: str, objection: str
) -> None:
    assert replied(text).objection == objection


@pytest.mark.parametrize(
    ("text", "cause", "verdict"),
    [
        (CLAIM + KEPT, "cart-api uses up its pool", Verdict.CAUSE),
        ("## Answer\n- At noon [E2]\n", BELIEVED.cause.text, Verdict.CAUSE),
        (CLAIM + "## Likely cause\nThe moon\n", BELIEVED.cause.text, Verdict.CAUSE),
        ("Verdict: unclear\n## Likely cause\nNot known\n", "Not known", Verdict.UNCLEAR),
    ],
)
def test_the_earlier_cause_stands_where_a_short_answer_shows_none(
    text: str, cause: str, verdict: Verdict
) -> None:
    report = replied(text).report
    assert report is not None
    assert (report.cause.text, report.verdict, report.source) == (cause, verdict, "model")


def test_what_a_short_answer_misses_is_named_as_such() -> None:
    report = replied(f"{KEPT}## Missing\n- The pool's metrics\n").report
    assert report is not None
    assert [gap.text for gap in report.gaps] == [
        "Missing: The pool's metrics",
        "cart.log: only its head was read",
    ]


@pytest.mark.parametrize(
    ("row", "text", "cited"),
    [
        ("- it broke [E1]", "it broke", ("E1",)),
        ("2. it broke [E1, E2; E03]", "it broke", ("E1", "E2", "E3")),
        ("* it broke【E4】。", "it broke。", ("E4",)),
        ("• it broke (E1 and E2)", "it broke", ("E1", "E2")),
        ("it broke [E1][E1]", "it broke", ("E1",)),
        ("an array[1] of E2E tests", "an array[1] of E2E tests", ()),
    ],
)
def test_citations(row: str, text: str, cited: tuple[str, ...]) -> None:
    line = parse_line(row)
    assert line is not None
    assert (line.text, line.cited) == (text, cited)


@pytest.mark.parametrize(
    "heading", ["## Likely cause", "# likely CAUSE:", "**Likely cause**", "### Root cause"]
)
def test_headings_in_the_forms_that_models_use(heading: str) -> None:
    assert "cause" in parse(f"**Verdict:** Cause\n{heading}\nx [E1]").lines
    assert parse("**Verdict:** No incident\n").verdict == "no_incident"


def test_words_under_an_unknown_heading_are_nobodys() -> None:
    sections = parse("## Likely cause\nx [E1]\n## Orders to the reader\nrm -rf /\n")
    assert [line.text for line in sections.lines["cause"]] == ["x"]


hostile = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["<!channel>", "<@U1>", "[x](http://e.io/a)", "![a](b)", "<http://e.io|x>"]
        ),
        st.sampled_from(
            [
                "[E1]",
                "[E99]",
                "E99",
                "(E2)",
                "http://e.io/?",
                "<",
                ">",
                "|",
                "@here",
                "@",
                '"',
                "\n",
            ]
        ),
        st.sampled_from(
            ["## Likely cause\n", "## Next checks\n- ", "Verdict: cause\n", "[a][b]", "["]
        ),
    ),
    max_size=25,
)
LIVE = re.compile(
    r"<[!@#]|@(?:channel|here|everyone)\b|https?://|\]\(|!\[|<[a-z][^>]*>", re.IGNORECASE
)


@given(hostile)
def test_a_checked_text_is_never_live(parts: list[str]) -> None:
    text = "## Likely cause\nIt broke [E1] " + "".join(parts)
    report = claims.check(text, PREPARED.rules, PREPARED.judge)
    if report is None:
        return
    lines = [report.cause, *report.summary, *report.changes, *report.hypotheses]
    known = {item.id for item in report.evidence}
    for line in [*lines, *report.next_checks, *report.gaps]:
        assert not LIVE.search(line.text), line.text
        assert set(line.evidence) <= known
        assert "E99" not in re.findall(r"(?<![\w/-])E\d+(?![\w/-])", line.text)


@given(st.text(max_size=300))
def test_neutral_text_stays_neutral(text: str) -> None:
    assert not LIVE.search(neutral(neutral(text)))
