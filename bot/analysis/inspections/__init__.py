"""What a dump shows when it is read as what it is: the state of objects, and who uses most."""

from __future__ import annotations

from collections.abc import Iterator

from bot.analysis.inspections import consumers, kubernetes
from bot.analysis.inspections.note import Note

__all__ = ["Note", "inspect"]

_LONGEST = 400_000
_MOST = 20


def inspect(text: str) -> tuple[Note, ...]:
    """Return what stands out in one dump; nothing where its form is not known.

    The line of each note stands in the text word for word.
    """
    if len(text) > _LONGEST:
        return ()
    return tuple(_distinct(text))


def _distinct(text: str) -> Iterator[Note]:
    seen: set[str] = set()
    for look in (kubernetes.notes, consumers.notes):
        for note in look(text):
            if note.line and note.line in text and note.line not in seen and len(seen) < _MOST:
                seen.add(note.line)
                yield note
