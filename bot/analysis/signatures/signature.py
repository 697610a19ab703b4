"""A known failure, and the signs by which it shows itself in a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOOK_BACK = 24
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


# "the carrier says no outage": a sign of two words far apart, and what lies between denies it.
_NOT_INSIDE = re.compile(r"\b(?:no|zero|not|without|never) (?:\w{1,20} )?\w{1,20}$")


@dataclass(frozen=True, slots=True)
class Sign:
    """One pattern of a signature: a word of each set stands in whatever it matches.

    `also` is empty where only one set is known. `says_no` is for a pattern that denies by itself,
    such as "no space left".
    """

    pattern: re.Pattern[str]
    words: frozenset[str]
    also: frozenset[str] = frozenset()
    says_no: bool = False

    def span(self, lowered: str) -> int:
        """Return the length of the first match that no word around it denies, 0 for none."""
        for found in self.pattern.finditer(lowered):
            if not self._is_denied(found, lowered):
                return len(found.group())
        return 0

    def _is_denied(self, found: re.Match[str], lowered: str) -> bool:
        start, end = found.span()
        is_inside = not self.says_no and _NOT_INSIDE.search(found.group()) is not None
        is_before = _NOT_BEFORE.search(lowered[max(0, start - _LOOK_BACK) : start]) is not None
        return is_inside or is_before or _NOT_AFTER.match(lowered, end) is not None


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
