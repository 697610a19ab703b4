"""What moved between two analyses of one incident: evidence, cause, explanations, confidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.analysis import phrases, timeline
from bot.analysis.evidence import Evidence
from bot.analysis.matching import carried, explanations, is_alike, renumbered
from bot.analysis.moments import Kind, kind_of
from bot.analysis.questions import Term, terms
from bot.analysis.report import Confidence, Report, Statement, TimelineEntry, Verdict
from bot.analysis.telling import READ_CHARS, denials, said

_MOST_NEWS = 4
_MOST_MOMENTS = 6
_MOST_MOVED = 6
_TELLING = 0.0
"""Logits, as for a verdict."""
_LEAST_SHARED = 2
_MOST_WITNESSES = 3


class Move(StrEnum):
    """How an explanation stands beside how it stood."""

    APPEARED = "new"
    ROSE = "more likely"
    FELL = "less likely"
    STRENGTHENED = "strengthened"
    RULED_OUT = "ruled out"
    DROPPED = "no longer among the first"


@dataclass(frozen=True, slots=True)
class Moved:
    """An explanation that moved, and the new evidence that moved it, if that can be told."""

    statement: Statement
    move: Move
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """What an analysis says that the one before it did not; all ids are those of now.

    `log_lines` counts lines beyond those that were read before; `gone` the items that are no
    longer there (edited, deleted, out of the window). `cause_before` is None where the cause is
    still the same one, in whatever words.
    """

    messages: int
    log_lines: int
    news: tuple[Statement, ...]
    gone: int
    cause: Statement
    cause_before: Statement | None
    verdict: tuple[Verdict, Verdict]
    confidence: tuple[Confidence, Confidence]
    moved: tuple[Moved, ...]
    moments: tuple[TimelineEntry, ...]
    sources: tuple[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether the evidence and the answer are the same as before.

        Explanations do not count: with the same evidence only a model's wording moves them.
        """
        same_evidence = not (self.messages or self.log_lines or self.news or self.gone)
        same_answer = self.cause_before is None and self.confidence[0] is self.confidence[1]
        return same_evidence and same_answer and self.verdict[0] is self.verdict[1]


def delta(previous: Report, current: Report) -> Delta:
    """Compare two reports on the same incident, the older one first."""
    known = renumbered(previous.evidence, current.evidence)
    kept = set(known.values())
    new = [item for item in current.evidence if item.id not in kept]
    earlier = carried(previous, current.evidence)
    told = _telling(new, current)
    seen = {id_ for statement in told for id_ in statement.evidence}
    return Delta(
        messages=_new_messages(previous, new),
        log_lines=_new_lines(previous, current, known),
        news=told,
        gone=sum(1 for item in previous.evidence if item.id not in known and not item.measured),
        cause=current.cause,
        cause_before=None if _is_same_cause(earlier, current) else earlier.cause,
        verdict=(previous.verdict, current.verdict),
        confidence=(previous.confidence, current.confidence),
        moved=tuple(_moved(earlier, current, new))[:_MOST_MOVED],
        moments=_moments(item for item in new if item.id not in seen),
        sources=(previous.source, current.source),
    )


def _new_messages(previous: Report, new: Iterable[Evidence]) -> int:
    before = {item.message_ts for item in previous.evidence}
    return len({item.message_ts for item in new if not item.measured} - before)


def _new_lines(previous: Report, current: Report, known: dict[str, str]) -> int:
    """Count the log lines that are new: whole templates, and more of the known ones."""
    counts = {known[item.id]: item.count for item in previous.evidence if item.id in known}
    logs = (item for item in current.evidence if item.level or item.count > 1)
    return sum(max(0, item.count - counts.get(item.id, 0)) for item in logs)


def _telling(new: Sequence[Evidence], current: Report) -> tuple[Statement, ...]:
    """Return the new items that matter, oldest first."""
    believed = (current.cause, *current.hypotheses, *current.changes)
    cited = {id_ for statement in believed for id_ in statement.evidence}
    ranked = sorted(new, key=lambda item: (item.id not in cited, -item.score))
    chosen = {item.id for item in ranked if item.id in cited or _tells(item)}
    best = [item for item in ranked if item.id in chosen][:_MOST_NEWS]
    return tuple(Statement(said(item), (item.id,)) for item in new if item in best)


