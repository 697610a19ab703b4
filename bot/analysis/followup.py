"""A further question in a thread that has an answer: answered from the evidence, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.analysis import phrases, timeline
from bot.analysis.asked import READ_CHARS, Asked
from bot.analysis.delta import delta
from bot.analysis.evidence import Evidence
from bot.analysis.matching import carried, is_alike
from bot.analysis.questions import Intent, Term, intent
from bot.analysis.report import Report, Statement
from bot.analysis.scoring import Judge
from bot.analysis.telling import denials, said
from bot.analysis.voice import ENGLISH, Voice

__all__ = ["Intent", "Previous", "answer_question", "carried", "delta", "intent"]

MOST_ASKED = 200
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Previous:
    """The last analysis that a thread was shown, whole or as what moved.

    `at` is when, in UTC seconds; `question` is what it answered, `reads_thread` whether it read
    that thread alone, not the channel's window.
    `asked` are the `ts` of the messages that asked us something: they are no evidence.
    """

    report: Report
    at: float
    question: str = ""
    reads_thread: bool = True
    asked: tuple[str, ...] = ()

    def with_asked(self, ts: str | None) -> Previous:
        """Return the same with one more message that asked us something."""
        asked = (*self.asked, ts) if ts and ts not in self.asked else self.asked
        return replace(self, asked=asked[-MOST_ASKED:])


def answer_question(
    question: str, report: Report, previous: Report, judge: Judge, voice: Voice = ENGLISH
) -> Report:
    """Return a short report whose summary answers the question, each line cited, by rules alone.

    `report` is what the rules say now, `previous` what the thread was last told. What the
    evidence does not tell stands in the gaps. The summary or the gaps are never both empty.
    What the answer says in words of its own is said by `voice`.
    """
    asked = Asked(question, report, previous, judge, voice)
    summary, gaps = _ANSWERS.get(intent(question), _about)(asked)
    believed = asked.earlier
    return Report(
        verdict=believed.verdict,
        cause=believed.cause,
        confidence=believed.confidence,
        summary=tuple(summary[:_MOST_LINES]),
        gaps=gaps,
        evidence=report.evidence,
        coverage=report.coverage,
    )


_Found = tuple[list[Statement], tuple[Statement, ...]]


def _when(asked: Asked) -> _Found:
    if phrases.FIX.search(asked.question) or phrases.HEALTHY.search(asked.question):
        return _fixed(asked)
    timed = [item for item in asked.items if timeline.has_time(item)]
    if asked.terms and (lines := asked.matching(timed)):
        lines = sorted(lines, key=lambda line: line.item.at or 0.0)[:_MOST_LINES]
        return [_dated(line.item, line.text) for line in lines], ()
    if asked.terms or not timed:
        return [], _nothing(asked, asked.voice.untimed)
    first = next((item for item in timed if item.at == asked.onset), None)
    if first is None:
        earliest = min(timed, key=lambda item: item.at or 0.0)
        return [_as(asked.voice.earliest, _dated(earliest, ""))], ()
    return [_first_sign(asked, first), *_just_before(asked, first)], ()


def _first_sign(asked: Asked, item: Evidence) -> Statement:
    line = next((text for text in item.text.splitlines() if phrases.SYMPTOM.search(text)), "")
    return _as(asked.voice.first_sign, _dated(item, line))


def _just_before(asked: Asked, first: Evidence) -> list[Statement]:
    changes = [(asked.item(id_), one.text) for one in asked.report.changes for id_ in one.evidence]
    before = [
        _dated(item, text)
        for item, text in changes
        if timeline.has_time(item) and item is not first and (item.at or 0) <= (first.at or 0)
    ]
    return [_as(asked.voice.change_before, one) for one in before[-3:]]


def _fixed(asked: Asked) -> _Found:
    told = [
        _dated(item, line)
        for item in asked.items
        if timeline.has_time(item) and (item.at or 0.0) >= (asked.onset or 0.0)
        for line in item.text[:READ_CHARS].splitlines()
        if phrases.TAKEN_BACK.search(line) or phrases.HEALTHY.search(line)
    ]
    return told[-_MOST_LINES:], () if told else _gap(asked.voice.not_over)


def _changed(asked: Asked) -> _Found:
    lines = [
        (asked.item(id_), change.text) for change in asked.report.changes for id_ in change.evidence
    ]
    named = [(item, line) for item, line in lines if _has_all(asked.terms, item, line)]
    told = [_quoted(item, line) for item, line in named or lines]
    return told[:_MOST_LINES], () if told else _nothing(asked, asked.voice.no_change)


def _why(asked: Asked) -> _Found:
    named = [one for one in asked.believed if asked.names(one)]
    if asked.terms and not named and not asked.matching():
        return [], _nothing(asked)
    chosen = named[0] if named else asked.believed[0]
    if not chosen.evidence:
        return [], _gap(asked.voice.no_ground)
    reasons = [_quoted(asked.item(id_), _telling(asked, id_)) for id_ in chosen.evidence]
    return [chosen, *_distinct(reasons), *_ruled_out(asked)], ()


def _suspect(asked: Asked) -> _Found:
    lines = asked.matching()
    if not lines:
        return [], _nothing(asked)
    told = [_quoted(line.item, line.text) for line in lines]
    against = list(_ruled_out(asked))
    return [*against, *_standing(asked), *_beyond(told, against)], _unmentioned(asked)


def _standing(asked: Asked) -> Iterator[Statement]:
    """Say how the last answer stood to what is asked about."""
    named = [one for one in asked.believed if asked.names(one) and _is_claim(one)]
    voice = asked.voice
    if named[:1] == [asked.earlier.cause]:
        yield _as(voice.in_cause, named[0], confidence=voice.sure(asked.earlier.confidence))
    elif named:
        yield _as(voice.in_another, named[0])


def _is_claim(statement: Statement) -> bool:
    """Say whether it claims something: that it was ruled out is told as what speaks against it."""
    return bool(statement.evidence) and not phrases.RULED_OUT.search(statement.text)


def _next(asked: Asked) -> _Found:
    checks = list(asked.report.next_checks or asked.earlier.next_checks)
    if checks:
        return checks[:_MOST_LINES], ()
    return [], _gap(asked.voice.no_check)


def _about(asked: Asked) -> _Found:
    if not asked.terms:
        return [], _gap(asked.voice.name_it)
    lines = asked.matching()[:_MOST_LINES]
    if not lines:
        return [], _nothing(asked)
    in_order = sorted(lines, key=lambda line: line.item.at or 0.0)
    told = _distinct(_quoted(line.item, line.text) for line in in_order)
    return list(told), _unmentioned(asked)


_ANSWERS = {
    Intent.WHEN: _when,
    Intent.CHANGED: _changed,
    Intent.WHY: _why,
    Intent.SUSPECT: _suspect,
    Intent.NEXT: _next,
}


def _ruled_out(asked: Asked) -> Iterator[Statement]:
    """Say what speaks against what is asked about."""
    for item in asked.items:
        for sentence in denials(item):
            if any(term.pattern.search(sentence) for term in asked.terms):
                yield _as(asked.voice.against, _quoted(item, sentence))


def _telling(asked: Asked, id_: str) -> str:
    lines = asked.item(id_).text[:READ_CHARS].splitlines()
    return max(lines, key=asked.judge.score, default="")


def _has_all(names: Sequence[Term], item: Evidence, line: str) -> bool:
    return all(name.pattern.search(f"{item.author} {item.source} {line}") for name in names)


def _quoted(item: Evidence, line: str) -> Statement:
    return Statement(said(item, line), (item.id,))


def _dated(item: Evidence, line: str) -> Statement:
    day = timeline.day(item.at or 0.0)
    return Statement(f"{day} {said(item, line)}", (item.id,))


def _as(phrase: str, told: Statement, **fields: str) -> Statement:
    """Return a statement with what a phrase of ours says of it."""
    return replace(told, text=phrase.format(told=told.text, **fields))


def _nothing(asked: Asked, what: str = "") -> tuple[Statement, ...]:
    voice = asked.voice
    needed = voice.mention_needed
    if asked.onset:
        needed = voice.mention_needed_around.format(time=timeline.clock(asked.onset))
    named = [term.word for term in asked.terms]
    return (*_gap(what or _says_nothing(voice, named)), *_gap(needed))


def _unmentioned(asked: Asked) -> tuple[Statement, ...]:
    """Name what was asked about and stands nowhere."""
    texts = [item.text[:READ_CHARS] for item in asked.items]
    absent = [term.word for term in asked.terms if not any(map(term.pattern.search, texts))]
    return _gap(_says_nothing(asked.voice, absent)) if absent else ()


def _says_nothing(voice: Voice, named: Sequence[str]) -> str:
    return voice.unmentioned.format(names=voice.between_names.join(named))


def _gap(what: str) -> tuple[Statement, ...]:
    return (Statement(what),)


def _beyond(statements: Iterable[Statement], said: Sequence[Statement]) -> list[Statement]:
    """Return what says something else than what was said before."""
    return list(_distinct([*said, *statements]))[len(_distinct(said)) :]


def _distinct(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Leave out what a line before says already, from the same evidence."""
    kept: list[Statement] = []
    for one in statements:
        same = (other for other in kept if set(one.evidence) <= set(other.evidence))
        if not any(is_alike(one.text, other.text) for other in same):
            kept.append(one)
    return tuple(kept)
