"""The time that a log line states, as UTC seconds."""

from __future__ import annotations

from bot.analysis.time_forms import FORMS, HEAD, JSON_FORMS, JSON_HEAD, MAY_HOLD, Form


def parse_time(line: str, near: float = 0.0) -> float | None:
    """Return the time at the head of a line in UTC seconds; a time without a zone counts as UTC.

    `near` (UTC seconds) is when the line was shown: it completes the forms that leave out the year
    or the date; a clock without a date is no time where it is 0.
    """
    form = form_of(line, near)
    return read_time(line, form, near) if form else None


def form_of(line: str, near: float) -> Form | None:
    """Return the form of the first time in a line's head."""
    if not MAY_HOLD.search(line, 0, JSON_HEAD if line[:1] == "{" else HEAD):
        return None
    if line.startswith("{"):
        for form in JSON_FORMS:
            if read_time(line, form, near) is not None:
                return form
    best, place = None, HEAD * 2
    for form in FORMS:
        found = form.pattern.search(line, 0, HEAD)
        start = found.start() + form.handicap if found else place
        if start < place and read_time(line, form, near) is not None:
            best, place = form, start
        if place == 0:
            break
    return best


def read_time(line: str, form: Form, near: float) -> float | None:
    """Return the time of a line whose form is known, None where it has none of that form."""
    found = form.pattern.search(line, 0, form.head)
    try:
        return form.read(found, near) if found else None
    except (ValueError, OverflowError):
        return None


def has_zone(line: str, form: Form) -> bool:
    """Say whether a line's time states its zone; seconds since 1970 do."""
    found = form.pattern.search(line, 0, form.head)
    groups = found.groupdict() if found else {}
    return "epoch" in groups or bool(groups.get("zone"))
