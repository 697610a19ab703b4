"""An entry of a signature file, checked so that a mistake is named where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from bot.analysis.signatures.literals import needs_of, rarity
from bot.analysis.signatures.signature import Sign, Signature

ROLES = ("cause", "symptom")
WEIGHTS = (1, 2, 3)
_USUAL_WEIGHT = 2
_LONGEST_TITLE = 48
_MOST_WAYS = 4_000_000
# Three letters, or two that are not Latin.
_LEAST_RARITY = 3
_TEXTS = ("id", "title", "role", "means")
_LISTS = ("match", "confirms", "refutes", "check", "examples", "counter_examples")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,8}")
# "attempted, but failed" holds "mpt", and "leads to a timeout" holds "ads".
_AT_A_WORD = "(?<![a-z])"
_SAYS_NO = re.compile(r"(?<![a-z])(?:no|zero|not|without|never)(?![a-z])|n.t\b")
_ESCAPE_OR_REST = re.compile(r"(\\.)|[^\\]+")


class SignatureError(ValueError):
    """A signature file that cannot be used; says the file, the entry and its field."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


def read(text: str, name: str) -> Iterator[Signature]:
    """Yield the signatures of a file. Raises SignatureError for the first one with a mistake."""
    try:
        # The parser in C takes a tenth of the time; its plain twin reads the same.
        entries = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise SignatureError(name, f"is no YAML: {error}") from error
    if not isinstance(entries, list):
        raise SignatureError(name, "must be a list of entries")
    for place, entry in enumerate(entries, 1):
        yield _signature(entry, name, place)


def _signature(entry: object, name: str, place: int) -> Signature:
    if not isinstance(entry, dict):
        raise SignatureError(f"{name}: entry {place}", "must have fields")
    where = f"{name}: {entry.get('id') or f'entry {place}'}"
    for field, problem in _problems(entry):
        raise SignatureError(f"{where}: {field}", problem)
    signature = Signature(
        id=entry["id"],
        domain=name.removesuffix(".yaml"),
        title=entry["title"],
        role=entry["role"],
        weight=entry.get("weight", _USUAL_WEIGHT),
        signs=tuple(_sign(source, f"{where}: match") for source in entry["match"]),
        means=entry["means"],
        confirms=tuple(entry["confirms"]),
        refutes=tuple(entry["refutes"]),
        check=tuple(entry["check"]),
        examples=tuple(entry["examples"]),
        counter_examples=tuple(entry["counter_examples"]),
    )
    _prove(signature, where)
    return signature


def _problems(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) for what has the wrong shape."""
    known = {*_TEXTS, *_LISTS, "weight"}
    yield from ((str(field), "is no field of a signature") for field in entry if field not in known)
    yield from ((field, "must be a text") for field in _TEXTS if not _is_text(entry.get(field)))
    yield from (
        (field, "must be a list of texts") for field in _LISTS if not _are_texts(entry.get(field))
    )
    if not _ID.fullmatch(str(entry.get("id"))):
        yield "id", "must be words in lower case with dashes between"
    if len(str(entry.get("title"))) > _LONGEST_TITLE:
        yield "title", f"is longer than {_LONGEST_TITLE} characters"
    if entry.get("role") not in ROLES:
        yield "role", f"must be one of {', '.join(ROLES)}"
    if entry.get("weight", _USUAL_WEIGHT) not in WEIGHTS:
        yield "weight", "must be 1, 2 or 3"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _sign(source: str, where: str) -> Sign:
    lowered = lowered_pattern(source)
    try:
        needs, pattern = needs_of(lowered), re.compile(f"{_AT_A_WORD}(?:{lowered})")
    except re.error as error:
        raise SignatureError(where, f"{source!r} does not compile: {error}") from error
    if needs.ways > _MOST_WAYS:
        raise SignatureError(where, f"{source!r} can blow up: bound its repeats, nest none")
    if min(map(rarity, needs.words), default=0) < _LEAST_RARITY:
        raise SignatureError(where, f"{source!r} can match without any word of three letters")
    return Sign(pattern, needs.words, needs.also, _SAYS_NO.search(lowered) is not None)


def _prove(signature: Signature, where: str) -> None:
    for text in signature.examples:
        if not signature.matches(text):
            raise SignatureError(f"{where}: examples", f"{text!r} does not match")
    for text in signature.counter_examples:
        if signature.matches(text):
            raise SignatureError(f"{where}: counter_examples", f"{text!r} matches")


def lowered_pattern(source: str) -> str:
    """Return a pattern for text in lower case: five times as fast as one that ignores case."""
    return _ESCAPE_OR_REST.sub(lambda found: found.group(1) or found.group().lower(), source)
