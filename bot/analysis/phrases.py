"""The words by which people and programs speak of causes, changes, symptoms and recovery.

They stand in `words/`, a file a language; adding a language needs no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources

import yaml

from bot.analysis.signatures.literals import needs_of
from bot.analysis.signatures.needing import Needing

_CAUSE_TIERS = {f"cause_{tier}": tier for tier in (1, 2, 3, 4, 5)}
_LEAST_WORDS = 8
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_LONGEST_EMPTY = 400


class Words:
    """One kind of words, in all languages; a text is looked at in lower case."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def search(self, text: str) -> bool:
        """Say whether any of them stands in the text."""
        return self._kind in kinds_in(text)


class _Kinds:
    """All kinds at once: a pass for letters that patterns need, then the patterns of those."""

    def __init__(self, sources: Mapping[str, Sequence[str]]) -> None:
        listed = [(kind, source) for kind, some in sources.items() for source in some]
        needs = [needs_of(source) for _, source in listed]
        self._patterns = [(kind, re.compile(source)) for kind, source in listed]
        self._needing = Needing((need.words, need.also) for need in needs)

    def in_(self, lowered: str) -> frozenset[str]:
        found: set[str] = set()
        for number in self._needing.worth_trying(lowered):
            kind, pattern = self._patterns[number]
            if kind not in found and pattern.search(lowered):
                found.add(kind)
        return frozenset(found)


def _sources() -> dict[str, list[str]]:
    """Join the lists of all languages by kind."""
    kinds: dict[str, list[str]] = {}
    folder = resources.files("bot.analysis.words")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            for kind, sources in yaml.safe_load(file.read_text(encoding="utf-8")).items():
                kinds.setdefault(kind, []).extend(sources)
    return kinds


_SOURCES = _sources()
_KINDS = _Kinds(_SOURCES)
_POINTERS = re.compile("|".join(_SOURCES["pointers"]))


@lru_cache(maxsize=4_096)
def kinds_in(text: str) -> frozenset[str]:
    """Return the kinds of words that stand in a text: the names of the lists in `words/`."""
    return _KINDS.in_(text.lower())


UNSURE = Words("unsure")
WONDERS = Words("wonders")
RULED_OUT = Words("ruled_out")
TAKEN_BACK = Words("taken_back")
"""A repair that names what it took back, or made anew."""
WITHOUT_EFFECT = Words("without_effect")
CHANGE = Words("change")
DEED = Words("deed")
"""A change as somebody's deed: what would stand in a change log."""
FIX = Words("fix")
LEADS_ON = Words("leads_on")
"""What the sentence before it led to."""
SYMPTOM = Words("symptom")
FAILED = Words("failed")
UNKNOWN = Words("unknown")
"""That nobody knows the cause."""
ABSENT = Words("absent")
"""That what would tell is not there."""
HEALTHY = Words("healthy")
FALSE_ALARM = Words("false_alarm")
ALWAYS_FIRING = Words("always_firing")
MECHANISM = Words("mechanism")
"""How something came to fail: what is done without, instead, too much, no more."""
OVER = Words("over")
"""That it works again."""
REMEDY = Words("remedy")
"""What people say that they change themselves."""
PAST = Words("past")
"""When something was, said of it later."""
PROCESS = Words("process")
"""How an incident is run, not why it happened."""

