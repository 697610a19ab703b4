"""What a claim may rest on: the evidence that a model was shown, read once for all its drafts."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable
from functools import cached_property

from bot.analysis import quotations
from bot.analysis.evidence import Evidence


class Ground:
    """Knows the items by id; only those of `shown` may be cited, all where it is None.

    `said` are further words that may be used, such as those of the question.
    """

    def __init__(
        self,
        items: Iterable[Evidence],
        *,
        shown: Collection[str] | None = None,
        said: Iterable[str] = (),
    ) -> None:
        self.items = {item.id: item for item in items}
        self._shown = self.items.keys() if shown is None else frozenset(shown)
        self._said = tuple(said)
        self._plain: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._named: dict[str, bool] = {}

    def showing(self, ids: Collection[str]) -> Ground:
        """Return the same of which only these may be cited; what was read is shared."""
        other = copy.copy(self)
        other._shown = frozenset(ids)
        return other

    def __contains__(self, id_: str) -> bool:
        return id_ in self._shown and id_ in self.items

    def plain(self, id_: str) -> str:
        """Return an item's text for the comparison of quotations."""
        if id_ not in self._plain:
            self._plain[id_] = quotations.plain(self.items[id_].text)
        return self._plain[id_]

    def folded(self, id_: str) -> str:
        """Return an item's text in one line."""
        if id_ not in self._folded:
            self._folded[id_] = " ".join(self.items[id_].text.split())
        return self._folded[id_]

    def names(self, word: str) -> bool:
        """Say whether a name stands anywhere in the evidence, in whatever case."""
        word = word.casefold()
        if word not in self._named:
            self._named[word] = word in self._everything
        return self._named[word]

    @cached_property
    def _everything(self) -> str:
        items = self.items.values()
        parts = [part for item in items for part in (item.text, item.author, item.source)]
        return "\n".join([*parts, *self._said]).casefold()
