"""A long sentence in few words: the part that tells, without what only leads up to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from bot.analysis.timeline import first_line

Worth = Callable[[str], float]

_LINK = re.compile(r"\[([^\]\n]{1,300})\]\(https?://[^)\s]{1,2000}\)")
_URL = re.compile(r"\(?https?://[^\s)]{1,2000}\)?")
_MARKS = re.compile(r"(?<!\w)[*_]{1,3}(?=\w)|(?<=\w)[*_]{1,3}(?!\w)|:[a-z_]{3,30}:(?= )")
_LEADS_UP = re.compile(
    r"(?:(?:we|i|the team|team|it (?:was|is)|they|\w+) )?"
    r"(?:then |later |finally |also |have |had )?"
    r"(?:became aware|noticed|found|discovered|identified|concluded|reali[sz]ed|understood|noted"
    r"|confirmed|determined|suspect(?:ed)?|believed?)(?: out)?(?: that)? (?=\S{2})",
    re.IGNORECASE,
)
_SEAMS = re.compile(
    r"(?<=[,;:—–、，；：]) ?(?=\S)|\s+(?=(?:because|since|due to|which|causing|resulting in|after"
    r"|when|but|so that|meaning|as it|as the|caused by|leading to|despite|and) )",
    re.IGNORECASE,
)
_LEAST = 12
_TELLS_MORE = 1.0
_ROUNDING = 1e-9


def plain(text: str) -> str:
    """Return a sentence as one line without markup, and without addresses beside words."""
    words = _URL.sub("", _LINK.sub(r"\1", text))
    return " ".join(_MARKS.sub("", words).split()) or " ".join(text.split())


def condensed(text: str, limit: int, worth: Worth) -> str:
    """Return the part of a sentence that tells most, at most `limit` characters, cut at a word."""
    text = plain(text)
    if limit < 1:
        return ""
    if len(text) <= limit:
        return text
    text = _LEADS_UP.sub("", text, count=1) if _LEADS_UP.match(text) else text
    if len(text) <= limit:
        return text
    first = _best_start(text, limit, worth)
    part = text[first:].strip(" ,;:")
    return first_line(part if first == 0 else f"…{part}", limit)


def _best_start(text: str, limit: int, worth: Worth) -> int:
    """Return where to begin: at the head, unless what begins with a later clause tells more."""
    first, best = 0, worth(text[:limit])
    for start, end in _clauses(text):
        told = worth(text[start : start + limit]) if end > limit else best
        if told > best + _TELLS_MORE:
            first, best = start, told
    return first


def _clauses(text: str) -> list[tuple[int, int]]:
    cuts = [0, *(found.end() for found in _SEAMS.finditer(text)), len(text)]
    kept = [cuts[0]]
    for cut in cuts[1:-1]:
        if cut - kept[-1] >= _LEAST:
            kept.append(cut)
    kept.append(cuts[-1])
    return list(pairwise(kept))


def shared_out(sizes: Sequence[int], weights: Sequence[float], room: int) -> list[int]:
    """Return how much of `room` each part gets: by weight, and what one leaves goes to the rest."""
    got, room = [0] * len(sizes), max(0, room)
    open_parts = [n for n, size in enumerate(sizes) if size]
    while open_parts:
        total = sum(weights[n] for n in open_parts)
        fair = {n: int(room * weights[n] / total + _ROUNDING) for n in open_parts}
        done = [n for n in open_parts if sizes[n] <= fair[n]]
        for n in done or open_parts:
            got[n] = min(sizes[n], fair[n])
            room -= got[n]
        if not done:
            break
        open_parts = [n for n in open_parts if n not in done]
    return got
