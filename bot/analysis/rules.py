"""A report without any model: hypotheses ranked by signature, change, rarity and what was said.

It is the floor under every answer, so it never fails and is never empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.analysis import phrases, timeline, verdicts
from bot.analysis.evidence import Evidence
from bot.analysis.report import Confidence, Coverage, Report, Statement, Verdict
from bot.analysis.scoring import Judge, first_symptom
from bot.analysis.sentences import sentences
from bot.analysis.signatures import Signature

CAUSE_CHARS = 300
QUOTE_CHARS = 200
_PER_ITEM = 6
_CONSIDERED = 200
_SAME_WORDS = 0.6
_LINK = re.compile(r"\[[^\]\n]{1,300}\]\(https?://[^)\s]{1,2000}\)")
_SHORTEST = 8
_SHORT = 25
_STATED = 5.0
_FIRST_CHARS = 200
_LEAST_ROOM = 50
_ALSO = " · "
# A time, a JSON key, a marker in front of a line: where it stands, not what it says.
_FRAME = re.compile(
    r"^\s*(?:\"(?:message|msg|error|reason|log)\":\s*\""
    r"|[\d:T.,/ Z+\[\]-]{8,40}(?=[A-Za-z\[])|:\w+:\s)"
)
_WORDS = re.compile(r"[a-z0-9_./-]{3,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence that may name the cause, with the line it stands in."""

    text: str
    line: str
    item: Evidence
    score: float
    signature: Signature | None


def analyse(items: Sequence[Evidence], judge: Judge, coverage: Coverage) -> Report:
    """Return the rules' report on the scored items, in the order of the incident."""
    ranked = rank(items, judge)
    verdict = verdicts.verdict_of(items, ranked[0].score if ranked else 0.0, judge)
    leading = _distinct(ranked, 6)
    quotes = quotes_of(leading)
    cited = tuple(dict.fromkeys(candidate.item.id for candidate in leading[:3]))
    return Report(
        verdict=verdict,
        cause=Statement(_headline(verdict, leading, items), cited),
        confidence=_confidence(verdict, leading),
        summary=_summary(items),
        changes=_changes(items),
        timeline=timeline.build(items),
        hypotheses=tuple(_hypothesis(candidate) for candidate in leading[:4]),
        next_checks=_checks(leading),
        gaps=tuple(Statement(gap) for gap in _gaps(items, verdict, coverage)),
        quotes=quotes,
        evidence=tuple(items),
        coverage=coverage,
    )


