"""What was seen before and what the runbooks say: beside a report, and never evidence for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """A past incident with some of the same signs; that it had the same cause is not claimed.

    `at` is seconds since 1970 (UTC), `cause` what a person confirmed then, `link` the permalink of
    its thread or empty, `reason` the signs that both have.
    """

    at: float
    cause: str
    reason: str
    link: str = ""
    no_incident: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """A section of a runbook that names some of the same signs; `text` is redacted."""

    file: str
    heading: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Precedents:
    """Both kinds, past incidents newest first."""

    incidents: tuple[SeenBefore, ...] = ()
    runbooks: tuple[Advice, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.incidents or self.runbooks)
