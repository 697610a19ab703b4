"""Objects of Kubernetes that are not as they should be, as `kubectl` shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.analysis.inspections.note import Note

_NAME = re.compile(r"^Name:[ \t]+(\S+)", re.MULTILINE)
_INGRESS_CLASS = re.compile(r"^Ingress Class:[ \t]+(\S+)", re.MULTILINE)
_NO_ADDRESS = re.compile(r"^Address:[ \t]*$", re.MULTILINE)
_NO_ENDPOINTS = re.compile(r"^Endpoints:[ \t]*(?:<none>)?[ \t]*$", re.MULTILINE)
_SELECTOR = re.compile(r"^Selector:[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_LETS_IN = re.compile(
    r"^[ \t]*From:[ \t]*\n(?:[ \t]*NamespaceSelector:.{0,100}\n)?"
    r"[ \t]*(PodSelector: (\S.{0,100}))$",
    re.MULTILINE,
)
_TAINT = re.compile(
    r"^Taints:[ \t]+((?!<none>|node-role\.kubernetes\.io/(?:control-plane|master))\S+)[ \t]*$",
    re.MULTILINE,
)
_UNAVAILABLE = re.compile(r"^Replicas:.{0,200}\b([1-9]\d{0,5}) unavailable", re.MULTILINE)
_PULL_FAILS = re.compile(r"ImagePullBackOff|ErrImagePull|InvalidImageName|Failed to pull image")
_IMAGE = re.compile(r"^[ \t]*Image:[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_KILLED = re.compile(r"OOMKilled")
# The first memory below "Limits:"; what is below "Requests:" is no limit.
_LIMIT = re.compile(
    r"^[ \t]*[Ll]imits:[ \t]*\n(?:[ \t]+(?![Rr]equests|memory)[\w./-]{1,60}:.{0,80}\n){0,6}"
    r"[ \t]+(memory:[ \t]+(\S+))[ \t]*$",
    re.MULTILINE,
)
_PROBE_FAILS = re.compile(r"(Readiness|Liveness|Startup) probe (?:failed|errored)")
_PROBE = re.compile(r"^[ \t]*(Readiness|Liveness|Startup):[ \t]+(\S.*)$", re.MULTILINE)
_UNKNOWN_METRIC = re.compile(
    r"^.{0,200}?<unknown>(?: ?\([^()\n]{0,60}\))? ?/.{0,200}$", re.MULTILINE
)
_READY = re.compile(
    r"^(?:\S+[ \t]+)?(\S+)[ \t]+(\d{1,4})/(\d{1,4})[ \t]+([A-Z]\w+|Init:\S+)[ \t]+(\d{1,9})"
    r"(?: \(.{1,20} ago\))?[ \t]+\d\w*",
    re.MULTILINE,
)
_FINE = frozenset({"Running", "Completed", "Succeeded"})


def notes(text: str) -> Iterator[Note]:
    """Yield each object that is not as it should be."""
    yield from _pods(text)
    for name, described in _objects(text):
        yield from _described(described, name)
        yield from _of_failing_container(described, name)


def _objects(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, what is told of it) for each described object."""
    named = list(_NAME.finditer(text))
    ends = [*(found.start() for found in named[1:]), len(text)]
    for found, end in zip(named, ends, strict=False):
        yield found.group(1), text[found.start() : end]


def _described(text: str, name: str) -> Iterator[Note]:
    by_class = _INGRESS_CLASS.search(text)
    if by_class and _NO_ADDRESS.search(text):
        served = f"nothing serves its ingress class {by_class.group(1)}"
        said = f"ingress {name} has no address: {served}"
        yield Note(by_class.group(), said, "setting")
    if found := _NO_ENDPOINTS.search(text):
        yield Note(
            found.group().strip(),
            f"service {name} has no endpoints: its selector matches no ready pod",
            "setting",
        )
        if selector := _SELECTOR.search(text):
            said = f"service {name} selects {selector.group(1)}, which no ready pod has"
            yield Note(selector.group().strip(), said, "setting")
    if taint := _TAINT.search(text):
        said = f"node {name} takes only pods that tolerate {taint.group(1)}"
        yield Note(taint.group().strip(), said, "state")
    for found in _LETS_IN.finditer(text):
        said = f"network policy {name} lets in only pods with {found.group(2).strip()}"
        yield Note(found.group(1).strip(), said, "setting")
    if found := _UNAVAILABLE.search(text):
        yield Note(found.group(), f"{name} has {found.group(1)} unavailable replicas", "state")
    if found := _UNKNOWN_METRIC.search(text):
        yield Note(found.group().strip(), f"autoscaler {name} cannot read its metric", "setting")


def _of_failing_container(text: str, name: str) -> Iterator[Note]:
    """Yield the setting that the failure of a container rests on."""
    if image := _image_that_fails(text):
        said = f"{name} cannot pull its image {image.group(1)}"
        yield Note(image.group().strip(), said, "setting")
    killed = _KILLED.search(text)
    # The limits of a container stand below its state.
    if killed and (limit := _LIMIT.search(text, killed.end()) or _LIMIT.search(text)):
        said = f"{name} was OOM killed with a memory limit of {limit.group(2)}"
        yield Note(limit.group(1), said, "setting")
    for kind in dict.fromkeys(_PROBE_FAILS.findall(text)):
        probe = next((found for found in _PROBE.finditer(text) if found.group(1) == kind), None)
        if probe:
            said = f"the {kind.lower()} probe of {name} fails: {probe.group(2).strip()}"
            yield Note(probe.group().strip(), said, "setting")


def _image_that_fails(text: str) -> re.Match[str] | None:
    """Return the last image above the first word of a failed pull: that of the same container."""
    failed = _PULL_FAILS.search(text)
    if failed is None:
        return None
    images = list(_IMAGE.finditer(text))
    above = [image for image in images if image.start() < failed.start()]
    return next(iter([*above[-1:], *images]), None)


def _pods(text: str) -> Iterator[Note]:
    for found in _READY.finditer(text):
        name, ready, wanted, status, restarts = found.groups()
        if status not in _FINE or (status == "Running" and int(ready) < int(wanted)):
            said = f"pod {name} is {status}, {ready} of {wanted} ready, {restarts} restarts"
            yield Note(found.group().strip(), said, "state")
