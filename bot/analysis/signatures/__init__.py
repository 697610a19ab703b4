"""Known failure signatures: a YAML file a domain, an entry a failure; adding one needs no code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources

from bot.analysis.signatures.entries import SignatureError, read
from bot.analysis.signatures.finder import Finder
from bot.analysis.signatures.signature import Signature

__all__ = ["Signature", "SignatureError", "load", "matching"]


@cache
def load() -> tuple[Signature, ...]:
    """Return all signatures, in the order of their files. Raises SignatureError for a mistake."""
    files = sorted(
        (file for file in resources.files(__name__).iterdir() if file.name.endswith(".yaml")),
        key=lambda file: file.name,
    )
    return collected((file.name, file.read_text(encoding="utf-8")) for file in files)


def collected(files: Iterable[tuple[str, str]]) -> tuple[Signature, ...]:
    """Return the signatures of files, given as (name, text). Raises SignatureError."""
    found: dict[str, Signature] = {}
    for name, text in files:
        for signature in read(text, name):
            if signature.id in found:
                other = found[signature.id].domain
                raise SignatureError(f"{name}: {signature.id}: id", f"stands in {other}.yaml too")
            found[signature.id] = signature
    return tuple(found.values())


def matching(text: str) -> list[Signature]:
    """Return the signatures that a text shows, those that name a cause first.

    Among those of a role the more specific comes first: the one of more weight, then the one
    that matched more of the text.
    """
    return _finder().matching(text)


@cache
def _finder() -> Finder:
    return Finder(load())
