"""Incidents that the public knows, retold in a few lines: what the rules say of them.

They tell what the rules do with people's words where nobody fitted anything to them; a new one is
written before the rules are asked, and says so where they miss it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from bot.analysis.analyst import prepare
from bot.analysis.report import Report, Verdict
from bot.incident import Incident, Message

START = 1767268800
MINUTES = 3 * 60
SHOWN = 3
PART = 0.6
"""How much of a long line must be shown."""


@dataclass(frozen=True)
class Retold:
    """`missed` is true where the rules do not name and show it yet."""

    id: str
    after: str
    said: list[str]
    verdict: str = "cause"
    must_name: list[list[str]] = field(default_factory=list)
    decisive: list[str] = field(default_factory=list)
    missed: bool = False


ALL = [
    Retold(**known)
    for known in yaml.safe_load((Path(__file__).parent / "retold.yaml").read_text(encoding="utf-8"))
]


def report(retold: Retold) -> Report:
    messages = tuple(
        Message(
            f"{START + MINUTES * n}.000000",
            "alerts" if n == 0 or text.startswith("[") else "ann",
            text,
            is_bot=n == 0 or text.startswith("["),
        )
        for n, text in enumerate(retold.said)
    )
    return prepare(Incident(messages, "What is the root cause?")).rules


def names(cause: str, groups: list[list[str]]) -> bool:
    plain = cause.lower().replace("`", "")
    return all(
        any(re.search(r"(?<![a-z0-9])" + re.escape(word.lower()), plain) for word in group)
        for group in groups
    )


def shows(quotes: tuple[str, ...], decisive: list[str]) -> bool:
    parts = [line.strip()[: max(40, int(PART * len(line)))] for line in decisive]
    return any(part in quote for quote in quotes[:SHOWN] for part in parts)


@pytest.mark.parametrize("retold", ALL, ids=lambda retold: retold.id)
def test_the_cause_is_named_and_shown(retold: Retold) -> None:
    found = report(retold)
    is_right = found.verdict == Verdict(retold.verdict)
    if retold.verdict == "cause":
        is_right &= names(found.cause.text[:300], retold.must_name)
        is_right &= shows(found.quotes, retold.decisive)
    assert is_right != retold.missed, f"{found.verdict}: {found.cause.text}\n{found.quotes}"


def test_they_are_told_once_and_can_be_right() -> None:
    assert len({retold.id for retold in ALL}) == len(ALL) >= 60
    for retold in ALL:
        text = "\n".join(retold.said)
        assert all(line in text for line in retold.decisive)
        assert names(text, retold.must_name)
