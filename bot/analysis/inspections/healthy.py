"""Pods of Kubernetes that are as they should be, as `kubectl` describes or lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.analysis.inspections.note import Note

_NAME = re.compile(r"^Name:[ \t]+(\S+)", re.MULTILINE)
_RUNS = re.compile(r"^Status:[ \t]+Running[ \t]*$", re.MULTILINE)
_READY = re.compile(r"^[ \t]+Ready:[ \t]+True[ \t]*$", re.MULTILINE)
_NEVER_RESTARTED = re.compile(r"^[ \t]*Restart Count:[ \t]+0[ \t]*$", re.MULTILINE)
_NOT_SO = re.compile(
    r"^Status:[ \t]+(?:Pending|Failed|Unknown|Terminating)|^[ \t]+Ready:[ \t]+False"
    r"|^[ \t]*Restart Count:[ \t]+[1-9]|^[ \t]+Warning\s",
    re.MULTILINE,
)


_ROW = re.compile(
    r"^(?:pod/)?(\S+)[ \t]+(\d{1,4})/(\d{1,4})[ \t]+(\S+)[ \t]+(\d{1,9})[ \t(]", re.MULTILINE
)
_LEAST_PODS = 2


def notes(text: str) -> Iterator[Note]:
    """Yield a note where all that is described or listed runs and was never restarted."""
    yield from _described(text)
    rows = list(_ROW.finditer(text))
    if len(rows) >= _LEAST_PODS and all(map(_is_well, rows)) and not _NOT_SO.search(text):
        said = f"all {len(rows)} pods run, are ready and were never restarted"
        yield Note(rows[0].group().strip(), said, "healthy")


def _is_well(row: re.Match[str]) -> bool:
    _, ready, wanted, status, restarts = row.groups()
    return ready == wanted and status == "Running" and restarts == "0"


def _described(text: str) -> Iterator[Note]:
    named, restarts = _NAME.search(text), _NEVER_RESTARTED.search(text)
    if named is None or restarts is None or _NOT_SO.search(text):
        return
    if _RUNS.search(text) and _READY.search(text):
        said = f"{named.group(1)} runs, is ready and was never restarted"
        yield Note(restarts.group().strip(), said, "healthy")
