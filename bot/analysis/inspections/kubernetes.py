"""Objects of Kubernetes that are not as they should be, as `kubectl` shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.analysis.inspections.note import Note

_NAME = re.compile(r"^Name:\s+(\S+)", re.MULTILINE)
_INGRESS_CLASS = re.compile(r"^Ingress Class:\s+(\S+)", re.MULTILINE)
_NO_ADDRESS = re.compile(r"^Address:[ \t]*$", re.MULTILINE)
_NO_ENDPOINTS = re.compile(r"^Endpoints:\s+(?:<none>)?[ \t]*$", re.MULTILINE)
_UNAVAILABLE = re.compile(r"^Replicas:.*\b([1-9]\d*) unavailable", re.MULTILINE)
_PULL_FAILS = re.compile(r"ImagePullBackOff|ErrImagePull|InvalidImageName|Failed to pull image")
_IMAGE = re.compile(r"^\s*Image:\s+(\S+)\s*$", re.MULTILINE)
_KILLED = re.compile(r"OOMKilled")
_MEMORY = re.compile(r"^\s*memory:\s+(\S+)\s*$", re.MULTILINE)
_PROBE_FAILS = re.compile(r"(Readiness|Liveness|Startup) probe (?:failed|errored)")
_PROBE = re.compile(r"^\s*(Readiness|Liveness|Startup):\s+(\S.*)$", re.MULTILINE)
_UNKNOWN_METRIC = re.compile(r"^.*<unknown>(?:\s*\(.*\))?\s?/.*$", re.MULTILINE)
_READY = re.compile(
    r"^(?:\S+\s+)?(\S+)\s+(\d+)/(\d+)\s+([A-Z]\w+|Init:\S+)\s+(\d+)(?: \(.{1,20} ago\))?\s+\d\w*",
    re.MULTILINE,
)
_FINE = frozenset({"Running", "Completed", "Succeeded"})
_RESTARTS = 3


def notes(text: str) -> Iterator[Note]:
    """Yield each object that is not as it should be."""
    yield from _pods(text)
    named = _NAME.search(text)
    if named is None:
        return
    yield from _described(text, named.group(1))
    yield from _of_failing_container(text, named.group(1))


def _described(text: str, name: str) -> Iterator[Note]:
    by_class = _INGRESS_CLASS.search(text)
    if by_class and _NO_ADDRESS.search(text):
        served = f"nothing serves its ingress class {by_class.group(1)}"
        said = f"ingress {name} has no address: {served}"
        yield Note(by_class.group(), said, "state")
    if found := _NO_ENDPOINTS.search(text):
        yield Note(
            found.group().strip(),
            f"service {name} has no endpoints: its selector matches no ready pod",
            "state",
        )
    if found := _UNAVAILABLE.search(text):
        yield Note(found.group(), f"{name} has {found.group(1)} unavailable replicas", "state")
    if found := _UNKNOWN_METRIC.search(text):
        yield Note(found.group().strip(), f"autoscaler {name} cannot read its metric", "state")


def _of_failing_container(text: str, name: str) -> Iterator[Note]:
    """Yield the setting that the failure of a container rests on."""
    if _PULL_FAILS.search(text) and (image := _IMAGE.search(text)):
        yield Note(image.group().strip(), f"{name} cannot pull its image {image.group(1)}", "state")
    if _KILLED.search(text) and (limit := _MEMORY.search(text)):
        said = f"{name} was OOM killed with a memory limit of {limit.group(1)}"
        yield Note(limit.group().strip(), said, "state")
    for kind in dict.fromkeys(_PROBE_FAILS.findall(text)):
        probe = next((found for found in _PROBE.finditer(text) if found.group(1) == kind), None)
        if probe:
            said = f"the {kind.lower()} probe of {name} fails: {probe.group(2).strip()}"
            yield Note(probe.group().strip(), said, "state")


def _pods(text: str) -> Iterator[Note]:
    for found in _READY.finditer(text):
        name, ready, wanted, status, restarts = found.groups()
        if status not in _FINE or (status == "Running" and ready < wanted):
            said = f"pod {name} is {status}, {ready} of {wanted} ready, {restarts} restarts"
            yield Note(found.group().strip(), said, "state")
        elif int(restarts) >= _RESTARTS:
            yield Note(found.group().strip(), f"pod {name} restarted {restarts} times", "state")
