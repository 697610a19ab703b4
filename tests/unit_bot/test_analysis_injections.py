"""A model that obeys what the evidence orders changes nothing that matters.

Whatever stands in `injections.yaml` is planted in a thread; the model sees it and obeys, alone, in
its cause, or in every section. Each draft, the final report and the blocks are then looked at.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from bot.analysis.analyst import AnalysisEvent, Analyst, Answer, Draft, prepare
from bot.analysis.redact import contains_secret
from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.answers import footer_of
from bot.incident import Incident, Message
from bot.slack import blocks
from bot.slack.followup_blocks import reply_markdown, short_answer
from bot.slack.outgoing import MESSAGE_BLOCKS, safe_blocks, safe_text
from providers.base import LLMMessage, RequestScope, StreamEvent
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

INJECTIONS = yaml.safe_load((Path(__file__).parent / "injections.yaml").read_text("utf-8"))
WAYS = ("alone", "in the cause", "in every section", "beside a good answer")
START = 1767268800
SECRET = "Sommer-2026-relay"
SAID = [
    "Alert: invoices are late",
    "Upgraded the mailer to 3.1 this morning",
    f"mailer log: smtp relay (password={SECRET}) closed the connection after 20 messages",
    "The root cause was the new limit of the smtp relay, found in its changelog",
]
GOOD = "Verdict: cause\nConfidence: supported\n## Likely cause\nThe relay has a new limit [E4]\n"
SECTIONS = ("Likely cause", "What is going on", "What changed", "Timeline", "Other hypotheses")
SECTIONS += ("Next checks", "Missing")
REPLY_SECTIONS = ("Likely cause", "Answer", "Missing")
# The report's own; see report_markdown.
HEADINGS = {"What is going on", "What changed", "What to check next", "Other explanations"}
HEADINGS |= {"What is missing"}
LIVE = re.compile(
    r"<[!@#a-z/]|@(?:channel|here|everyone)\b|\w:/{1,3}\w|\]\(|\]\[|!\[|www\.|(?:mailto|tel|sms"
    r"|javascript):\S|[\u200b-\u200f\u202a-\u202e\u2060-\u2069\U000e0000-\U000e0fff\x00-\x1f]"
    r"|\bE9\d\d\b|U0EVIL99|S0123456",
    re.IGNORECASE,
)
DOMAIN = re.compile(r"evil[\w-]*\.\w+|\.com\b", re.IGNORECASE)


class Obedient(FakeProvider):
    """Does what the injection wants, having seen it."""

    def __init__(self, injection: dict[str, str], way: str) -> None:
        super().__init__(name="obedient")
        self.injection = injection
        self.way = way

    async def stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        scope: RequestScope | None = None,
        connect_timeout: float | None = None,
    ) -> AsyncIterator[StreamEvent]:
        text = self.obey(messages[-1].content)
        # In pieces of no meaning, as they come over a wire; a flood comes in larger ones.
        size = max(7, len(text) // 2_000)
        self.script = [[text[n : n + size] for n in range(0, len(text), size)] or [" "]]
        events = super().stream(messages, scope=scope, connect_timeout=connect_timeout)
        async with aclosing(cast("Any", events)) as answer:
            async for event in answer:
                yield event

    def obey(self, prompt: str) -> str:
        nonce = prompt.split("<evidence-")[1].split(">")[0]
        hidden = re.findall(r"\[SECRET:[a-z-]+:\d+\]", prompt)[0]
        obeyed = self.injection["obeyed"].replace("{nonce}", nonce).replace("{hidden}", hidden)
        if obeyed == "FLOOD":
            obeyed = "Dana did it [E1]\n" * 4_000 + "x" * 30_000
        if self.way == "alone":
            return obeyed
        if self.way == "in the cause":
            return f"Verdict: cause\nConfidence: supported\n## Likely cause\n{obeyed} [E4]\n"
        if self.way == "beside a good answer":
            return f"{GOOD}{obeyed}\n## Next checks\n- {obeyed}\n"
        names = REPLY_SECTIONS if self.way == "in a short answer" else SECTIONS
        parts = (f"## {name}\n- {obeyed} [E1]\n{obeyed}\n" for name in names)
        return "Verdict: cause\nConfidence: supported\n" + "".join(parts)


def incident(injection: dict[str, str]) -> Incident:
    said = [*SAID[:3], injection["says"], SAID[3]]
    messages = (
        Message(f"{START + 60 * n}.0", "ann", text, permalink=f"https://acme.slack.example/p{n}")
        for n, text in enumerate(said)
    )
    return Incident(tuple(messages), question="why are invoices late?")


async def events_of(injection: dict[str, str], way: str) -> list[AnalysisEvent]:
    async with LLMProviderManager(providers=[Obedient(injection, way)], hold_back=0) as manager:
        return [event async for event in Analyst(manager).analyse(incident(injection))]


def statements(report: Report) -> Iterator[Statement]:
    yield report.cause
    for part in (report.summary, report.changes, report.hypotheses, report.next_checks):
        yield from part
    yield from report.gaps


def look_at(report: Report) -> None:
    """Look at what a model's report says, before any renderer has had a look."""
    known = {item.id for item in report.evidence}
    for statement in statements(report):
        assert not LIVE.search(statement.text), statement.text
        assert not DOMAIN.search(re.sub(r"`[^`]*`", "", statement.text)), statement.text
        assert not contains_secret(statement.text)
        assert len(statement.text) <= 600
        assert set(statement.evidence) <= known
        assert not statement.text.startswith(("#", ">", "|", "```"))
    times = [entry.at for entry in report.timeline]
    assert times == sorted(times)
    for entry in report.timeline:
        assert entry.at in {item.at for item in report.evidence}
        assert set(entry.evidence) <= known
    if report.verdict is not Verdict.UNCLEAR:
        assert report.cause.evidence
    if report.confidence is Confidence.SUPPORTED:
        assert not report.cause.unsupported
        assert not report.cause.unverified
    text = "\n".join(item.text for item in report.evidence)
    assert all(quote in text for quote in report.quotes)


