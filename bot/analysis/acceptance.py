"""Whether an answer of a model may stand at all, or somebody else has to be asked."""

from __future__ import annotations

import re
from typing import Protocol

from bot.analysis import phrases
from bot.analysis.ground import Ground
from bot.analysis.markdown import Sections
from bot.analysis.report import Confidence, Report, Statement, Verdict

_REFUSAL = re.compile(
    r"^\W{0,5}(?:(?:i(?:'m| am)|we are) (?:very |really |truly )?sorry|sorry,|as an ai\b"
    r"|(?:i|we)(?: am| are|'m|'re)? (?:can(?:no|')t|can not|won't|will not|must decline|decline"
    r"|unable|not able|not allowed)(?: to)? (?:help|assist|comply|provide|answer|discuss|continue"
    r"|support|share|fulfil|process|engage|participate|do (?:this|that))"
    r"|申し訳(?:ありません|ございません)|お手伝い(?:すること)?(?:は)?できません|(?:回答|お答え)(?:は)?できません"
    r"|很?抱歉|对不起|無法協助|无法(?:协助|提供|回答|帮助)|죄송)",
    re.IGNORECASE,
)


class Counts(Protocol):
    """What was wrong with the lines; see `claims.Checker`."""

    cited: int
    unknown: int
    secrets: int
    misquoted: set[str]
    grounded: set[str]

    @property
    def ground(self) -> Ground:
        """The evidence that the lines were checked against."""
        ...


def objection(
    text: str,
    sections: Sections,
    report: Report | None,
    counts: Counts,
    rules: Report,
    *,
    is_reply: bool = False,
) -> str:
    """Return why a whole or partial answer may not stand, in words for a reader; "" if it may.

    `rules` is what they say of the incident; `is_reply` that it answers a further question.
    """
    if not text.strip():
        return "it is empty"
    if is_refusal(text):
        return "it is a refusal"
    if counts.secrets:
        return "it shows what looks like a secret"
    if report is None:
        return "it is not in the form that was asked for"
    return (
        _of_claims(report, counts, is_reply=is_reply)
        or _of_ground(sections, report, counts, is_reply=is_reply)
        or _of_calm(sections, report, counts, rules)
    )


def is_refusal(text: str) -> bool:
    """Say whether a text declines to answer, rather than says what is not known."""
    return _REFUSAL.search(text.strip()[:400].replace("’", "'")) is not None


def _of_claims(report: Report, counts: Counts, *, is_reply: bool) -> str:
    first = report.summary[:1] if is_reply else ()
    if any(is_refusal(line.text) for line in (report.cause, *first)):
        return "it is a refusal"
    if 2 * counts.unknown > counts.cited:
        return "most of what it cites does not exist"
    if "cause" in counts.misquoted:
        return "its cause quotes what nobody wrote"
    return ""


def _of_ground(sections: Sections, report: Report, counts: Counts, *, is_reply: bool) -> str:
    """Whoever claims something has to cite something: for the cause, or for a short answer."""
    if sections.abstains:
        return ""
    if not is_reply:
        return "" if "cause" in counts.grounded else "its cause rests on nothing"
    # What was believed before stands beside it, and to say what is missing is an answer too.
    says_only_what_is_missing = not report.summary and bool(sections.lines.get("gaps"))
    is_grounded = not counts.grounded.isdisjoint({"cause", "summary"})
    return "" if is_grounded or says_only_what_is_missing else "its answer rests on nothing"


def _of_calm(sections: Sections, report: Report, counts: Counts, rules: Report) -> str:
    """People have stated a cause: whoever says that there is no incident has to show calm."""
    is_stated = rules.verdict is Verdict.CAUSE and rules.confidence is Confidence.SUPPORTED
    if sections.verdict != "no_incident" or not is_stated:
        return ""
    cited = (report.cause, *report.summary)
    is_shown = any(_tells_of_calm(statement, counts.ground) for statement in cited)
    return "" if is_shown else "it sees no incident where people stated the cause of one"


def _tells_of_calm(statement: Statement, ground: Ground) -> bool:
    texts = [ground.items[name].text for name in statement.evidence]
    signs = (phrases.HEALTHY, phrases.FALSE_ALARM, phrases.ALWAYS_FIRING)
    return any(sign.search(text) for sign in signs for text in texts)