def _tells(item: Evidence) -> bool:
    words = item.text[:2_000]
    signs = (phrases.RULED_OUT, phrases.HEALTHY, phrases.TAKEN_BACK, phrases.WITHOUT_EFFECT)
    return item.score > _TELLING or any(sign.search(words) for sign in signs)


def _moments(new: Iterable[Evidence]) -> tuple[TimelineEntry, ...]:
    talk = {Kind.MESSAGE, Kind.LOG}
    return timeline.build([item for item in new if kind_of(item) not in talk])[:_MOST_MOMENTS]


def _is_same_cause(earlier: Report, current: Report) -> bool:
    before, now = explanations(earlier)[0], explanations(current)[0]
    if is_alike(before.text, now.text):
        return True
    # Two models word one cause in their own ways; what they rest on is the same.
    is_worded = "model" in (earlier.source, current.source)
    return is_worded and bool(before.evidence) and before.evidence[0] in now.evidence


def _moved(earlier: Report, current: Report, new: Sequence[Evidence]) -> Iterator[Moved]:
    before, now = explanations(earlier), explanations(current)
    pairs = _paired(before, now)
    dropped = [one for place, one in enumerate(before) if place not in pairs.values()]
    denied = _denied([*now, *dropped], new)
    for place, statement in enumerate(now):
        if denied[place]:
            yield Moved(statement, Move.RULED_OUT, denied[place])
        else:
            yield from _move(statement, place, pairs, new)
    for statement, against in zip(dropped, denied[len(now) :], strict=True):
        yield Moved(statement, Move.RULED_OUT if against else Move.DROPPED, against)


def _move(
    statement: Statement, place: int, pairs: dict[int, int], new: Sequence[Evidence]
) -> Iterator[Moved]:
    fresh = {item.id for item in new}
    backed = [id_ for id_ in statement.evidence if id_ in fresh]
    if place not in pairs:
        # That all is well again explains nothing.
        if not phrases.is_calm(statement.text):
            yield Moved(statement, Move.APPEARED, tuple(backed))
        return
    witnesses = tuple(dict.fromkeys([*backed, *_witnesses(statement, new)]))[:_MOST_WITNESSES]
    move = _shift(place, pairs)
    if move is not None:
        yield Moved(statement, move, witnesses if move is Move.ROSE else ())
    elif witnesses:
        yield Moved(statement, Move.STRENGTHENED, witnesses)


def _shift(place: int, pairs: dict[int, int]) -> Move | None:
    """Compare places among those that stood before: one that is new pushes nobody down."""
    was, order = pairs[place], sorted(pairs)
    now_rank, old_rank = order.index(place), sorted(pairs.values()).index(was)
    if now_rank == old_rank:
        return None
    return Move.ROSE if now_rank < old_rank else Move.FELL


def _paired(before: Sequence[Statement], now: Sequence[Statement]) -> dict[int, int]:
    """Return the place of now → the place before, for what is the same explanation."""
    pairs: dict[int, int] = {}
    for place, statement in enumerate(now):
        free = (number for number in range(len(before)) if number not in pairs.values())
        same = next((n for n in free if is_alike(before[n].text, statement.text)), None)
        if same is not None:
            pairs[place] = same
    return pairs


def _denied(statements: Sequence[Statement], new: Sequence[Evidence]) -> list[tuple[str, ...]]:
    """Return, for each explanation, the new items in which somebody rules it out.

    A denial is of the explanation that shares most names with it, not of all that share one.
    """
    names = [terms(statement.text) for statement in statements]
    found: list[dict[str, None]] = [{} for _ in statements]
    for item in new:
        for line in denials(item):
            shared = [_shared(own, line) for own in names]
            most = max(shared, default=0)
            for place, count in enumerate(shared):
                if most and count == most:
                    found[place][item.id] = None
    return [tuple(ids) for ids in found]


def _witnesses(statement: Statement, new: Sequence[Evidence]) -> Iterator[str]:
    names = terms(statement.text)
    for item in new:
        lines = (line for line in item.text[:READ_CHARS].splitlines() if _is_witness(line))
        if any(_shared(names, line) >= _LEAST_SHARED for line in lines):
            yield item.id


def _is_witness(line: str) -> bool:
    if phrases.RULED_OUT.search(line) or phrases.HEALTHY.search(line):
        return False
    return phrases.states_cause(line) or phrases.SYMPTOM.search(line) is not None


def _shared(names: Sequence[Term], line: str) -> int:
    return sum(name.pattern.search(line) is not None for name in names)
