"""One alert in the field's usual terms, and what makes two of them the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

State = Literal["firing", "resolved", "unknown"]
Labels = tuple[tuple[str, str], ...]
Fingerprint = tuple[str, str, Labels]

# What differs between two reports of one alert: where it struck, when, and with which number.
_PLACE_KEYS = """
    instance instanceid instance_id exported_instance host hostname node address ip device replica
    pod pod_name podname kube_pod exported_pod container container_id endpoint
    id uid number task_id fingerprint value time date timestamp starts_at
"""
_PLACES = frozenset(_PLACE_KEYS.split())
# The random tail of a pod's name; a figure that stands alone or has a unit.
_POD_TAIL = re.compile(r"(?<=[a-z0-9])-[a-f0-9]{6,10}-[a-z0-9]{5}\b|(?<=[a-z0-9])-[a-f0-9]{8,40}\b")
_FIGURE = re.compile(r"(?<![\w.-])\d{1,20}(?:[.,:]\d{1,20}){0,6}(?:%|[a-z]{1,3})?(?![\w-])")


@dataclass(frozen=True, slots=True)
class Alert:
    """What fired or ended: times in UTC seconds, None where nobody tells.

    `severity` is "critical", "error", "warning" or "info", the product's own word where it is
    none of these, "" where it says nothing. `labels` are sorted pairs. `vendor` is the product
    that told it ("alertmanager", "cloudwatch", "datadog" …), "" where that is not known.
    """

    name: str
    state: State
    severity: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    labels: Labels = ()
    vendor: str = ""

    @property
    def fingerprint(self) -> Fingerprint:
        """What repeats share: vendor, name and labels, without place, time and figures."""
        kept = ((key, without_figures(value)) for key, value in self.labels if not is_place(key))
        return (self.vendor, without_figures(self.name), tuple(kept))

    @property
    def places(self) -> Labels:
        """The labels that say where it struck, and which report of it this is."""
        return tuple((key, value) for key, value in self.labels if is_place(key))

    @property
    def at(self) -> float | None:
        """When it came into its state."""
        return self.ended_at if self.state == "resolved" else self.started_at


def is_place(key: str) -> bool:
    return key.lower() in _PLACES


def without_figures(text: str) -> str:
    """Return a text as it is each time: figures and the tails of pods' names masked."""
    return _FIGURE.sub("#", _POD_TAIL.sub("-#", " ".join(text.casefold().split())))
