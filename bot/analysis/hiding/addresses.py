"""Addresses and names of machines; looked for only where the operator asks for it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from bot.analysis.hiding.rule import Span

_TOP = (
    "com net org io dev cloud internal local corp lan svc intra test example home co app eu de fr "
    "uk us jp cn kr nl ch at se it es ca au br in"
)
_TOPS = frozenset(_TOP.split())
# With these a package of Java begins, not a host.
_PACKAGES = frozenset(["com", "org", "io", "net"])
_V4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)")
_V6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}+(?![\w:])")
_NODE = re.compile(r"(?<![\w.])ip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}(?![\w-])")
_IN_URL = re.compile(r"(?<=://)(?:[^\s/@\x00]{0,128}+@)?+(?P<host>[A-Za-z][\w.-]{0,252}+)")
_NAME = re.compile(
    r"(?<![\w.@/-])[a-z0-9_][a-z0-9_-]{0,62}+(?:\.[a-z0-9-]{1,63}+){1,8}+(?![\w-]|\.\w)"
)


def find(text: str) -> Iterator[Span]:
    """Yield addresses and host names; those of the machine itself say nothing and stay."""
    for pattern in (_V4, _V6, _NODE):
        for found in pattern.finditer(text):
            if pattern is _NODE or _is_elsewhere(found.group()):
                yield Span(*found.span(), "address")
    yield from _hosts(text)


def _hosts(text: str) -> Iterator[Span]:
    for found in _IN_URL.finditer(text):
        if found["host"] != "localhost":
            yield Span(*found.span("host"), "host")
    for found in _NAME.finditer(text):
        first, *_, last = found.group().split(".")
        if last in _TOPS and first not in _PACKAGES:
            yield Span(*found.span(), "host")


def _is_elsewhere(said: str) -> bool:
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
