"""A text in less room: its best lines, or the head and the tail of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

CUT = "…"
LEAST = 12
"""Characters below which nothing of a text is worth showing."""
PER_LINE = 3
"""What a line costs beside its own characters: a line end, and a mark of what is missing."""

LineScore = Callable[[str], float]


def best_lines(lines: Sequence[str], limit: int, line_score: LineScore) -> dict[int, str]:
    """Return the lines to keep by their places: the best whole ones, else the best one, cut.

    With a mark for whatever is missing around them they are at most `limit` characters.
    """
    ranked = sorted(range(len(lines)), key=lambda i: (-line_score(lines[i]), i))
    kept: dict[int, str] = {}
    room = limit - 1
    for index in ranked:
        cost = len(lines[index]) + PER_LINE
        if cost <= room and lines[index].strip():
            kept[index] = lines[index]
            room -= cost
    if kept:
        return kept
    around = 2 * len(CUT + "\n") if len(lines) > 1 else 0
    return {ranked[0]: middle(lines[ranked[0]], limit - around)}


def joined(lines: Sequence[str], kept: Mapping[int, str]) -> str:
    """Return the kept lines in their order, "…" where some are missing."""
    parts: list[str] = []
    for index in range(len(lines)):
        if index in kept:
            parts.append(kept[index])
        elif not parts or parts[-1] != CUT:
            parts.append(CUT)
    return "\n".join(parts)


def middle(line: str, limit: int) -> str:
    """Return the head and the tail of a line, "…" where its middle was; whole where it fits."""
    if len(line) <= limit:
        return line
    head = (limit - 1) * 2 // 3
    tail = limit - 1 - head
    return line[:head] + CUT + line[len(line) - tail :]
