"""Private keys, signed tokens, hashes of passwords and what connection strings hold."""

from __future__ import annotations

import re

from bot.analysis.hiding.rule import Rule, rule
from bot.analysis.hiding.wrapping import BREAK, continued

_BEGIN = re.compile(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_END = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_BODY_CHARS = 20_000
_GAP = r"(?:\\{1,2}+[nr]|[\s\"'>|]){0,24}+"
_HEADER = r"(?:Proc-Type|DEK-Info|Version|Comment|Encryption|Hash)\b[^\n\\\x00]{0,120}+"
_BODY = re.compile(rf"(?:{_GAP}(?:[A-Za-z0-9+/=]{{16,}}+|{_HEADER}))*+")
# Read from its end backwards, where the beginning of a key was cut away.
_TAIL = re.compile(r"(?:[A-Za-z0-9+/=]|[nr]\\{1,2}+|[\s\"'>|]){0,20000}+")
_LEAST_TAIL = 40

# "-----BEGIN " in base64, but for certificates and public keys.
_ENCODED = re.compile(r"LS0tLS1CRUdJTi(?!BDRVJUSUZ|BQVUJMSU)[A-Za-z0-9+/=]{24,}+")
_JWT = re.compile(
    rf"(?<![\w-])eyJ(?:[\w-]++|{BREAK}(?=[\w.-])){{1,64}}+\.(?:{BREAK})?"
    rf"(?:[\w-]++|{BREAK}(?=[\w.-])){{1,200}}+(?:\.(?:{BREAK})?[\w-]*+){{1,4}}+"
)
_CUT_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.(?:eyJ)?[\w-]{4,}+")


def _private_key(text: str, at: int) -> tuple[int, int] | None:
    begun = _BEGIN.match(text, at)
    if not begun:
        return _without_its_beginning(text, at)
    following = text.find("BEGIN ", begun.end())
    bound = min(begun.end() + _BODY_CHARS, following if following >= 0 else len(text))
    ended = _END.search(text, begun.end(), bound)
    if ended and "\x00" not in text[begun.end() : ended.start()]:
        return at, ended.end()
    body = _BODY.match(text, begun.end())
    return at, body.end() if body else begun.end()


def _without_its_beginning(text: str, at: int) -> tuple[int, int] | None:
    ended = _END.match(text, at)
    if not ended:
        return None
    tail = _TAIL.match(text[max(0, at - _BODY_CHARS) : at][::-1])
    length = len(tail.group().strip()) if tail else 0
    return (at - tail.end(), ended.end()) if tail and length >= _LEAST_TAIL else None


def _encoded(text: str, at: int) -> tuple[int, int] | None:
    found = _ENCODED.match(text, at)
    return (at, continued(text, at, found.end())) if found else None


def _jwt(text: str, at: int) -> tuple[int, int] | None:
    found = _JWT.match(text, at) or _CUT_JWT.match(text, at)
    return (at, continued(text, at, found.end())) if found else None


RULES = (
    Rule("private-key", ("-----begin ", "---- begin ", "-----end ", "---- end "), _private_key),
    rule(
        "private-key",
        "private-lines:",
        r"(?i:private-lines:)\s{0,3}+\d{1,3}(?P<secret>(?:\s{1,4}+[A-Za-z0-9+/=]{8,128}){1,64}+)",
    ),
    Rule("private-key", ("LS0tLS1CRUdJTi",), _encoded),
    Rule("jwt", ("eyj",), _jwt),
    rule(
        "account-key", "accountkey= sharedaccesskey=", r"(?i:\w{10,15}=)(?P<secret>[\w+/=%-]{20,}+)"
    ),
    rule(
        "signature",
        "?sig= &sig= ?x-amz-signature= &x-amz-signature= &x-amz-security-token= &x-goog-signature= "
        "?x-amz-security-token= ?x-goog-signature=",
        r"[?&][\w-]{3,20}=(?P<secret>[^&\s\"'\x00]{8,}+)",
    ),
    rule(
        "password-hash",
        "$apr1$ $2a$ $2b$ $2x$ $2y$ $1$ $argon2 $y$ $pbkdf2 $scrypt$ {sha} {ssha}",
        r"(?:\$(?:apr1|2[abxy]|[156]|y|argon2i?d?|pbkdf2(?:-\w{1,10})?|scrypt)\$[\w./$=,+-]{16,}+"
        r"|\{S?SHA\}[\w+/=]{20,}+)",
    ),
)
