"""The check of one line of a model: its citations, quotes, figures, links and mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.analysis import quotations
from bot.analysis.ground import Ground
from bot.analysis.markdown import Line
from bot.analysis.neutral import neutral
from bot.analysis.redact import contains_secret
from bot.analysis.report import Statement
from bot.analysis.unverified import MOST, names, unverified

_BARE_ID = re.compile(r"(?<![\w/-])E\d{1,6}(?![\w/-])")
_LINE_CHARS = 600
_ROUNDS = 5
# A command in a next step is a proposal, not a quotation of the evidence.
_FREE = frozenset({"next_checks", "gaps"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A line as it may be shown, None where nothing of it may, and what was wrong with it.

    `removed` counts what was taken out, `cited` the ids that it names, `unknown` those of them
    that do not exist. `showed_secret` and `is_misquoted` are said of lines of fact only.
    """

    statement: Statement | None
    removed: int
    cited: int
    unknown: int
    showed_secret: bool = False
    is_misquoted: bool = False


class LineCheck:
    """Checks lines against one ground; the same line again, as in each draft, costs nothing."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._checked: dict[tuple[Line, bool], Checked] = {}

    def line(self, line: Line, section: str) -> Checked:
        key = (line, section in _FREE)
        if key not in self._checked:
            self._checked[key] = self._check(line, is_free=section in _FREE)
        return self._checked[key]

    def known(self, cited: Iterable[str]) -> tuple[str, ...]:
        """Return the ids that may be cited."""
        return tuple(name for name in cited if name in self.ground)

    def _check(self, line: Line, *, is_free: bool) -> Checked:
        ids = self.known(line.cited)
        unknown = len(line.cited) - len(ids)
        text, bare = self._without_bare_ids(line.text, ids)
        quoted = quotations.Quoted(text)
        if not is_free:
            quoted = quotations.check(text, [self.ground.plain(name) for name in ids])
        text, more = self._harmless(quoted.text, ids)
        removed = unknown + bare + quoted.removed + more
        if not text or contains_secret(text):
            has_secret = bool(text) and not is_free
            return Checked(None, removed + bool(text), len(line.cited), unknown, has_secret)
        statement = self._statement(text, ids, quoted, is_free=is_free)
        return Checked(
            statement, removed, len(line.cited), unknown, is_misquoted=quoted.is_misquoted
        )

    def _statement(
        self, text: str, ids: tuple[str, ...], quoted: quotations.Quoted, *, is_free: bool
    ) -> Statement:
        if is_free:
            return Statement(text, ids)
        # Where nothing is cited, that is what is said of the line.
        flags = unverified(text, ids, self.ground) if ids else names(text, self.ground)[:MOST]
        return Statement(text, ids, quoted.is_misquoted or not ids, flags)

    def _harmless(self, text: str, ids: Sequence[str]) -> tuple[str, int]:
        """Take out what acts and, as that may uncover ids, those; until nothing is left of both."""
        cited = [self.ground.folded(name) for name in ids]
        removed = 0
        for _ in range(_ROUNDS):
            cleaned, bare = self._without_bare_ids(neutral(text, allowed=cited), ids)
            removed += bare
            if cleaned == text:
                return text[:_LINE_CHARS].strip(), removed
            text = cleaned
        return "", removed + 1

    def _without_bare_ids(self, text: str, ids: Sequence[str]) -> tuple[str, int]:
        unknown = 0

        def judge(found: re.Match[str]) -> str:
            nonlocal unknown
            if any(found.group() in self.ground.folded(name) for name in ids):
                return found.group()
            unknown += found.group() not in self.ground
            return ""

        return " ".join(_BARE_ID.sub(judge, text).split()), unknown
