"""What a line is to the one before it: the start of a record, or a part of it."""

from __future__ import annotations

import re
from enum import IntEnum, auto

_CONTINUES = re.compile(
    r"\s|\.\.\. \d{0,6} ?(?:more|common frames)|created by |\[signal |exit status|Stack trace:"
    r"|stack backtrace:|#\d{1,4} |note: run with|note: Some details|--- End of|[}\])]{1,3}[;,]?$"
    r"|\S{1,200}\.rb:\d{0,7}:in "
)
_TRACE = re.compile(
    r"\s{0,40}(?:Caused by:|Suppressed:|Traceback \(|goroutine \d|During handling of"
    r"|The above exception)|\s{1,40}at \S|\s{1,40}File \""
)
_EXCEPTION = re.compile(
    r"(?:[\w$]{1,60}[.:]{1,2}){0,12}[\w$]{0,80}(?:Exception|Error|Throwable|Exit|Interrupt|Warning)"
    r"\d{0,4}(?:$|[:\s(])|Uncaught |Unhandled exception|Exception in thread "
)
_GO_FRAME = re.compile(r"[\w./*()\[\]{}·,-]{1,300}\([^()]{0,300}\)$")
_PANIC = re.compile(r"panic: |fatal error: |thread '[^']{0,80}' (?:\(\d{1,9}\) )?panicked at ")
_DETAIL = re.compile(
    r"[^:]{0,40}:\d\d:.{0,120}?\s(?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):  "
)


class Role(IntEnum):
    """A line's part in a record, as far as the line itself tells it.

    TRACE continues and opens a stack trace, EXCEPTION and PANIC begin one or are part of one,
    FRAME is part of one if there is one, DETAIL belongs to the message of the same process.
    """

    BLANK = auto()
    STARTS = auto()
    CONTINUES = auto()
    TRACE = auto()
    EXCEPTION = auto()
    PANIC = auto()
    FRAME = auto()
    DETAIL = auto()
    UNTIMED = auto()


def role_of(inner: str, *, timed: bool) -> Role:
    """Return the role of a line without its wrapping; `timed` says whether it has its own time."""
    if not inner.strip():
        return Role.BLANK
    if timed and not _TRACE.match(inner):
        return Role.DETAIL if _DETAIL.match(inner) else Role.STARTS
    return next((role for role, pattern in _ROLES if pattern.match(inner)), Role.UNTIMED)


_ROLES = (
    (Role.TRACE, _TRACE),
    (Role.CONTINUES, _CONTINUES),
    (Role.PANIC, _PANIC),
    (Role.EXCEPTION, _EXCEPTION),
    (Role.FRAME, _GO_FRAME),
)
