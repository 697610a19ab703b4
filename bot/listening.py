"""Who is being spoken to, in a thread that has an answer: the bot, or one another."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from enum import StrEnum

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_QUESTION = re.compile(r"[?？]\s*$|[?？]\s", re.MULTILINE)
_OPENING = re.compile(
    r"""\s*(?:(?:and|but|ok(?:ay)?|so|hm+|please|hey|@?rca|bot)[\s,]+)*
    (?:what|why|when|where|which|who|how|is|are|was|were|did|does|do|can|could|would|should
    |has|have|explain|summari[sz]e|analy[sz]e|compare|check|show|list|again|update|rerun
    |なぜ|どうして|何|いつ|どこ|誰|どれ|どう|もう一度|要約|説明|教えて)""",
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
    return bool(_QUESTION.search(text) or _OPENING.match(text))


def without_mention(text: str, bot_user_id: str) -> str:
    """Return the question in a message that mentions the bot, other names left as they are."""
    return re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^>]*)?>", " ", text).strip()


def is_incident_channel(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a channel's name (without #) fits one of the shell patterns."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
