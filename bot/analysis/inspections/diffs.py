"""What a change took out and put in, where a unified diff shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.analysis.inspections.note import Note

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@", re.MULTILINE)
# A line without a letter or a digit is a bracket, or the dashes below a patch in a mail.
_OUT = re.compile(r"^-(?!--)\s*(?=.{0,200}\w)(\S.{0,200})$")
_IN = re.compile(r"^\+(?!\+\+)\s*(?=.{0,200}\w)(\S.{0,200})$")
_NO_LINE_END = "\\"
_MOST = 6


def notes(text: str) -> Iterator[Note]:
    """Yield each line that was replaced, taken out or put in, at most six."""
    starts = [found.end() for found in _HUNK.finditer(text)]
    if not starts:
        return
    for number, (said, line) in enumerate(_changes(text[starts[0] :].splitlines())):
        if number == _MOST:
            return
        yield Note(line, said, "diff")


def _changes(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (what was done, the line that shows it); what is put in next replaces what went."""
    waiting: list[tuple[str, str]] = []
    for line in [*lines, ""]:
        if taken := _OUT.match(line):
            waiting.append((taken.group(1), line))
        elif put := _IN.match(line):
            if waiting:
                old, _ = waiting.pop(0)
                yield f"changed {old} to {put.group(1)}", line
            else:
                yield f"added {put.group(1)}", line
        elif not line.startswith(_NO_LINE_END):
            yield from ((f"removed {old}", shown) for old, shown in waiting)
            waiting.clear()
