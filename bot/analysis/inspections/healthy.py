"""A pod of Kubernetes that is as it should be, as `kubectl describe` shows it."""

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


def notes(text: str) -> Iterator[Note]:
    """Yield a note where a described pod runs, is ready, and was warned of nothing."""
    named, restarts = _NAME.search(text), _NEVER_RESTARTED.search(text)
    if named is None or restarts is None or _NOT_SO.search(text):
        return
    if _RUNS.search(text) and _READY.search(text):
        said = f"{named.group(1)} runs, is ready and was never restarted"
        yield Note(restarts.group().strip(), said, "healthy")
