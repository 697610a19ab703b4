"""How each product's payload is built, read from shapes.yaml: adding a product needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bot.analysis.alerts.model import State

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a product keeps an alert's parts; the fields are explained in shapes.yaml."""

    vendor: str
    needs: Paths = ()
    name: Paths = ()
    state: Paths = ()
    severity: Paths = ()
    started: Paths = ()
    ended: Paths = ()
    labels: Paths = ()
    told_by: Paths = ()
    each: str = ""
    codes: Mapping[str, State] = field(default_factory=dict)

    @property
    def is_for_any(self) -> bool:
        """Whether it stands for products that we do not know: then a state must be told."""
        return not self.needs


@cache
def shapes() -> tuple[Shape, ...]:
    """Return all shapes in their order. Raises TypeError for a field that there is not."""
    text = resources.files(__package__).joinpath("shapes.yaml").read_text(encoding="utf-8")
    return tuple(_shape(entry) for entry in yaml.safe_load(text))


def _shape(entry: dict[str, Any]) -> Shape:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return Shape(**fields)
