"""The words by which an incident is found again: names, word pairs, runs of CJK characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

_NOT_SAID = re.compile(
    r"https?://[^\s<>\"']{1,2000}|\[SECRET:[a-z-]{2,24}:\d{1,6}\]|:[a-z0-9_+-]{2,40}:"
)
_JOINED = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{0,40}(?:[-_.][A-Za-z0-9]{1,40}){1,8}")
_KEY = re.compile(r"[\w.-]{1,80}(?:[\"']\s?:|=)")
_CAMEL = re.compile(r"\b(?:[a-z]{1,30}|[A-Z][a-z0-9]{1,30})(?:[A-Z][a-z0-9]{1,30}){1,8}\b")
_ERRNO = re.compile(r"\b(?:E[A-Z]{4,14}|SIG[A-Z]{3,6})\b")
_OF_FAILURE = re.compile(
    r"(?:error|exception|failure|failed|killed|timeout|exceeded|refused|denied|exhausted|violation)$"
    r"|^(?:e[a-z]{4,14}|sig[a-z]{3,6})$"
)
_WORD = re.compile(r"(?<![\w./-])[A-Za-z]{2,40}(?![\w/-])")
_RUN = re.compile(r"[\u3400-\u9fff]{2,200}|[\u30a1-\u30fc]{2,60}|[\uac00-\ud7af]{2,40}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_GRAM = 3
_LEAST = 4
_OVERLAP = 2

# What Kubernetes writes about everything, and what any incident's text says: it tells none apart.
_EVERYWHERE = re.compile(
    r"back-?off|crashloopbackoff|pod-template-hash|show-labels|no(?:schedule|execute)|kube-system"
    r"|(?:[\w-]{1,40}\.){0,4}(?:kubernetes|k8s)\.io|[\w-]{1,40}\.docker\.pkg\.dev|docker\.io"
)
_WORDS_OF_ALL = (
    "about above after again alert alerts alertmanager also another because been before being "
    "below between both bytes cause caused causes check code come comes completed contains could "
    "count critical current debug deploy deployed deployment does done down during each error "
    "errors every exception fail failed failing failure failures fatal fired firing first fixed "
    "following found from getting gets going have having health healthy high http https incident "
    "incidents increase increased info instance instances into investigating issue issues just "
    "last level like likely line logs looks made make many message messages minute minutes more "
    "most need needs node null number only other over page paged panic percent please possible "
    "problem production prod rate report reported request requests resolved response restart "
    "restarted returned returns rolled rollback root running same seconds seeing seen server "
    "service services several severity should show shows since some start started starting state "
    "status still stopped summary system team than that their them then there these they thing "
    "think this those threshold through time timeout times took total trying under until update "
    "used user users using value very warning warnings were what when where which while will with "
    "within without would your"
)
_GRAMS_OF_ALL = (
    "障害 発生 エラー 確認 対応 原因 影響 時間 開始 調査 問題 復旧 サーバ サーバー ログ 直前 "
    "错误 问题 故障 开始 时间 服务 请求 失败 告警 此前 오류 장애 확인 원인 문제 서버 알림 직전"
)
_COMMON = frozenset(_WORDS_OF_ALL.split())
_COMMON_GRAMS = frozenset(_GRAMS_OF_ALL.split())


def terms_of(text: str) -> Iterator[str]:
    """Yield the terms of a text, lower-cased, in their order; a term that comes again again.

    Each stands in the text but for its case. A name loses what only one instance of it has: the
    hash of a pod, a number at its end.
    """
    for line in _NOT_SAID.sub("\n", text).splitlines():
        yield from _names(line)
        yield from _pairs(line)
        yield from _grams(line)


def is_cjk(term: str) -> bool:
    """Say whether a term is of Chinese, Japanese or Korean characters."""
    return _CJK.match(term) is not None


def is_pair(term: str) -> bool:
    """Say whether a term is two words of prose or of an error's text, and no name."""
    return " " in term


def is_failure(term: str) -> bool:
    """Say whether a name is that of a failure, and not of what fails or of what is measured."""
    return _OF_FAILURE.search(term) is not None


def joined(terms: Iterable[str], texts: Sequence[str]) -> list[str]:
    """Return terms that overlap as one, where that stands in all (lower-cased) texts too."""
    out: list[str] = []
    for term in terms:
        longer = _overlapping(out[-1], term) if out else ""
        if longer and all(longer in text for text in texts):
            out[-1] = longer
        else:
            out.append(term)
    return out


def _overlapping(one: str, other: str) -> str:
    for size in range(min(len(one), len(other)), _OVERLAP - 1, -1):
        if one.endswith(other[:size]):
            return one + other[size:]
    return ""


def _names(line: str) -> Iterator[str]:
    # The name of a field in JSON or logfmt is that of a format.
    line = _KEY.sub(" ", line)
    for found in _JOINED.findall(line):
        name = _of_all_instances(found)
        if len(name) >= _LEAST and not _EVERYWHERE.fullmatch(name):
            yield name
    for pattern in (_CAMEL, _ERRNO):
        for name in pattern.findall(line):
            if name.lower() not in _COMMON and not _EVERYWHERE.fullmatch(name.lower()):
                yield name.lower()


def _of_all_instances(name: str) -> str:
    parts = re.split(r"([-_.])", name.lower())
    while len(parts) > 1 and _is_of_one(parts[-1]):
        del parts[-2:]
    return "".join(parts) if len(parts) > 1 else ""


def _is_of_one(part: str) -> bool:
    has_digit = any(map(str.isdigit, part))
    # Kubernetes makes its suffixes of five characters without vowels.
    is_suffix = len(part) == 5 and not set(part) & set("aeiouy")
    return part.isdigit() or is_suffix or (len(part) > 4 and has_digit)


def _pairs(line: str) -> Iterator[str]:
    for one, other in pairwise(_WORD.finditer(line)):
        if (
            line[one.end() : other.start()] == " "
            and _says_something(one)
            and _says_something(other)
        ):
            yield f"{one.group()} {other.group()}".lower()


def _says_something(found: re.Match[str]) -> bool:
    word = found.group().lower()
    return len(word) >= _LEAST and word not in _COMMON


def _grams(line: str) -> Iterator[str]:
    for run in _RUN.findall(line):
        last = max(1, len(run) - _GRAM + 1)
        grams = (run[place : place + _GRAM] for place in range(last))
        yield from (gram for gram in grams if gram not in _COMMON_GRAMS)
