"""Confirmed incidents for as long as the process lives: for tests, and for practice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.analysis.similar import Confirmed, Found, Item, Searchable, Signs

_CANDIDATES = 60


class IncidentsInMemory:
    """The same as the file, without one and without a bound."""

    def __init__(self, incidents: Iterable[Confirmed] = ()) -> None:
        self._kept: dict[tuple[str, str], Confirmed] = {}
        for incident in incidents:
            self.keep(incident)

    def keep(self, incident: Confirmed) -> None:
        """Keep an incident in place of an earlier one of the same thread."""
        self._kept[incident.channel, incident.thread_ts] = incident

    def search(self, signs: Signs, channel: str) -> Found[Confirmed]:
        """Return the most promising of this channel, and as many of all others."""
        kept = list(self._kept.values())
        own = among(signs, [incident for incident in kept if incident.channel == channel])
        others = among(signs, [incident for incident in kept if incident.channel != channel])
        return Found([*own.candidates, *others.candidates], len(kept), among(signs, kept).counts)

    def newest(self, limit: int) -> list[Confirmed]:
        """Return the newest, the newest first."""
        return sorted(self._kept.values(), key=lambda incident: -incident.at)[:limit]


def among(signs: Signs, items: list[Item]) -> Found[Item]:
    """Return the most promising of the items, whatever they are."""
    lowered = [item.text.lower() for item in items]
    counts = {term: sum(term in text for text in lowered) for term in signs.terms}
    counts |= {id_: sum(id_ in item.signatures for item in items) for id_ in signs.signatures}
    ranked = sorted(
        (
            (_promise(signs, item, text, counts), place)
            for place, (item, text) in enumerate(zip(items, lowered, strict=True))
        ),
        reverse=True,
    )
    candidates = [items[place] for promise, place in ranked[:_CANDIDATES] if promise]
    return Found(candidates, len(items), counts)


def _promise(signs: Signs, item: Searchable, text: str, counts: Mapping[str, int]) -> float:
    """Return roughly how much an item shares: rare signs count more."""
    shared = [term for term in signs.terms if term in text]
    shared += [id_ for id_ in signs.signatures if id_ in item.signatures]
    return sum(1 / counts[sign] for sign in shared)
