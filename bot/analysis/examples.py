"""A log record as it may be shown: redacted, and of a length for reading."""

from __future__ import annotations

from collections.abc import Callable

from bot.analysis.records import Record, clipped

LINE_CHARS = 2_000


def shown(record: Record, hide: Callable[[str], str]) -> str:
    """Return a record's text as evidence; `hide` redacts.

    Only what is shown is redacted: the other lines of its kind are no more than counted.
    """
    text = hide(record.text)
    whole = [part for part in (record.before, record.text, record.after) if part]
    if len(whole) > 1:
        apart = "\n".join(text if part is record.text else hide(part) for part in whole)
        together = hide("\n".join(whole))
        # What begins on one line and ends on the next is seen only in both.
        text = text if together == apart else together
    # Cut afterwards: half a secret would look like none.
    return hide("\n".join(line[:LINE_CHARS] for line in clipped(text).split("\n")))
