"""One thing that stands out in a dump."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """`line` is what shows it, word for word; `text` says it in words.

    `kind` names the feature whose weight it has: "state" for an object that is not as it should
    be, "setting" for what its failure rests on, "consumer" for what uses most of something, "diff"
    for what a change did, "healthy" for an object that is as it should be.
    """

    line: str
    text: str
    kind: str
