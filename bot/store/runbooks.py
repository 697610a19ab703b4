"""Runbooks: the Markdown files of a folder, in sections, read anew when a file changes."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.analysis import signatures
from bot.analysis.redact import RedactionError, Redactor
from bot.analysis.similar import Found, Passage, Signs
from bot.store.incidents_in_memory import among

MOST_FILES = 500
MOST_BYTES = 200_000
MOST_PASSAGES = 5_000
"""What is beyond these is not read, and a line in the log says so."""

_PASSAGE_CHARS = 4_000
_MOST_SIGNATURES = 8
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]{1,20}([^\n]{1,200})")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was when it was read."""

    stamp: tuple[int, int]
    passages: tuple[Passage, ...]


class RunbookFolder:
    """The runbooks of a folder and of all folders in it; a link that leads out is not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, _Read] = {}
        self._told = ""

    def search(self, signs: Signs) -> Found[Passage]:
        """Return the sections that share a sign; those of a file that cannot be read are missing.

        Waits for a disk: call it in a thread. Two threads at once only read a file twice.
        """
        return among(signs, self._passages())

    def _passages(self) -> list[Passage]:
        names = self._names()
        trouble = "" if self._folder.is_dir() else "is no folder"
        if len(names) > MOST_FILES:
            trouble = f"holds more than {MOST_FILES} files; only the first of them are read"
        passages: list[Passage] = []
        read: dict[str, _Read] = {}
        for name in names[:MOST_FILES]:
            if len(passages) >= MOST_PASSAGES:
                trouble = f"holds more than {MOST_PASSAGES:,} sections; {name} is not read"
                break
            if found := _fresh(self._folder / name, name, self._read.get(name)):
                read[name] = found
                passages += found.passages
        self._read = read
        self._tell(trouble)
        return passages

    def _names(self) -> list[str]:
        root = self._folder.resolve()
        found = []
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [Path(folder) / name for name in files if name.lower().endswith(".md")]
        names = (str(path.relative_to(root)) for path in found if _is_inside(path, root))
        return sorted(name for name in names if name.isprintable())

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._told:
            logger.warning("RCA_RUNBOOKS: %s %s", self._folder, trouble)
        self._told = trouble


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        # A link that leads to itself.
        return False


def _fresh(path: Path, name: str, known: _Read | None) -> _Read | None:
    try:
        about = path.stat()
        stamp = (about.st_mtime_ns, about.st_size)
        if known is not None and known.stamp == stamp:
            return known
        if not path.is_file():
            return None
        if about.st_size > MOST_BYTES:
            logger.warning("RCA_RUNBOOKS: %s is over %d bytes and is not read", name, MOST_BYTES)
            return _Read(stamp, ())
        text = Redactor().redact(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, RedactionError) as error:
        logger.warning("RCA_RUNBOOKS: %s is not read: %s", name, type(error).__name__)
        return None
    return _Read(stamp, tuple(passages_of(name, text)))


def passages_of(file: str, text: str) -> Iterator[Passage]:
    """Cut a runbook at its headings; what stands before the first is named after the file."""
    heading, lines, fenced = Path(file).stem, list[str](), False
    for line in text.splitlines():
        fenced ^= _FENCE.match(line) is not None
        found = None if fenced else _HEADING.match(line)
        if found is None:
            lines.append(line)
            continue
        yield from _passage(file, heading, lines)
        heading, lines = found.group(1).rstrip("# \t"), []
    yield from _passage(file, heading, lines)


def _passage(file: str, heading: str, lines: list[str]) -> Iterator[Passage]:
    body = "\n".join(lines).strip()[:_PASSAGE_CHARS]
    if body:
        text = f"{heading}\n{body}"
        # All at once: line by line, as an incident is read, takes many times as long.
        signs = tuple(sign.id for sign in signatures.matching(text)[:_MOST_SIGNATURES])
        yield Passage(file, heading, text, signs)
