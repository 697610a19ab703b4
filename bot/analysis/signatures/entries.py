"""An entry of a signature file, checked so that a mistake is named where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.analysis.signatures.literals import needs_of, rarity

ROLES = ("cause", "symptom")
WEIGHTS = (1, 2, 3)
_USUAL_WEIGHT = 2
_LONGEST_TITLE = 80
_MOST_WAYS = 4_000_000
_LOOK_BACK = 24
# Three letters, or two that are not Latin.
_LEAST_RARITY = 3
_TEXTS = ("id", "title", "role", "means")
_LISTS = ("match", "confirms", "refutes", "check", "examples", "counter_examples")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,8}")
_ESCAPE_OR_REST = re.compile(r"(\\.)|[^\\]+")
# "no deadlock detected", "0 evictions": what is right before a sign and takes it back.
_NOT_BEFORE = re.compile(
    r"(?:\b(?:no|not|without|never|zero|any|isn't|wasn't|nor|avoid|prevents?) (?:(?:a|an|any|more"
    r"|further|new|longer|pods?|was|been|were|sign of|signs of|evidence of) )?"
    r"|(?:^|[,;:(=] ?|with |had |saw |found |, |and )0 )[\"'`]?$"
)
# "OOMKilled: false", "deadlocks = 0", デッドロックなし: the same, right after it.
_NOT_AFTER = re.compile(
    r"[a-z_]{0,20}[\"'`]?\s?(?:"
    r"[:=]\s?[\"']?(?:(?:false|none|null|off|no)\b(?=[\"',;)\]}]|$)|0(?:\.0{1,4})?%?(?=[,;)\]}]|$))"
    r"|(?:[はもが]?(?:なし|無し|ありません|見られず)|[はもが]?(?:して|されて)い(?:ない|ません))"
    r"|(?:은|는|이|가)? ?(?:없음|없습니다|없다)| ?(?:was |were )?(?:not |never |n't )"
    r"(?:seen|observed|detected|found|happen|occur)"
    r")"
)


class SignatureError(ValueError):
    """A signature file that cannot be used; says the file, the entry and its field."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


@dataclass(frozen=True, slots=True)
class Sign:
    """One pattern of a signature, with words of which one stands in whatever it matches."""

    pattern: re.Pattern[str]
    words: frozenset[str]

    def span(self, lowered: str) -> int:
        """Return the length of the first match that no word around it denies, 0 for none."""
        for found in self.pattern.finditer(lowered):
            start, end = found.span()
            denied = _NOT_BEFORE.search(lowered[max(0, start - _LOOK_BACK) : start])
            if not denied and not _NOT_AFTER.match(lowered, end):
                return end - start
        return 0


@dataclass(frozen=True, slots=True)
class Signature:
    """One known failure.

    `role` is "cause" where the sign names what is broken, "symptom" where it only shows that
    something is. `weight` is 1 for what fits many failures, 3 for what fits one alone. `confirms`
    and `refutes` say what else one would see; `check` are the next steps, all of them read-only.
    """

    id: str
    domain: str
    title: str
    role: str
    weight: int
    signs: tuple[Sign, ...]
    means: str
    confirms: tuple[str, ...]
    refutes: tuple[str, ...]
    check: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]

    def matches(self, text: str) -> bool:
        lowered = text.lower()
        return any(sign.span(lowered) for sign in self.signs)


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
        needs, pattern = needs_of(lowered), re.compile(lowered)
    except re.error as error:
        raise SignatureError(where, f"{source!r} does not compile: {error}") from error
    if needs.ways > _MOST_WAYS:
        raise SignatureError(where, f"{source!r} can blow up: bound its repeats, nest none")
    if min(map(rarity, needs.words), default=0) < _LEAST_RARITY:
        raise SignatureError(where, f"{source!r} can match without any word of three letters")
    return Sign(pattern, needs.words)


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
