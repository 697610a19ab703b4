"""Names that tell of a secret beside them, and how surely they do."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

_STEMS = "passw passphrase passcode pwd secret token credential key _auth jsessionid phpsessid"
# "pass" alone is half of too many words.
HINTS = (*_STEMS.split(), "connect.sid", "pass=", "pass:", 'pass"', "pass'", "pass\\")
# Other languages' words for a password; hints are ASCII and cannot find them.
FOREIGN = ("パスワード", "暗証番号", "密码", "密碼", "비밀번호", "contraseña", "пароль")
_FOREIGN = "|".join(FOREIGN)
# What begins at a hint, with the small words that may follow within the same name.
STEM = (
    r"(?:pass(?:words?|wd|phrase|code|wort)?|pwd|secret|token|credentials?|key|_auth"
    rf"|(?:j|php)sess(?:ion)?id|connect\.sid|{_FOREIGN})"
    r"(?:[_-]?(?:access[_-]?key|key[_-]?base|key|hash|value|data|plain|raw|b64|base64|old|new|current"
    r"|primary|secondary|prod|dev|staging|live|test|string|token|\d{1,3}))?"
)
_PASSWORDS = rf"pass(?:words?|wd|phrase|code|wort)|pwd|{_FOREIGN}"
_SURE = re.compile(
    rf"(?:{_PASSWORDS}|(?:client|app|shared|consumer|webhook|signing|jwt|cookie|oauth|hmac)[_-]?secret"
    r"|secret[_-]?(?:access[_-]?)?key|(?:api|private|encryption|signing|master|license)[_-]?key"
    r"|(?:auth|access|refresh|api|bearer|bot|personal|app)[_-]?token|[_-]pass)"
    r"(?:[_-]?[a-z0-9]{1,10})?\Z",
    re.IGNORECASE,
)
_LOUD = re.compile(r"[A-Z0-9_]{1,48}_(?:TOKEN|SECRET|PASS)\Z")
_KEY = re.compile(
    r"(?:api|app|application|access|secret|private|encrypt|encryption|decrypt|sign|signing|service"
    r"|integration|routing|license|licence|account|storage|shared|master|admin|client|consumer"
    r"|subscription|auth|session|webhook|hmac|aes|jwt|ssh|deploy|write|ingest|server|security"
    r"|symmetric|root|unseal|recovery|sas|token|pass)[_.-]?key",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:max|min|num|next|page|sync|continuation|total|prompt|completion|input|output)[_-]?token",
    re.IGNORECASE,
)


class Telling(Enum):
    """How much a name says: a sure one hides any value, a vague one only what looks random.

    `PWD` may be a password, and is the folder of most processes.
    """

    SURE = "sure"
    FOLDER = "folder"
    VAGUE = "vague"


@lru_cache(maxsize=4096)
def telling(name: str) -> Telling | None:
    """Say what a whole name such as `DB_PASSWORD` or `cache_key` tells; None for nothing."""
    if _COUNTED.search(name):
        return None
    if name.lower() in {"pwd", "oldpwd"}:
        return Telling.FOLDER
    if _LOUD.match(name) or _SURE.search(name):
        return Telling.SURE
    if name.lower().endswith("key") and not _KEY.search(name):
        return None
    return Telling.VAGUE
