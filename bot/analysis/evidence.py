"""Numbered evidence: what may be cited, how much it counts, and what fits a budget."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter

from bot.analysis.alerts import Alert
from bot.analysis.inspections.note import Note


@dataclass(frozen=True, slots=True)
class Evidence:
    """One citable item, already redacted.

    `id` is "E1", "E2" … in the order of the incident. `text` is word for word what was read
    (several lines where they belong together, one example where `count` like it were folded).
    `at` is seconds since 1970, UTC, or None where no time is known. `source` names where it
    stands ("message" or a file's name), `message_ts` and `permalink` the message that carries it.
    `measured` is above 0 for a line that was computed from the figures of `source`: how far it
    speaks for a cause. Such a line is cited, never quoted. `pasted` is true for what a program
    printed: the text of a file or of a code block, and `stands_out` is what is odd in it.
    `marked` is what people's marks on its message say (see `marks.weight`). `alerts` are those
    that it tells of; of a storm it is the first message, `last_at` the time of the last one, and
    `note` says in words what became of it.

    Of lines that were folded: `first_at` and `last_at` are when the first and the last came (UTC
    seconds, None where no time is known), `burst_at` the start of their densest minute and `burst`
    the share of them in it (0 to 1), `rarity` 1 for a kind seen once among many lines, 0 for one
    that all lines are of.
    """

    id: str
    text: str
    author: str
    source: str = "message"
    at: float | None = None
    message_ts: str = ""
    permalink: str = ""
    count: int = 1
    level: str = ""
    score: float = 0.0
    measured: float = 0.0
    pasted: bool = False
    stands_out: tuple[Note, ...] = ()
    first_at: float | None = None
    last_at: float | None = None
    burst_at: float | None = None
    burst: float = 0.0
    rarity: float = 0.0
    marked: float = 0.0
    alerts: tuple[Alert, ...] = ()
    note: str = ""

    @property
    def is_said(self) -> bool:
        """Whether somebody wrote it in words, as opposed to what a program printed."""
        return not self.level and not self.pasted


_NAMES = [field.name for field in fields(Evidence)]
_SCORE = _NAMES.index("score")
_values = attrgetter(*_NAMES)


def with_score(item: Evidence, score: float) -> Evidence:
    """Return the item with another score, in half the time that `replace` takes."""
    values = list(_values(item))
    values[_SCORE] = score
    return Evidence(*values)
