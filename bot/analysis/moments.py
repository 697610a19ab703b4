"""What kind of moment a line tells of: the words of a timeline that a program may count on."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.analysis import phrases
from bot.analysis.evidence import Evidence
from bot.analysis.logs import SEVERITY, parse_level


class Kind(StrEnum):
    """What happened, as far as its words say."""

    ALERT = "alert"
    CHANGE = "change"
    SYMPTOM = "symptom"
    FIX = "fix"
    RECOVERY = "recovery"
    MESSAGE = "message"
    LOG = "log"


_ALERT = re.compile(
    r"\bfiring\b|\balert(?:s|ed|ing|manager)?\b|\btriggered\b|\bpaged?\b|\bpagerduty\b|アラート"
    r"|告警|报警|알림|경보",
    re.IGNORECASE,
)
_RECOVERY = re.compile(r"^\W{0,6}(?:\[?resolved\b|ok:)", re.IGNORECASE)
_TOLD_CHARS = 600


def kind_of(item: Evidence, said: str = "") -> Kind:
    """Return the kind of an item by `said`, the words that are shown of it, or by its own."""
    text = said or item.text[:_TOLD_CHARS]
    kind = _told(text, is_log=bool(item.level))
    if kind is not None:
        return kind
    if SEVERITY[item.level or parse_level(text)] >= SEVERITY["warn"]:
        return Kind.SYMPTOM
    return Kind.LOG if item.level or item.source != "message" else Kind.MESSAGE


def _told(text: str, *, is_log: bool) -> Kind | None:
    """Return what the words say; what repairs or recovers names the failure too, so it is first."""
    is_well = _RECOVERY.search(text) or phrases.HEALTHY.search(text)
    if is_well and not phrases.states_cause(text):
        return Kind.RECOVERY
    # A log that says "alert" only names its own level.
    if not is_log and _ALERT.search(text):
        return Kind.ALERT
    if phrases.TAKEN_BACK.search(text) or phrases.FIX.search(text):
        return Kind.FIX
    if phrases.DEED.search(text) and not phrases.FAILED.search(text):
        return Kind.CHANGE
    if phrases.SYMPTOM.search(text):
        return Kind.SYMPTOM
    return Kind.CHANGE if phrases.CHANGE.search(text) else None
