"""Who is being spoken to, in a thread that has an answer: the bot, or one another."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from enum import StrEnum

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_QUESTION = re.compile(r"[?？]\s*$|[?？]\s", re.MULTILINE)
# A wish, not talk that begins with the same word: "full report", not "full disk on db-1".
_WISH = re.compile(
    r"\s*(?:the |a )?(?:full|whole|entire|complete)(?: (?:report|answer|analysis))?(?: please)?\W*"
    r"|\s*(?:全部|全文|全体|完整|再実行|再度|重新分析?|再来一次|再分析|전체|전부|다시)[^\n]{0,20}",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"""\s*(?:(?:and|but|ok(?:ay)?|so|hm+|please|hey|@?rca|bot)[\s,]+)*
    (?:what|why|when|where|which|who|how|is|are|was|were|did|does|do|can|could|would|should
    |has|have|explain|summari[sz]e|analy[sz]e|compare|check|show|list|again|update|rerun)\b
    |\s*(?:なぜ|どうして|何|いつ|どこ|誰|どれ|どう|もう一度|要約|説明|教えて
    |什么|为什么|怎么|何时|谁|哪|是不是|왜|언제|누가|무엇|뭐|어디|어떻게)""",
    re.IGNORECASE | re.VERBOSE,
)


class Speaker(StrEnum):
    """Who wrote the message before this one."""

    BOT = "bot"
    SAME_PERSON = "same person"
    OTHER_PERSON = "other person"


def is_for_the_bot(text: str, *, previous: Speaker, bot_user_id: str) -> bool:
    """Tell whether a message without a mention of the bot asks it something.

    Silence is the default: a question right after the bot's words, or after one's own question to
    it, is for the bot; one that names a person, or follows another person's words, is not.
    """
    if set(_MENTION.findall(text)) - {bot_user_id}:
        return False
    if previous is Speaker.OTHER_PERSON:
        return False
    return bool(_QUESTION.search(text) or _OPENING.match(text) or _WISH.fullmatch(text))


def without_mention(text: str, bot_user_id: str) -> str:
    """Return the question in a message that mentions the bot, other names left as they are."""
    return re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>", " ", text).strip()


def is_incident_channel(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a channel's name (without #) fits one of the shell patterns."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
