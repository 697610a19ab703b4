"""The words by which people and programs speak of causes, changes, symptoms and recovery.

They stand in `words/`, a file a language; adding a language needs no code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

import yaml

CAUSE_TIERS = (1, 2, 3, 4, 5)
_LEAST_WORDS = 8


class Words:
    """One kind of words in all languages; text is looked at in lower case."""

    def __init__(self, source: str) -> None:
        self._pattern = re.compile(source)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place; its spans count in the text in lower case."""
        return self._pattern.search(text.lower())

    def subn(self, text: str) -> tuple[str, int]:
        """Return the text in lower case without them, and how many there were."""
        return self._pattern.subn("", text.lower())


def _read() -> Mapping[str, Words]:
    """Join the lists of all languages by kind."""
    kinds: dict[str, list[str]] = {}
    folder = resources.files("bot.analysis.words")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            for kind, sources in yaml.safe_load(file.read_text(encoding="utf-8")).items():
                kinds.setdefault(kind, []).extend(sources)
    return {kind: Words("|".join(sources)) for kind, sources in kinds.items()}


_WORDS = _read()
UNSURE = _WORDS["unsure"]
WONDERS = _WORDS["wonders"]
RULED_OUT = _WORDS["ruled_out"]
TAKEN_BACK = _WORDS["taken_back"]
"""A repair that names what it took back, or made anew."""
WITHOUT_EFFECT = _WORDS["without_effect"]
CHANGE = _WORDS["change"]
DEED = _WORDS["deed"]
"""A change as somebody's deed: what would stand in a change log."""
FIX = _WORDS["fix"]
SYMPTOM = _WORDS["symptom"]
FAILED = _WORDS["failed"]
HEALTHY = _WORDS["healthy"]
FALSE_ALARM = _WORDS["false_alarm"]
ALWAYS_FIRING = _WORDS["always_firing"]
PROCESS = _WORDS["process"]
"""How an incident is run, not why it happened."""
_CAUSES = tuple(_WORDS[f"cause_{tier}"] for tier in CAUSE_TIERS)
_POINTERS = _WORDS["pointers"]
"""Words that point at a cause without being one."""

# Advice of a monitor, a row of a table, a definition: words about failures, not a failure.
NOT_EVIDENCE = Words(
    r"^[^\s,]{0,80}(?:,[^\s,]{0,80}){2,40}$"
    r"|^[^\n]{0,60}(?:[a-z_ ()/\"-]{3,60},){4}|^(?:[^,\n]{0,80},(?! )){5}"
    r"|\b(?:check|investigate) (?:recent|downstream|the (?:logs|dep))"
    r"|^\s{0,40}\"(?:query|name|tags|type|reason|service|host|date|time|timestamp)\":"
    r"|^\s{0,40}\"[\w:.-]{2,60}\",?$|^\s{0,40}\"\w{1,60}\":\s?[\[{]"
)
# What somebody typed, not what came of it; a sentence on AWS begins with a capital.
COMMAND = re.compile(r"^[`$ ]{0,3}(?:kubectl|aws|docker|helm|curl|journalctl) [^\n]{1,300}$")
# What a healthy cluster prints, whatever words are in it.
ROUTINE = re.compile(
    r"^\s{0,40}Normal\s|RollingUpdateStrategy|\d+ desired \||:NoExecute|:NoSchedule"
    r"|\b(\d{1,4})/\1 {1,16}(?:Running|Completed) |\d/\d {1,16}Completed "
    r"|^\s{0,8}(?:Annotations|Labels|Selector|StrategyType|Replicas|Tolerations|Node-Selectors"
    r"|Priority|MinReadySeconds|Conditions|Volumes|Controlled By): {1,20}"
    r"|QoS Class|session (?:opened|closed)|^;; "
)


def cause_tier(text: str) -> int:
    """Return by which kind of phrase the text points at a cause: 1 the plainest, 0 by none."""
    lowered = text.lower()
    return next(
        (tier for tier, said in zip(CAUSE_TIERS, _CAUSES, strict=True) if said.search(lowered)), 0
    )


def states_cause(text: str) -> bool:
    """Say whether the text states a cause, surely or not, that it does not rule out."""
    return cause_tier(text) > 0 and RULED_OUT.search(text) is None and not is_empty(text)


def is_calm(text: str) -> bool:
    """Say whether the text tells of health and blames nothing."""
    return HEALTHY.search(text) is not None and not states_cause(text)


def is_empty(text: str) -> bool:
    """Say whether a sentence points at a cause, and nothing else is left of it."""
    rest, pointers = _POINTERS.subn(text)
    # A Chinese or Japanese character says about as much as three letters.
    size = sum(3 if char > "\u2e80" else 1 for char in rest if char.isalnum())
    return pointers > 0 and size < _LEAST_WORDS
