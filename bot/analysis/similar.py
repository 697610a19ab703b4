"""Past incidents and runbooks that show the same signs: found by signature and by text.

Nothing here claims that a cause is the same; what is found says which signs both have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Generic, Protocol, TypeVar

from bot.analysis import phrases, signatures
from bot.analysis.logs import SEVERITY, parse_level
from bot.analysis.precedents import Advice, SeenBefore
from bot.analysis.redact import contains_secret
from bot.analysis.report import Report, Verdict
from bot.analysis.terms import terms_of

SHOWN = 3
_MOST_TERMS = 40
_MOST_SIGNATURES = 8
_ITEMS = 12
_ITEM_CHARS = 600
_TEXT_CHARS = 6_000
_ADVICE_CHARS = 800


class ArchiveUnavailableError(Exception):
    """Nothing can be read from, or kept in, the archive; the text says why, in short."""


class Marked(StrEnum):
    """What a person said of the bot's answer."""

    AS_SAID = "as_said"
    DIFFERENT = "different"
    NO_INCIDENT = "no_incident"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An incident whose cause a person marked. All texts are redacted.

    `at` is when its thread began and `marked_at` when it was marked, in seconds since 1970 (UTC).
    `messages` are the ts of messages that belong to it, `text` what it is found by.
    """

    channel: str
    thread_ts: str
    at: float
    marked_at: float
    marked_by: str
    marked: Marked
    cause: str
    text: str
    link: str = ""
    signatures: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """One section of a runbook, redacted; `file` is its path within the folder."""

    file: str
    heading: str
    text: str
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """What is looked for: ids of signatures, and terms with the most telling first."""

    signatures: tuple[str, ...]
    terms: tuple[str, ...]
    text: str = field(repr=False)


class Searchable(Protocol):
    """What can be found."""

    @property
    def text(self) -> str: ...

    @property
    def signatures(self) -> tuple[str, ...]: ...


Item = TypeVar("Item", bound=Searchable)


@dataclass(frozen=True, slots=True)
class Found(Generic[Item]):
    """Candidates, how many items there are in all, and how many of them have each sign."""

    candidates: Sequence[Item] = ()
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


class Archive(Protocol):
    """Where confirmed incidents are kept. Every method may wait for a disk: call it in a thread.

    Every method raises ArchiveUnavailableError, and nothing else.
    """

    def keep(self, incident: Confirmed) -> None:
        """Keep an incident in place of an earlier one of the same thread."""
        ...

    def search(self, signs: Signs, channel: str) -> Found[Confirmed]:
        """Return those that share a sign, of this channel and of others, in no order.

        A term counts where the text holds it, in any case of its letters.
        """
        ...

    def newest(self, limit: int) -> list[Confirmed]:
        """Return the newest, the newest first."""
        ...


class Runbooks(Protocol):
    """A folder of runbooks; `search` never fails, and may wait for a disk."""

    def search(self, signs: Signs) -> Found[Passage]:
        """Return the sections that share a sign, in no order."""
        ...


@dataclass(frozen=True, slots=True)
class Match(Generic[Item]):
    """A candidate above the threshold and why: `reason` names only signs that both have."""

    item: Item
    score: float
    reason: str


def signs_of(report: Report) -> Signs:
    """Return what a report is recognised by. CPU-bound: call it off the event loop."""
    text = search_text(report)
    terms = tuple(dict.fromkeys(terms_of(text)))[:_MOST_TERMS]
    return Signs(signatures_in(text), terms, text)


def search_text(report: Report) -> str:
    """Return the telling lines of a report: cause, quotes, hypotheses, the best evidence."""
    lines = dict.fromkeys(line.strip() for line in _telling(report) if line.strip())
    return "\n".join(lines)[:_TEXT_CHARS]


def signatures_in(text: str) -> tuple[str, ...]:
    """Return the ids of the signatures that lines show: the most telling one of each line."""
    ids = (sign.id for line in text.splitlines() for sign in signatures.matching(line)[:1])
    return tuple(dict.fromkeys(ids))[:_MOST_SIGNATURES]


def _telling(report: Report) -> Iterator[str]:
    if report.verdict is Verdict.CAUSE:
        yield report.cause.text
    yield from report.quotes
    if report.verdict is Verdict.CAUSE:
        yield from (statement.text for statement in report.hypotheses)
    read = (item for item in report.evidence if not item.measured)
    for item in sorted(read, key=lambda item: -item.score)[:_ITEMS]:
        yield from filter(_tells_of_failure, item.text[:_ITEM_CHARS].splitlines())


def _tells_of_failure(line: str) -> bool:
    is_severe = SEVERITY[parse_level(line)] >= SEVERITY["warn"]
    return is_severe or bool(phrases.SYMPTOM.search(line) or signatures.matching(line))


def messages_of(report: Report, thread_ts: str) -> tuple[str, ...]:
    """Return the ts of the messages by which an incident is known to be this one."""
    cited = set(report.cause.evidence)
    own = [item.message_ts for item in report.evidence if item.id in cited]
    root = [item.message_ts for item in report.evidence[:1]]
    return tuple(dict.fromkeys(ts for ts in [thread_ts, *root, *own] if ts))


def is_this_one(past: Confirmed, report: Report, channel: str, thread_ts: str) -> bool:
    """Say whether a past incident is the very one that is asked about: it has its messages.

    An empty `channel` is not known, and the messages alone tell.
    """
    if channel and past.channel != channel:
        return False
    read = {item.message_ts for item in report.evidence} | {thread_ts}
    return past.thread_ts in read or not read.isdisjoint(past.messages)


def seen_before(best: Iterable[Match[Confirmed]]) -> tuple[SeenBefore, ...]:
    """Return the best few, of equals the newest; then the newest first."""
    safe = (match for match in best if not contains_secret(match.item.cause))
    ranked = sorted(safe, key=lambda match: (-match.score, -match.item.at))[:SHOWN]
    ranked.sort(key=lambda match: -match.item.at)
    return tuple(
        SeenBefore(
            at=match.item.at,
            cause=match.item.cause,
            reason=match.reason,
            link=match.item.link,
            no_incident=match.item.marked is Marked.NO_INCIDENT,
        )
        for match in ranked
    )


def advice(best: Iterable[Match[Passage]]) -> tuple[Advice, ...]:
    """Return the beginning of the best few sections."""
    begun = (
        Advice(match.item.file, match.item.heading, match.item.text[:_ADVICE_CHARS], match.reason)
        for match in best
    )
    # A cut can make a secret of what was none in the whole text.
    return tuple(islice((one for one in begun if not contains_secret(one.text)), SHOWN))