def rank(items: Sequence[Evidence], judge: Judge) -> list[Candidate]:
    """Return every sentence that may name a cause, best first."""
    root = items[0].message_ts if items else ""
    found = [
        candidate
        for item in items
        for candidate in _candidates(item, judge, is_root=item.message_ts == root)
        if candidate.score > 0
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def quotes_of(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return at most three different lines, word for word."""
    quotes: list[str] = []
    for candidate in candidates:
        if candidate.item.measured:
            continue
        quote = quotable(candidate.line, candidate.text)
        if quote and quote not in quotes:
            quotes.append(quote)
    return tuple(quotes[:3])


def quotable(line: str, sentence: str) -> str:
    """Return the line, or where it is too long the part that holds the sentence.

    A link is not what was written to be read, so the longest stretch beside it is quoted.
    """
    line, sentence = (_beside_links(text.strip()) for text in (line, sentence))
    if len(line) <= QUOTE_CHARS or line.find(sentence) < QUOTE_CHARS // 2:
        return line[:QUOTE_CHARS].strip()
    return sentence[:QUOTE_CHARS].strip()


def _beside_links(text: str) -> str:
    return max(_LINK.split(text), key=len).strip()


def _candidates(item: Evidence, judge: Judge, *, is_root: bool) -> Iterator[Candidate]:
    if item.measured:
        yield Candidate(item.text, item.text, item, item.measured, None)
        return
    found = [
        _candidate(sentence, line, item, judge, is_root=is_root)
        for sentence, line in sentences(item.text)
        if len(sentence) >= _SHORTEST
    ]
    yield from sorted(found, key=lambda candidate: -candidate.score)[:_PER_ITEM]


def _candidate(
    sentence: str, line: str, item: Evidence, judge: Judge, *, is_root: bool
) -> Candidate:
    judged = judge.judged(sentence)
    score = judged.score + _placing(item, judge)
    if len(sentence) < _SHORT:
        score -= 2.0
    if is_root:
        # The opening alert tells the symptom; what was found later tells more.
        score -= 4.0
    return Candidate(sentence, line, item, score, judged.signature)


def _placing(item: Evidence, judge: Judge) -> float:
    """Return what speaks for a line from where and when it stands."""
    bonus = min(2.0, item.score * 0.1)
    if judge.onset is not None and item.at is not None and item.at <= judge.onset:
        bonus += 1.0 if phrases.CHANGE.search(item.text) else 0.0
    return bonus


def _distinct(ranked: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Leave out what says the same again; one of each failure first, then more of the same."""
    kept: list[Candidate] = []
    again: list[Candidate] = []
    for candidate in ranked[:_CONSIDERED]:
        if len(kept) == limit:
            break
        if any(_is_same(candidate, other) for other in kept):
            continue
        signs = {other.signature.id for other in kept if other.signature}
        is_again = candidate.signature is not None and candidate.signature.id in signs
        (again if is_again else kept).append(candidate)
    return (kept + again)[:limit]


def _is_same(one: Candidate, other: Candidate) -> bool:
    return _overlap(_fingerprint(one.text), _fingerprint(other.text)) >= _SAME_WORDS


def _fingerprint(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(text.lower()))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _headline(verdict: Verdict, leading: Sequence[Candidate], items: Sequence[Evidence]) -> str:
    if not items:
        return "There is nothing to analyse: no message, log line or file could be read."
    if verdict is Verdict.NO_INCIDENT:
        return _clip(f"No active incident: {verdicts.reassurance(items)}", CAUSE_CHARS)
    if verdict is Verdict.UNCLEAR:
        known = timeline.first_line(items[0].text, 160)
        return _clip(
            f"The evidence is not enough to name a cause. Known so far: {known}", CAUSE_CHARS
        )
    return _cause_text(leading)


def _cause_text(leading: Sequence[Candidate]) -> str:
    text = ""
    for candidate in leading[:4]:
        room = CAUSE_CHARS - len(text) - len(_ALSO)
        if room >= _LEAST_ROOM:
            said = _clip(_worded(candidate), min(room, _FIRST_CHARS))
            text += f"{_ALSO}{said}" if text else said
    return text


def _worded(candidate: Candidate) -> str:
    """Return a candidate in words for a reader: what it shows, then its line without its frame."""
    text = _FRAME.sub("", candidate.text).strip(' ",')
    stated = phrases.cause_weight(candidate.text) >= _STATED
    if candidate.signature is None or stated:
        return text
    return f"{candidate.signature.title}: {text}"


def _clip(text: str, limit: int) -> str:
    return timeline.first_line(" ".join(text.split()), limit)


def _confidence(verdict: Verdict, leading: Sequence[Candidate]) -> Confidence:
    if verdict is Verdict.UNCLEAR or not leading:
        return Confidence.INSUFFICIENT
    stated = phrases.cause_weight(leading[0].text) >= 7
    return Confidence.SUPPORTED if stated else Confidence.PLAUSIBLE


def _summary(items: Sequence[Evidence]) -> tuple[Statement, ...]:
    if not items:
        return ()
    ends = [items[0]] if len(items) == 1 else [items[0], items[-1]]
    return tuple(Statement(timeline.first_line(item.text, 200), (item.id,)) for item in ends)


def _changes(items: Sequence[Evidence]) -> tuple[Statement, ...]:
    """Return what changed, what came before the first symptom first."""
    onset = first_symptom(items)
    changed = [item for item in items if phrases.CHANGE.search(item.text) and item.count == 1]
    before = [item for item in changed if onset is None or (item.at or 0.0) <= onset]
    chosen = (before[-3:] + [item for item in changed if item not in before])[:4]
    return tuple(Statement(_change_line(item), (item.id,)) for item in chosen)


def _change_line(item: Evidence) -> str:
    lines = (line for line in item.text.splitlines() if phrases.CHANGE.search(line))
    return timeline.first_line(next(lines, item.text), 200)


def _hypothesis(candidate: Candidate) -> Statement:
    title = f"{candidate.signature.title}: " if candidate.signature else ""
    return Statement(_clip(title + candidate.text, 240), (candidate.item.id,))


def _checks(leading: Sequence[Candidate]) -> tuple[Statement, ...]:
    steps = (
        Statement(step, (candidate.item.id,))
        for candidate in leading
        if candidate.signature
        for step in candidate.signature.check
    )
    return tuple({step.text: step for step in steps}.values())[:4]


def _gaps(items: Sequence[Evidence], verdict: Verdict, coverage: Coverage) -> Iterator[str]:
    if not items:
        yield "Send the alert, the error message, or a log file of the time when it began."
    elif verdict is Verdict.UNCLEAR:
        yield "Needed: logs of the failing component around the first symptom, and recent changes."
    if items and not _changes(items):
        yield "Nothing here says what changed before it began."
    yield from coverage.gaps