def outside_code(markdown: str) -> str:
    without_fences = re.sub(r"^```.*?^```$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(?<!`)(`+)[^`\n]+\1(?!`)", "", without_fences)


def look_at_blocks(report: Report, rendered: blocks.Rendered) -> None:
    """Look at what is sent: only our headings, only links to the evidence, nothing that pings."""
    links = blocks.links_of(report)
    sent = safe_blocks(rendered.blocks, links, MESSAGE_BLOCKS)
    assert {block["type"] for block in sent} <= {"markdown", "actions", "context", "section"}
    markdown = outside_code("\n".join(b["text"] for b in sent if b["type"] == "markdown"))
    assert set(re.findall(r"\]\(([^)]*)\)", markdown)) <= links
    assert not re.search(r"<[!@#]|<https?:|!\[|\]\[", markdown)
    addresses = set(re.findall(r"https?://[^\s)]+", markdown))
    assert addresses <= links
    titles = re.findall(r"^\s*(?:[-*] )?#{1,6} (.*)$", markdown, re.MULTILINE)
    assert all(title in HEADINGS or title.startswith("Timeline (UTC") for title in titles)
    assert not re.search(r"<[!@#]|<https?:", safe_text(rendered.text, links))
    assert SECRET not in str(sent)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("injection", INJECTIONS, ids=[one["name"] for one in INJECTIONS])
async def test_obeying_changes_nothing_that_matters(injection: dict[str, str], way: str) -> None:
    events = await events_of(injection, way)
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.report.source == ("model" if answer.finished else "rules")
    assert answer.finished or answer.reason
    reports = [event.report for event in events if isinstance(event, Draft)]
    for report in [*reports, *([answer.report] if answer.finished else [])]:
        look_at(report)
    for report in reports:
        look_at_blocks(report, blocks.progress([], report, "run"))
    for rendered in blocks.answer(answer.report, footer_of(answer, 1.0), "run"):
        look_at_blocks(answer.report, rendered)


@pytest.mark.parametrize("injection", INJECTIONS, ids=[one["name"] for one in INJECTIONS])
async def test_obeying_in_a_short_answer_changes_no_more(injection: dict[str, str]) -> None:
    asked = incident(injection)
    told = prepare(asked).rules
    provider = Obedient(injection, "in a short answer")
    async with LLMProviderManager(providers=[provider], hold_back=0) as manager:
        events = [event async for event in Analyst(manager).analyse(asked, previous=told)]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.report.source == ("model" if answer.finished else "rules")
    for report in [answer.report, *(event.report for event in events if isinstance(event, Draft))]:
        if report.source == "model":
            look_at(report)
        rendered = short_answer(reply_markdown(report), footer_of(answer, 1.0), "run")
        look_at_blocks(report, rendered)


def test_there_are_fifty_different_ones() -> None:
    assert len(INJECTIONS) >= 50
    assert len({one["obeyed"] for one in INJECTIONS}) == len(INJECTIONS)


async def test_a_model_that_tells_its_nonce_tells_nothing_of_the_next() -> None:
    """Whoever plants what he has seen changes the nonce by planting it."""
    injection = next(one for one in INJECTIONS if one["name"] == "the nonce")
    seen: list[str] = []
    for says in (injection["says"], "evidence-{nonce}"):
        provider = Obedient({**injection, "says": says.format(nonce="".join(seen))}, "alone")
        async with LLMProviderManager(providers=[provider]) as manager:
            asked = incident(provider.injection)
            _ = [event async for event in Analyst(manager).analyse(asked)]
        seen.append(provider.calls[0][-1].content.split("<evidence-")[1].split(">")[0])
    assert seen[0] != seen[1]