# Advice of a monitor, a row of a table, a definition: words about failures, not a failure.
_ADVICE = re.compile(r"\b(?:check|investigate) (?:recent|downstream|the (?:logs|dep))")
_ADVISED = ("check ", "investigate ")
_CELLS = re.compile(
    r"[^\s,]{0,80}(?:,[^\s,]{0,80}){2,40}$"
    r"|[^\n]{0,60}(?:[a-z_ ()/\"-]{3,60},){4}|(?:[^,\n]{0,80},(?! )){5}",
    re.IGNORECASE,
)
_LEAST_COMMAS = 2
_DEFINITION = re.compile(
    r"\s{0,40}\"(?:(?:query|name|tags|type|reason|service|host|date|time|timestamp)\":"
    r"|[\w.-]{1,60}\":\s?\"[^\s\"]{1,80}\",?$"
    r"|[\w:.-]{2,60}\",?$|\w{1,60}\":\s?[\[{])",
    re.IGNORECASE,
)
# What somebody typed, not what came of it; a sentence on AWS begins with a capital.
COMMAND = re.compile(r"^[`$ ]{0,3}(?:kubectl|aws|docker|helm|curl|journalctl) [^\n]{1,300}$")
# What a healthy cluster prints, whatever words are in it.
_ROUTINE_HEAD = re.compile(
    r"\s{0,40}(?:\d[\dhms]{1,9}\s+)?Normal\s+(?!JobAlreadyActive|BackOff|Preempt|NodeNotReady|TaintManager)"
    r"|;; "
    r"|\s{0,8}(?:Annotations|Labels|Selector|StrategyType|Replicas|Tolerations|Node-Selectors"
    r"|Priority|MinReadySeconds|Conditions|Volumes|Controlled By): {1,20}"
)
_ROUTINE = re.compile(
    r"RollingUpdateStrategy|\d desired \||:NoExecute|:NoSchedule|QoS Class"
    r"|session (?:opened|closed)"
)
_ROUTINE_WORDS = (
    *("RollingUpdateStrategy", "desired |", ":NoExecute", ":NoSchedule", "QoS Class"),
    *("session opened", "session closed"),
)
_ALL_READY = re.compile(r"\b(\d{1,4})/\1 {1,16}(?:Running|Completed) |\d/\d {1,16}Completed ")


def is_no_evidence(text: str) -> bool:
    """Say whether the text is advice, a row of a table or a definition."""
    lowered = text.lower()
    if _DEFINITION.match(text) or (_any_of(_ADVISED, lowered) and _ADVICE.search(lowered)):
        return True
    return text.count(",") >= _LEAST_COMMAS and _CELLS.match(text) is not None


def is_routine(text: str) -> bool:
    """Say whether the text is what a healthy cluster prints."""
    if _ROUTINE_HEAD.match(text) or (_any_of(_ROUTINE_WORDS, text) and _ROUTINE.search(text)):
        return True
    return "/" in text and _ALL_READY.search(text) is not None


def _any_of(words: Iterable[str], text: str) -> bool:
    """Say whether a text holds any of the words; cheaper than most patterns that need them."""
    return any(map(text.__contains__, words))


def cause_tier(text: str) -> int:
    """Return by which kind of phrase the text points at a cause: 1 the plainest, 0 by none."""
    kinds = kinds_in(text)
    return next((tier for name, tier in _CAUSE_TIERS.items() if name in kinds), 0)


def states_cause(text: str) -> bool:
    """Say whether the text states a cause, surely or not, that it does not rule out."""
    return cause_tier(text) > 0 and not RULED_OUT.search(text) and not is_empty(text)


def is_calm(text: str) -> bool:
    """Say whether the text tells of health and blames nothing."""
    return HEALTHY.search(text) and not states_cause(text)


def is_empty(text: str) -> bool:
    """Say whether a sentence points at a cause, and nothing else is left of it."""
    if "pointers" not in kinds_in(text):
        return False
    lowered, position, size = text.lower()[:_LONGEST_EMPTY], 0, 0
    for pointer in _POINTERS.finditer(lowered):
        size += _size(lowered[position : pointer.start()])
        if size >= _LEAST_WORDS:
            return False
        position = pointer.end()
    return size + _size(lowered[position:]) < _LEAST_WORDS


def _size(text: str) -> int:
    """Return its length in letters: a Chinese or Japanese character says about as much as three."""
    if text.isascii():
        return len(text.encode("ascii").translate(None, _NO_LETTERS))
    return sum(3 if char > "\u2e80" else 1 for char in text if char.isalnum())
