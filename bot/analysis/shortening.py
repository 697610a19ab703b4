"""A text in less room: its best lines, or the head and the tail of one."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

CUT = "…"
LEAST = 12
"""Characters below which nothing of a text is worth showing."""

LineScore = Callable[[str], float]


def shorten(text: str, limit: int, line_score: LineScore) -> str:
    """Keep the best whole lines in their order, "…" where some are missing; "" below a minimum."""
    if limit < LEAST:
        return ""
    if len(text) <= limit:
        return text
    lines = text.splitlines()
    ranked = sorted(range(len(lines)), key=lambda i: (-line_score(lines[i]), i))
    kept: set[int] = set()
    room = limit
    for index in ranked:
        cost = len(lines[index]) + 3
        if cost <= room and lines[index].strip():
            kept.add(index)
            room -= cost
    if not kept:
        return middle(lines[ranked[0]], limit)
    return joined(lines, kept)


def joined(lines: Sequence[str], kept: Container[int]) -> str:
    """Return the kept lines in their order, "…" where some are missing."""
    parts: list[str] = []
    for index, line in enumerate(lines):
        if index in kept:
            parts.append(line)
        elif not parts or parts[-1] != CUT:
            parts.append(CUT)
    return "\n".join(parts)


def middle(line: str, limit: int) -> str:
    """Return the head and the tail of a line, "…" where its middle was."""
    head = (limit - 1) * 2 // 3
    tail = limit - 1 - head
    return line[:head] + CUT + line[len(line) - tail :]
