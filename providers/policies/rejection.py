"""A whole answer that its reader cannot use: somebody else is asked, and nobody is to blame."""

from __future__ import annotations

from dataclasses import replace

from providers.base import Attempt, Finished, Restarted

REJECTED = "rejected"
PHRASE = "gave an answer that did not pass the check"


def way_to(rejected: Finished) -> tuple[Attempt, ...]:
    """Return the attempts that led to an answer, the one that gave it as having given no good."""
    *earlier, last = rejected.attempts or (Attempt(rejected.provider, rejected.model, "ok"),)
    return (*earlier, replace(last, outcome=REJECTED, phrase=PHRASE))


def restarted(rejected: Finished) -> Restarted:
    """Return what is told before somebody else is asked."""
    return Restarted(rejected.provider, REJECTED, PHRASE)
