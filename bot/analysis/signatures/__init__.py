"""Known failure signatures: a YAML file a domain, an entry a failure; adding one needs no code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

_ESCAPE_OR_REST = re.compile(r"(\\.)|[^\\]+")


@dataclass(frozen=True, slots=True)
class Signature:
    """One known failure.

    `role` is "cause" where the sign names what is broken, "symptom" where it only shows that
    something is. `check` are the next steps; the examples say what must and must not match.
    """

    id: str
    domain: str
    title: str
    role: str
    patterns: tuple[re.Pattern[str], ...]
    means: str
    check: tuple[str, ...]
    example: str
    counter_example: str

    def matches(self, text: str) -> bool:
        lowered = text.lower()
        return any(pattern.search(lowered) for pattern in self.patterns)


@cache
def load() -> tuple[Signature, ...]:
    """Return all signatures, in the order of their files. Raises KeyError for a missing field."""
    files = sorted(
        (file for file in resources.files(__name__).iterdir() if file.name.endswith(".yaml")),
        key=lambda file: file.name,
    )
    return tuple(
        _signature(entry, file.name.removesuffix(".yaml"))
        for file in files
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
    )


def matching(text: str) -> list[Signature]:
    """Return the signatures that a text shows, those that name a cause first."""
    lowered = text.lower()
    found = [
        signature
        for signature in load()
        if any(pattern.search(lowered) for pattern in signature.patterns)
    ]
    return sorted(found, key=lambda signature: signature.role != "cause")


def _signature(entry: dict[str, Any], domain: str) -> Signature:
    return Signature(
        id=entry["id"],
        domain=domain,
        title=entry["title"],
        role=entry["role"],
        patterns=tuple(re.compile(_lowered(source)) for source in entry["match"]),
        means=entry["means"],
        check=tuple(entry["check"]),
        example=entry["example"],
        counter_example=entry["counter_example"],
    )


def _lowered(source: str) -> str:
    """Return a pattern for text in lower case: five times as fast as one that ignores case."""
    return _ESCAPE_OR_REST.sub(lambda found: found.group(1) or found.group().lower(), source)
