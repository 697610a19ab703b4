"""What sentences are to those beside them: who leads on, who points back, in one message or two."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.sentences import sentences

Places = Set[tuple[str, str]]
"""(id of an item, sentence in it) each."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentences of one message are to each other.

    `explanations` is how many of them say why, beside the first that does.
    """

    leading: Set[str]
    pointing_back: Set[str]
    explanations: int


_NOTHING = Told(frozenset(), frozenset(), 0)


def told_in(said: Sequence[str]) -> Told:
    """Return what the sentences of a message are to each other."""
    if len(said) == 1:
        return _NOTHING
    # Nothing was said before the first one.
    pointing_back = {sentence for sentence in said[1:] if phrases.LEADS_ON.search(sentence)}
    leading = {before for before, sentence in pairwise(said) if sentence in pointing_back}
    tiers = [phrases.cause_tier(sentence) for sentence in said]
    return Told(leading, pointing_back, max(0, sum([tier > 0 for tier in tiers]) - 1))


def across(items: Sequence[Evidence]) -> tuple[Places, Places]:
    """Return what leads on to the next message of the same person, and what points back there.

    People break a thought over messages.
    """
    leading: set[tuple[str, str]] = set()
    pointing_back: set[tuple[str, str]] = set()
    said = [item for item in items if item.is_said]
    for before, item in pairwise(said):
        first = next((sentence for sentence, _ in sentences(item.text)), "")
        if item.author == before.author and phrases.LEADS_ON.search(first):
            last = [sentence for sentence, _ in sentences(before.text)][-1:]
            leading.update((before.id, sentence) for sentence in last)
            pointing_back.add((item.id, first))
    return leading, pointing_back
