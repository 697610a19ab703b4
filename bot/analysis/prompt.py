"""From evidence to the messages that a model is sent; pure but for the nonce's key.

Untrusted text travels as JSON strings inside tags with a nonce that nobody can foresee. Escaped is
what could end a block or a turn of the conversation, and what a model reads and a person does not
see.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.analysis.evidence import Evidence
from bot.analysis.instructions import FULL, SHORT
from bot.analysis.language import UNKNOWN, Language
from bot.analysis.lookalikes import UNSEEN
from bot.analysis.precedents import Precedents
from bot.analysis.report import Coverage, Report, Statement
from providers.base import LLMMessage

_KEY = secrets.token_bytes(16)
"""Of this process, and told to nobody."""

# "<" begins tags and the special tokens of most models, "[INST]" and its like those of others.
_ACTS = re.compile(
    r"<|\[(?=/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT"
    rf"|ARGS|CALL_ID|THINK|IMG)\])|{UNSEEN.pattern}"
)


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a model is told beside the evidence. All texts must be redacted already.

    `earlier` is what the thread was told before, with the ids of now: then a short answer to the
    question is asked for instead of a whole report. `rules` is what they say of the incident.
    """

    question: str
    rules: Report
    coverage: Coverage
    language: Language = UNKNOWN
    precedents: Precedents = field(default_factory=Precedents)
    earlier: Report | None = None


@dataclass(frozen=True, slots=True)
class _Room:
    """How much of each part there is room for, in characters and hypotheses."""

    question: int
    coverage: int
    hypothesis: int
    hypotheses: int
    precedent: int


_LARGE = _Room(question=4_000, coverage=2_000, hypothesis=400, hypotheses=6, precedent=1_000)
_SMALL = _Room(question=400, coverage=300, hypothesis=160, hypotheses=3, precedent=200)
_CAUSE_CHARS = 400
_MINUTE = 60.0
_MOSTLY = 0.5
"""The share of a minute from which lines are told to have come in a burst."""


def build(
    briefing: Briefing, shown: Sequence[Evidence], *, is_short: bool = False
) -> tuple[LLMMessage, ...]:
    """Return the messages of one request; `is_short` is for a model with a small window."""
    blocks = list(_blocks(briefing, shown, _SMALL if is_short else _LARGE))
    nonce = _nonce(line for _, lines in blocks for line in lines)
    told = [_block(name, nonce, lines) for name, lines in blocks]
    told.append(f"Now write the answer in the form given, in {briefing.language}.")
    instructions = SHORT if is_short else FULL
    system = instructions.text(
        with_precedents=bool(briefing.precedents), is_reply=briefing.earlier is not None
    )
    return LLMMessage("system", system), LLMMessage("user", "\n".join(told))


def _blocks(
    briefing: Briefing, shown: Sequence[Evidence], room: _Room
) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the lines of each block, encoded."""
    yield "question", [_encoded(briefing.question[: room.question] or "What is the root cause?")]
    given = frozenset(item.id for item in shown)
    if briefing.earlier:
        yield "earlier-answer", list(_earlier(briefing.earlier, given, room))
    yield "hypotheses", list(_explanations("hypothesis", briefing.rules, given, room))
    if briefing.precedents:
        yield "precedents", list(_precedents(briefing.precedents, room.precedent))
    yield "coverage", [_encoded(str(briefing.coverage)[: room.coverage])]
    yield "evidence", [_item(item) for item in shown]


def _nonce(lines: Iterable[str]) -> str:
    """Return what no text can know that is among the lines: it changes with each of them.

    The same lines have the same one, so that the same question is the same request.
    """
    text = "\n".join(lines).encode(errors="surrogatepass")
    return hmac.digest(_KEY, text, "sha256")[:8].hex()


def _block(name: str, nonce: str, lines: Sequence[str]) -> str:
    tag = f"{name}-{nonce}"
    return "\n".join([f"<{tag}>", *lines, f"</{tag}>"])


def _earlier(earlier: Report, given: Set[str], room: _Room) -> Iterator[str]:
    cause = _explained("earlier_cause", earlier.cause, given, _CAUSE_CHARS)
    yield _encoded(cause | {"confidence": str(earlier.confidence)})
    yield from _explanations("earlier_explanation", earlier, given, room)


def _explanations(name: str, report: Report, given: Set[str], room: _Room) -> Iterator[str]:
    leading = report.hypotheses[: room.hypotheses]
    return (_encoded(_explained(name, line, given, room.hypothesis)) for line in leading)


def _explained(name: str, line: Statement, given: Set[str], most: int) -> dict[str, object]:
    """Return an explanation, and what it rests on of the evidence that is given."""
    return {name: line.text[:most], "evidence": [id_ for id_ in line.evidence if id_ in given]}


def _precedents(precedents: Precedents, most: int) -> Iterator[str]:
    for past in precedents.incidents:
        date = datetime.fromtimestamp(past.at, UTC).date().isoformat()
        cause = f"no incident: {past.cause}" if past.no_incident else past.cause
        alike = past.reason[:most]
        yield _encoded({"past_incident": date, "cause_then": cause[:most], "alike": alike})
    for advice in precedents.runbooks:
        place = f"{advice.file}: {advice.heading}"
        yield _encoded({"runbook": place[:most], "text": advice.text[:most]})


def _item(item: Evidence) -> str:
    fields: dict[str, object] = {"id": item.id}
    if item.at is not None:
        fields["time"] = _clock(item.at)
    fields |= {"author": item.author[:80], "source": item.source[:120]}
    if item.count > 1:
        fields["lines_like_this"] = item.count
        if item.last_at is not None:
            fields["last_seen"] = _clock(item.last_at)
        if item.burst_at is not None and item.burst >= _MOSTLY and _lasts(item):
            fields["most_of_them_at"] = _clock(item.burst_at)
        if item.note:
            fields["became"] = item.note[:160]
    return _encoded(fields | {"text": item.text})


def _lasts(item: Evidence) -> bool:
    """Say whether there is more than the minute that a burst is."""
    if item.first_at is None or item.last_at is None:
        return False
    return item.last_at - item.first_at > 2 * _MINUTE


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encoded(value: object) -> str:
    return _ACTS.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\u{code:04x}" if code <= 0xFFFF else json.dumps(found.group())[1:-1]
