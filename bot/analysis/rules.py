"""A report without any model: what is known, what is not, and what to do next.

It is the floor under every answer, so it never fails and is never empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.analysis import phrases, timeline, verdicts
from bot.analysis.evidence import Evidence
from bot.analysis.headline import CAUSE_CHARS, cause_text, change_before, clip, to_tell
from bot.analysis.quoting import quotes_of, spans_of
from bot.analysis.ranking import PLAINLY, Candidate, distinct, rank
from bot.analysis.report import Confidence, Coverage, Report, Statement, Verdict
from bot.analysis.scene import first_symptom
from bot.analysis.scoring import Judge
from bot.analysis.signatures import Signature
from bot.analysis.subject import subject_of
from bot.analysis.voice import ENGLISH, Voice

_MOST_CHECKS = 5


def analyse(
    items: Sequence[Evidence], judge: Judge, coverage: Coverage, voice: Voice = ENGLISH
) -> Report:
    """Return the rules' report on the scored items, in the order of the incident.

    What it says in words of its own is said by `voice`.
    """
    ranked = rank(items, judge)
    leading = distinct(ranked, 6)
    verdict = verdicts.verdict_of(items, leading[:3], judge)
    change = change_before(ranked, judge)
    told = to_tell(leading)
    shown = _shown(told, change, judge)
    changes = _changes(items)
    cited = tuple(dict.fromkeys(candidate.item.id for candidate in shown[:4]))
    return Report(
        verdict=verdict,
        cause=Statement(_headline(verdict, told, change, items, judge, voice=voice), cited),
        confidence=_confidence(verdict, leading),
        summary=_summary(items),
        changes=changes,
        timeline=timeline.build(items),
        hypotheses=_hypotheses(leading),
        next_checks=() if verdict is Verdict.NO_INCIDENT else _checks(leading, voice),
        gaps=tuple(Statement(gap) for gap in _gaps(items, changes, verdict, coverage, voice=voice)),
        quotes=_quotes(ranked, items),
        evidence=tuple(items),
        coverage=coverage,
    )


def _shown(told: Sequence[Candidate], change: Candidate | None, judge: Judge) -> list[Candidate]:
    """Return what the cause rests on, the change among the first three."""
    if change is None:
        return list(told)
    place = 2 if told[0].item.level or judge.scene.trail.weight(change.text) > 0 else 3
    return [*told[:place], change, *told[place:]]


def _quotes(ranked: Sequence[Candidate], items: Sequence[Evidence]) -> tuple[str, ...]:
    """Return lines to show; the alert's own where the cause rests on figures alone."""
    quotes = quotes_of(spans_of(ranked))
    if quotes or not items:
        return quotes
    alert = timeline.first_line(items[0].text, 10_000)
    return quotes_of([(alert, alert)])


def _headline(
    verdict: Verdict,
    told: Sequence[Candidate],
    change: Candidate | None,
    items: Sequence[Evidence],
    judge: Judge,
    *,
    voice: Voice,
) -> str:
    if not items:
        return voice.nothing_read
    if verdict is Verdict.NO_INCIDENT:
        seen = verdicts.reassurance(items) or voice.all_quiet
        return clip(voice.no_incident.format(seen=seen), CAUSE_CHARS)
    if verdict is Verdict.UNCLEAR:
        known = timeline.first_line(items[0].text, 160)
        return clip(voice.unclear.format(known=known), CAUSE_CHARS)
    return cause_text(told, change, subject_of(items, judge.question), judge, voice)


def _confidence(verdict: Verdict, leading: Sequence[Candidate]) -> Confidence:
    if verdict is Verdict.UNCLEAR or not leading:
        return Confidence.INSUFFICIENT
    is_stated = leading[0].stated in PLAINLY
    return Confidence.SUPPORTED if is_stated else Confidence.PLAUSIBLE


def _summary(items: Sequence[Evidence]) -> tuple[Statement, ...]:
    read = [item for item in items if not item.measured]
    if not read:
        return ()
    ends = [read[0]] if len(read) == 1 else [read[0], read[-1]]
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


def _hypotheses(leading: Sequence[Candidate]) -> tuple[Statement, ...]:
    """Return the first, and of the next three what tells of anything: a command does not."""
    return tuple(
        _hypothesis(candidate)
        for place, candidate in enumerate(leading[:4])
        if place == 0 or candidate.telling
    )


def _hypothesis(candidate: Candidate) -> Statement:
    title = f"{candidate.signature.title}: " if candidate.signature else ""
    return Statement(clip(title + candidate.text, 240), (candidate.item.id,))


def _checks(leading: Sequence[Candidate], voice: Voice) -> tuple[Statement, ...]:
    """Return what to look at next, and what would settle whether the leading failure is it."""
    steps = (
        Statement(step, (candidate.item.id,))
        for place, candidate in enumerate(leading)
        if candidate.signature
        for step in _steps(candidate.signature, voice, is_first=place == 0)
    )
    return tuple({step.text: step for step in steps}.values())[:_MOST_CHECKS]


def _steps(sign: Signature, voice: Voice, *, is_first: bool) -> Iterator[str]:
    if not is_first:
        yield from sign.check
        return
    yield from sign.check[:2]
    for seen in sign.confirms[:1]:
        yield voice.confirmed_by.format(failure=sign.title, seen=seen)
    for seen in sign.refutes[:1]:
        yield voice.refuted_by.format(failure=sign.title, seen=seen)
    yield from sign.check[2:]


def _gaps(
    items: Sequence[Evidence],
    changes: Sequence[Statement],
    verdict: Verdict,
    coverage: Coverage,
    *,
    voice: Voice,
) -> Iterator[str]:
    if not items:
        yield voice.send_evidence
    elif verdict is Verdict.UNCLEAR:
        yield voice.logs_needed
    if items and not changes and verdict is not Verdict.NO_INCIDENT:
        yield voice.no_change_before
    yield from coverage.gaps
