"""The well-kept detector underneath: Kingfisher's rules, in this process and without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Protocol

from bot.analysis.hiding.rule import Span

if TYPE_CHECKING:
    from kingfisher_sdk import Scanner

_NOT_OF_A_KIND = re.compile(r"[^a-z]+")
_KIND_CHARS = 24


class Detector(Protocol):
    """Finds secrets in a text of which every character is one byte; may be asked by any thread."""

    def find(self, data: bytes) -> Iterator[Span]:
        """Yield what to hide, in any order; may reach over what is hidden already."""
        ...


class Kingfisher:
    """The rules that ship with the library; compiling them takes seconds the first time."""

    def find(self, data: bytes) -> Iterator[Span]:
        for finding in _scanner().scan(data):
            place = finding.location
            yield Span(place["start_offset"], place["end_offset"], _kind(finding.rule_id))


@cache
def _scanner() -> Scanner:
    from kingfisher_sdk import Scanner

    return Scanner()


def _kind(rule_id: str) -> str:
    name = _NOT_OF_A_KIND.sub("-", re.split(r"[./]", rule_id)[-1].lower())
    return name[:_KIND_CHARS].strip("-") or "secret"
