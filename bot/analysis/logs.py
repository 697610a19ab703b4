"""What the rest of the analysis knows of log lines: their time and their level."""

from __future__ import annotations

from collections.abc import Sequence

from bot.analysis.levels import SEVERITY, parse_level
from bot.analysis.roles import Role
from bot.analysis.shapes import Shapes
from bot.analysis.structured import is_object
from bot.analysis.times import parse_time

__all__ = ["SEVERITY", "looks_like_log", "parse_level", "parse_time"]

_SAMPLE = 200
_TIMED_SHARE = 0.3
_LEAST = 3


def looks_like_log(lines: Sequence[str], near: float = 0.0, shapes: Shapes | None = None) -> bool:
    """Say whether most lines start with a time, or are objects, so that each is a record.

    Lines that continue others (stack traces) say nothing for or against it. `near` is as for
    `parse_time`; `shapes` are those known already.
    """
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    roles = [shape.role for _, shape in (shapes or Shapes()).of(sample, near)]
    starts = {Role.STARTS, Role.EXCEPTION, Role.PANIC} if Role.TRACE in roles else {Role.STARTS}
    heads = [
        role in starts or is_object(line)
        for line, role in zip(sample, roles, strict=True)
        if role not in _CONTINUING
    ]
    is_enough = len(heads) >= _LEAST or Role.TRACE in roles
    return is_enough and sum(heads) >= max(1, _TIMED_SHARE * len(heads))


_CONTINUING = frozenset({Role.CONTINUES, Role.TRACE, Role.FRAME})
