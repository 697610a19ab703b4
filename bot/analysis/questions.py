"""What a further question in an answered thread wants, by its words, and the names that it uses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.analysis.small_words import GRAMMAR, PARTICLE, SMALL_TALK, STOP
from bot.analysis.subjects import called

_LONGEST = 1_000
_FULL_CHARS = 24


class Intent(StrEnum):
    """What would answer a question: all of it, what is new, or a few lines of evidence."""

    FULL = "full"
    AGAIN = "again"
    WHEN = "when"
    NEXT = "next"
    WHY = "why"
    SUSPECT = "suspect"
    CHANGED = "changed"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Term:
    """A name in a question, as it was written, and what finds it in a line."""

    word: str
    pattern: re.Pattern[str]


# In this order: "since when" is a time, "is the deploy the cause" a suspicion, not a change.
_ASKED: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(source, re.IGNORECASE))
    for intent, source in (
        (
            Intent.AGAIN,
            r"\bsince (?:then|your|you|the last|last|we last|we asked)\b|\bnew since\b",
        ),
        (
            Intent.WHEN,
            r"^\W*(?:(?:and|but|so|ok|okay|hey|please|then)\W+)*when\b|\bsince when\b|\bhow long\b"
            r"|\bwhat time\b|\bwhen (?:did|was|were|does|is|has|have)\b"
            r"|\b(?:is|was|has) (?:it|this) (?:been )?(?:fixed|resolved|over|solved|recovered)\b"
            r"|復旧し|恢复了|복구[됐되]"
            r"|いつ|何時|何分|什么时候|什麼時候|何时|几点|多久|언제|몇 ?시|얼마나 오래",
        ),
        (
            Intent.NEXT,
            r"\bnext\b|\bwhat (?:should|can|do|must|could) (?:we|i)\b|\bwhat to (?:check|do|look)"
            r"|\bhow (?:do|can|should|could|to)\b.{0,20}\b(?:fix|mitigate|solve|resolve|stop"
            r"|confirm|verify|check|repair|prevent)"
            r"|次(?:に|は|の|を|何|どう)|対処|対応策|どうすれば|どう直|下一步|怎么办|怎麼辦|怎么修|如何修|如何解决"
            r"|다음|어떻게 (?:해|고치|하)",
        ),
        (
            Intent.WHY,
            r"\bwhy\b|\bhow come\b|\bhow do you know\b|\bwhat makes you\b|\bevidence\b"
            r"|\bbased on what\b|\b(?:are you|how) sure\b|\bexplain\b|\bsummar"
            r"|\b(?:what|which).{0,24}\b(?:cause|reason)\b"
            r"|なぜ|何故|なんで|どうして|根拠|説明|要約|原因は何|为什么|為什麼|为何|依据|总结|解释|什么原因"
            r"|왜|근거|설명|요약|이유",
        ),
        (
            Intent.SUSPECT,
            r"\b(?:is|was|are|were|isn't|wasn't|could|might|can|does|did).{1,80}\b(?:cause[ds]?"
            r"|culprit|reason|blame|related|responsible|involved|behind|fault)\b"
            r"|\b(?:what|how) about\b|\bcould it be\b|\b(?:is|was|isn't|wasn't) it\b"
            r"|\bruled? out\b|\bnothing to do with\b"
            r"|関係|が原因|のせい|ではない|はどう|是不是|会不会|有关|有關|原因吗|怎么样|때문|원인|어때|관련",
        ),
        (
            Intent.CHANGED,
            r"\bchang(?:e|es|ed|ing)\b|\bdeploy\w{0,8}\b|\brelease[ds]?\b|\brollouts?\b"
            r"|\bwho (?:did|merged|rolled|updated|restarted|touched|pushed|made)\b"
            r"|変更|変わ|デプロイ|リリース|誰が|谁|誰|变更|變更|改了|部署|发布|누가|배포|변경|바뀌|바뀐",
        ),
    )
)
_ANEW = re.compile(
    r"\b(?:again|re-?run|anew|refresh|retry)\b|もう一度|再実行|再度|重新|再来|再分析|다시",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(?:full|whole|entire|complete)\b", re.IGNORECASE)
_ALL = re.compile(r"全部|全文|全体|完整|詳細|详细|전체|전부")
_LINK = re.compile(r"<?https?://[^\s<>]{1,2000}>?")
_WORD = re.compile(r"[A-Za-zÀ-ɏ]['\w./-]{1,60}|\d[\w.-]{2,30}")
# One run of a script that writes without spaces: katakana, kanji, hangul.
_RUN = re.compile(r"[\u30a0-\u30ff]{2,40}|[\u4e00-\u9fff]{2,40}|[\uac00-\ud7af]{2,40}")


def intent(question: str) -> Intent:
    """Return what a further question wants; a blank one, or one of no content, wants the news."""
    text = _LINK.sub(" ", question[:_LONGEST]).strip()
    named = terms(text)
    if is_for_all(text):
        return Intent.FULL
    if not text or (not named and _ANEW.search(text)):
        return Intent.AGAIN
    for wanted, pattern in _ASKED:
        if pattern.search(text):
            is_open = wanted in (Intent.SUSPECT, Intent.ABOUT) and not named
            return Intent.WHY if is_open else wanted
    return Intent.ABOUT if named or not _is_small_talk(text) else Intent.AGAIN


def _is_small_talk(text: str) -> bool:
    words = _WORD.findall(text)
    return all(word.lower() in SMALL_TALK for word in words) and not _RUN.search(text)


def asks_anew(question: str) -> bool:
    """Say whether a question wants to know what is so now, not what was said a moment ago."""
    return _ANEW.search(question) is not None


def is_for_all(text: str) -> bool:
    """Say whether somebody asks for the whole report."""
    if _ALL.search(text) and len(text) <= _FULL_CHARS and not terms(text):
        return True
    return _WHOLE.search(text) is not None and not terms(text)


def terms(question: str) -> tuple[Term, ...]:
    """Return the names that a question uses, each once, in its order."""
    text = _LINK.sub(" ", question[:_LONGEST])
    words = [word.strip(".'/-") for word in _WORD.findall(text)]
    names = [word for word in words if len(word) > 1 and word.lower() not in STOP]
    names += [PARTICLE.sub("", run) for run in _RUN.findall(GRAMMAR.sub(" ", text))]
    found = {name.lower(): Term(name, called(name)) for name in names if len(name) > 1}
    return tuple(found.values())
