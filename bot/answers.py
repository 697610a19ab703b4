"""A question under way, and what of its answer is shown: all, a few lines, or what moved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.analysis import phrases
from bot.analysis.analyst import Answer
from bot.analysis.delta import delta
from bot.analysis.followup import Intent, Previous, intent
from bot.analysis.report import Report
from bot.analysis.sentences import sentences
from bot.incident import Incident, Message
from bot.placing import Place, Request
from bot.slack import blocks
from bot.slack.followup_blocks import change_markdown, reply_markdown, short_answer
from bot.slack.gateway import Posted
from bot.slack.live import LiveMessage

Shown = tuple[Answer, list[blocks.Rendered]]


class Shape(StrEnum):
    """How much of an answer a thread is shown."""

    WHOLE = "whole"
    REPLY = "reply"
    CHANGE = "change"


@dataclass(slots=True)
class Run:
    """A question under way."""

    id: str
    request: Request
    place: Place
    posted: Posted
    live: LiveMessage
    started: float
    stages: list[str] = field(default_factory=list)
    draft: Report | None = None
    work: asyncio.Task[Shown] | None = None
    stopped: str = ""
    previous: Previous | None = None
    shape: Shape = Shape.WHOLE
    opened_by_us: bool = False

    @property
    def reads_thread(self) -> bool:
        """Whether its thread alone is read; what began with a channel's window goes on with it."""
        if not self.place.reads_thread or self.opened_by_us:
            return False
        return self.previous is None or self.previous.reads_thread

    @property
    def asked(self) -> frozenset[str]:
        """The `ts` of the messages that asked us something in this thread."""
        earlier = self.previous.asked if self.previous else ()
        return frozenset(earlier) | ({self.request.asked_ts} if self.request.asked_ts else set())

    @property
    def question(self) -> str:
        """What is to be answered: whoever says "again" asks what the thread asked before."""
        if self.previous and self.shape is not Shape.REPLY:
            return self.previous.question
        return self.request.question

    def worded(self, draft: Report) -> str:
        """Return what is shown of a draft: nothing where only what moved will be told."""
        if self.shape is Shape.CHANGE:
            return ""
        if self.shape is Shape.REPLY:
            return reply_markdown(draft, draft=True)
        return blocks.report_markdown(draft)

    def rendered(self, answer: Answer) -> list[blocks.Rendered]:
        """Return what is shown of the answer."""
        report, footer = answer.report, footer_of(answer, time.monotonic() - self.started)
        if self.shape is Shape.CHANGE and self.previous:
            moved = delta(self.previous.report, report)
            markdown = change_markdown(moved, self.previous, report, time.time())
            return [short_answer(markdown, footer, self.id)]
        if self.shape is Shape.REPLY:
            return [short_answer(reply_markdown(report), footer, self.id)]
        return blocks.answer(report, footer, self.id)

    def told(self, report: Report, now: float) -> Previous:
        """Return what the thread's next question follows; a reply changes only who asked."""
        asked_ts = self.request.asked_ts
        if self.previous and self.shape is Shape.REPLY:
            return self.previous.with_asked(asked_ts)
        earlier = self.previous.asked if self.previous else ()
        told = Previous(report, now, self.question, self.reads_thread, earlier)
        return told.with_asked(asked_ts)


def shape_of(question: str, previous: Previous | None) -> Shape:
    """Return the shape that a question wants; without an earlier answer it is the whole one."""
    if previous is None:
        return Shape.WHOLE
    wanted = intent(question)
    if wanted is Intent.FULL:
        return Shape.WHOLE
    return Shape.CHANGE if wanted is Intent.AGAIN else Shape.REPLY


def without_questions(incident: Incident, asked: Collection[str]) -> Incident:
    """Leave the messages that asked us out of the evidence, but those that bring some of their own.

    `asked` are their `ts`.
    """
    kept = tuple(m for m in incident.messages if m.ts not in asked or _brings_evidence(m))
    if not kept:
        # All there is may stand in the question itself.
        return incident
    left_out = len(incident.messages) - len(kept)
    return replace(incident, messages=kept, total_messages=incident.total_messages - left_out)


def is_opened_by_us(incident: Incident, thread_ts: str) -> bool:
    """Say whether a thread began with a message of ours: that of a command, of the whole channel.

    Ours are no evidence, so its root is missing; where somebody deleted a root, a gap says so.
    """
    return not incident.gaps and all(message.ts != thread_ts for message in incident.messages)


def _brings_evidence(message: Message) -> bool:
    text = message.text.strip()
    if message.attachments or "\n" in text:
        return True
    told = [part for part, _ in sentences(text)]
    return len(told) > 1 and any(_tells(part) for part in told)


def _tells(sentence: str) -> bool:
    if sentence.endswith(("?", "？")):
        return False
    signs = (phrases.SYMPTOM, phrases.CHANGE, phrases.FIX, phrases.RULED_OUT)
    return any(sign.search(sentence) for sign in signs) or phrases.states_cause(sentence)


def footer_of(answer: Answer, seconds: float) -> blocks.Footer:
    """Say who answered, who did not and why, and what it took."""
    finished = answer.finished
    others = [a for a in answer.attempts if a.outcome not in ("ok", "cached")]
    failures = [f"{a.provider} {a.phrase}" for a in others]
    # What a model said is wasted too where its text did not pass the check.
    wasted = others if finished else answer.attempts
    footer = blocks.Footer(
        provider="rules, without a model",
        model="",
        failover=", ".join(dict.fromkeys(failures)),
        seconds=seconds,
        wasted_usd=sum(a.cost_usd or 0.0 for a in wasted),
        wasted_tokens=sum(a.usage.total_tokens or 0 for a in wasted),
        wasted_estimated=any(a.usage.estimated for a in wasted),
        coverage=str(answer.report.coverage),
        note=answer.reason,
    )
    if finished is None:
        return footer
    # What failed attempts cost is part of what the answer cost.
    costs = [a.cost_usd for a in answer.attempts if a.cost_usd is not None]
    return replace(
        footer,
        provider=finished.provider,
        model=finished.model_version or finished.model,
        time_to_first_token=finished.time_to_first_token,
        prompt_tokens=finished.usage.prompt_tokens,
        completion_tokens=finished.usage.completion_tokens,
        estimated=finished.usage.estimated,
        cost_usd=sum(costs) if costs else finished.cost_usd,
        cache_age=finished.cache_age,
    )
