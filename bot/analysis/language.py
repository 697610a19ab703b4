"""In which language people write, by their script and their commonest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A BCP-47 code and an English name; "und" where a script alone does not tell."""

    code: str
    name: str

    def __str__(self) -> str:
        return self.name if self.code == "und" else f"{self.name} ({self.code})"


UNKNOWN = Language("und", "the language that the people in the thread write")

_CHARS = 2_000
# Latin letters for each: the names of services are written in them in any language.
_WEIGHT = 5
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_KOREAN = Language("ko", "Korean")
_JAPANESE = Language("ja", "Japanese")
_CHINESE = Language("zh", "Chinese")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORDS = re.compile(r"[a-z\u00df-\u024f]{1,40}")
_COMMON = (
    (Language("en", "English"), "the is are was we not and of to it this that with for has"),
    (Language("de", "German"), "der die das ist nicht und wir ein eine mit auf für sind hat wird"),
    (Language("fr", "French"), "le la les est pas et nous un une des avec pour sont dans que"),
    (Language("es", "Spanish"), "el los las es está y nosotros un una con para por que del hay"),
    (Language("pt", "Portuguese"), "o os as é não e nós um uma com para por que do está"),
)
_COMMON_WORDS = tuple((language, frozenset(words.split())) for language, words in _COMMON)
_ANY_COMMON = frozenset().union(*(common for _, common in _COMMON_WORDS))
_LEAST_COMMON = 2


def language_of(texts: Iterable[str]) -> Language:
    """Return the language of most of the texts; each counts once, whatever its length.

    A tie goes to the text that comes first; give the question first.
    """
    votes = Counter(filter(None, map(_language, texts)))
    return votes.most_common(1)[0][0] if votes else UNKNOWN


def _language(text: str) -> Language | None:
    text = text[:_CHARS]
    if text.isascii():
        return _by_words(text)
    latin = len(_LATIN.findall(text))
    if (found := _by_script(text, latin)) is not None:
        return found
    return _by_words(text) if latin else None


def _by_script(text: str, latin: int) -> Language | None:
    """Return the language of a script that is not Latin, where it outweighs the names in it."""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    hangul = len(_HANGUL.findall(text))
    most, language = max(
        (hangul, _KOREAN), (kana + han, _JAPANESE if kana else _CHINESE), key=lambda pair: pair[0]
    )
    return language if most and most * _WEIGHT >= latin else None


def _by_words(text: str) -> Language | None:
    words = [word for word in _WORDS.findall(text.lower()) if word in _ANY_COMMON]
    if len(words) < _LEAST_COMMON:
        return None
    known = [(sum(map(common.__contains__, words)), name) for name, common in _COMMON_WORDS]
    most, language = max(known, key=lambda pair: pair[0])
    return language if most >= _LEAST_COMMON else None
