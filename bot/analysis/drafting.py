"""Which lines of which items go into a context: the best lines first, then what is around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.analysis.evidence import Evidence
from bot.analysis.shortening import LEAST, PER_LINE, LineScore, best_lines, joined, middle

_ITEM_SHARE = 0.25
"""Of the room, for one item beyond its best lines."""
_LINE_SHARE = 0.2
_SHORTEST_CUT = 240
_BEST_LINES = 60
_STANDS_OUT = 1.5
_NUMBERS = re.compile(r"\d+")


class Draft:
    """A context under way: `header_size` is what the line above an item costs, `room` is left."""

    def __init__(
        self,
        items: Sequence[Evidence],
        header_size: Callable[[int], int],
        room: int,
        line_score: LineScore,
    ) -> None:
        self._items = items
        self._header_size = header_size
        self._room = room
        self._line_score = line_score
        fair = room // len(items)
        self._longest = max(_SHORTEST_CUT, int(room * _LINE_SHARE), fair)
        self._share = max(int(room * _ITEM_SHARE), fair)
        self._lines = [item.text.splitlines() for item in items]
        self._kept: dict[int, dict[int, str]] = {}

    def begin(self, index: int, limit: int) -> None:
        """Show an item, in at most `limit` characters."""
        limit = min(limit, self._room) - self._header_size(index)
        if limit < LEAST:
            return
        lines = self._lines[index]
        kept = {place: line for place, line in enumerate(lines) if line.strip()}
        if _size(kept) > limit:
            kept = best_lines(lines, limit, self._line_score)
        self._kept[index] = kept
        self._room -= self._header_size(index) + _size(kept)

    def add_best_lines(self) -> None:
        """Add the lines that tell most, whichever item they stand in, each kind of line once."""
        seen = {_kind(line) for kept in self._kept.values() for line in kept.values()}
        added = 0
        for _, index, place in sorted(self._scores(), key=lambda score: -score[0]):
            if added == _BEST_LINES or self._room < LEAST:
                return
            line = self._lines[index][place]
            if _kind(line) in seen or self._is_whole(index, place):
                continue
            if self._add(index, place, self._longest):
                seen.add(_kind(line))
                added += 1

    def add_best_items(self) -> None:
        """Add more of each item, the best first, none of them more than its share."""
        known = {" ".join(self._items[index].text.split()) for index in self._kept}
        for index in sorted(range(len(self._items)), key=lambda i: (-self._items[i].score, i)):
            if self._room < LEAST:
                return
            folded = " ".join(self._items[index].text.split())
            if index not in self._kept and folded in known:
                continue
            known.add(folded)
            self._fill(index)

    def _fill(self, index: int) -> None:
        if index not in self._kept and self._header_size(index) + PER_LINE >= self._room:
            return
        spent = _size(self._kept.get(index, {}))
        lines = self._lines[index]
        for place in sorted(range(len(lines)), key=lambda p: (-self._line_score(lines[p]), p)):
            left = self._share - spent
            if left < LEAST or self._room < LEAST:
                return
            if lines[place].strip() and not self._is_whole(index, place):
                spent += self._add(index, place, left)

    def _add(self, index: int, place: int, limit: int) -> int:
        """Keep a line, cut where it is longer than the limit; return what that cost, 0 for not."""
        above = 0 if index in self._kept else self._header_size(index)
        kept = self._kept.get(index, {})
        line = middle(self._lines[index][place], max(LEAST, min(limit, self._longest)))
        more = _size({place: line}) - _size({place: kept[place]} if place in kept else {})
        if above + more > self._room or limit < LEAST or more <= 0:
            return 0
        self._kept.setdefault(index, {})[place] = line
        self._room -= above + more
        return above + more

    def _is_whole(self, index: int, place: int) -> bool:
        return self._kept.get(index, {}).get(place) == self._lines[index][place]

    def _scores(self) -> Iterator[tuple[float, int, int]]:
        """Yield (score, item, line): the words of a line, and where its item stands."""
        for index, lines in enumerate(self._lines):
            worth = [self._line_score(line) if line.strip() else None for line in lines]
            known = [score for score in worth if score is not None]
            item = self._items[index]
            placed = item.score - max(known, default=0.0)
            for place, score in enumerate(worth):
                if score is not None:
                    is_odd = any(note.line in lines[place] for note in item.stands_out)
                    yield score + placed + (_STANDS_OUT if is_odd else 0.0), index, place

    def evidence(self) -> dict[int, Evidence]:
        """Return what is shown, by the place of its item."""
        return {index: replace(self._items[index], text=self._text(index)) for index in self._kept}

    def _text(self, index: int) -> str:
        text, kept, lines = self._items[index].text, self._kept[index], self._lines[index]
        is_all = all(self._is_whole(index, n) for n, line in enumerate(lines) if line.strip())
        return text if is_all and len(text) <= _size(kept) else joined(lines, kept)


def _size(kept: Mapping[int, str]) -> int:
    return sum(len(line) + PER_LINE for line in kept.values())


def _kind(line: str) -> str:
    """Return what two lines share that differ in their numbers only."""
    return _NUMBERS.sub("#", " ".join(line.split()))
