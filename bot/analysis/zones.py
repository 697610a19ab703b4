"""Time zones as logs write them: an offset, or one of the names that mean one zone only."""

from __future__ import annotations

from functools import lru_cache

# Hours east of UTC. CST, IST and BST are missing: each names several zones.
_NAMED = {
    "Z": 0.0, "UTC": 0.0, "GMT": 0.0, "WET": 0.0, "WEST": 1.0, "CET": 1.0, "CEST": 2.0,
    "EET": 2.0, "EEST": 3.0, "MSK": 3.0, "SGT": 8.0, "HKT": 8.0, "JST": 9.0, "KST": 9.0,
    "AEST": 10.0, "AEDT": 11.0, "EST": -5.0, "EDT": -4.0, "CDT": -5.0, "MST": -7.0, "MDT": -6.0,
    "PST": -8.0, "PDT": -7.0,
}  # fmt: skip

PATTERN = (
    r"(?:(?P<zone>\s?(?:" + "|".join(sorted(_NAMED, key=len, reverse=True)) + r")(?![A-Za-z])"
    r"|\s?[+-]\d\d:?\d\d(?!\d)|[+-]\d\d(?![\d:])))?"
)
"""The group "zone" is what `offset` takes."""


@lru_cache(maxsize=256)
def offset(zone: str | None) -> float:
    """Return the seconds by which a zone is ahead of UTC; none stated counts as UTC."""
    name = (zone or "").strip()
    if not name:
        return 0.0
    if name in _NAMED:
        return _NAMED[name] * 3600
    hours, minutes = int(name[1:3]), int(name[3:].strip(":") or 0)
    return (-1 if name[0] == "-" else 1) * (hours * 3600 + minutes * 60)
