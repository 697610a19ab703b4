"""What requests carry: authorization, cookies, and the files and flags that hold them."""

from __future__ import annotations

import base64
import binascii
import re

from bot.analysis.hiding.plain import is_plain, is_said
from bot.analysis.hiding.rule import Rule, rule

_SIGN = r"(?:\\{0,3}+[\"'])?\s{0,3}+(?::|=>?|,|%3[aA]|\()\s{0,3}+(?:[\[(]\s?)?(?:\\{0,3}+[\"'])?"
_AUTHORIZATION = re.compile(
    rf"(?i:authorization){_SIGN}"
    r"(?:(?P<scheme>(?i:bearer|basic|token|bot|apikey|api-key|negotiate|ntlm|splunk|genie ?key"
    r"|sso-key|hmac|digest|oauth|signature|aws4-hmac-sha256|sharedkey(?:lite)?))(?:\s|%20|\+){1,3}+)?+"
    r"(?P<secret>[^\s\"'\\,;&<>\x00]++)"
)
# Whatever the scheme is called, what follows it may be a token.
_SCHEMED = re.compile(r"\s{1,3}+(?P<secret>[^\s\"'\\,;&<>\x00]{8,}+)")
_IN_PARTS = re.compile(r"[^\r\n\x00]{0,2000}+")
_PARTED = frozenset({"digest", "oauth", "signature", "aws4-hmac-sha256", "hmac"})
_BEARER = re.compile(
    r"(?<!\w)(?i:bearer)(?:\s{1,3}+|%20|\+|[\"']?\s?[:=]\s?[\"']?)(?P<secret>[\w.~+/%-]{8,}+={0,2})(?![\w=])"
)
_BASIC = re.compile(r"(?<!\w)(?i:basic)(?:\s{1,3}+|%20|\+)(?P<secret>[A-Za-z0-9+/]{6,}+={0,2})")
_AUTH = re.compile(
    r"(?i:\"auth\\{0,3}+\")\s{0,3}+:\s{0,3}+\\{0,3}+\"(?P<secret>[A-Za-z0-9+/]{6,}+={0,2})"
)
_NETRC = re.compile(
    r"(?i:login)\s{1,8}+(?P<user>\S{1,128}+)\s{1,8}+(?:account\s{1,8}+\S{1,128}+\s{1,8}+)?"
    r"(?i:password)\s{1,8}+(?P<secret>\S{1,256}+)"
)
_USER = re.compile(
    r"(?<![\w-])(?:-u|--user|--proxy-user)(?:\s|=)\s?[\"']?[\w.@+-]{1,64}+:(?P<secret>[^\s\"'\x00]{3,256}+)"
)


def _authorization(text: str, at: int) -> tuple[int, int] | None:
    found = _AUTHORIZATION.match(text, at)
    if not found or (is_said(found["secret"]) and not found["scheme"]):
        return None
    start, end = found.span("secret")
    if (found["scheme"] or "").lower() in _PARTED:
        parts = _IN_PARTS.match(text, start)
        return (start, parts.end()) if parts else None
    if found["scheme"]:
        return (start, end) if end - start >= 3 and not is_said(found["secret"]) else None
    if not is_plain(found["secret"]):
        return start, end
    token = _SCHEMED.match(text, end)
    return token.span("secret") if token and not is_plain(token["secret"]) else None


def _bearer(text: str, at: int) -> tuple[int, int] | None:
    found = _BEARER.match(text, at)
    return found.span("secret") if found and not is_plain(found["secret"]) else None


def _basic(text: str, at: int) -> tuple[int, int] | None:
    found = _BASIC.match(text, at) or _AUTH.match(text, at)
    return found.span("secret") if found and _holds_a_pair(found["secret"]) else None


def _holds_a_pair(value: str) -> bool:
    """Say whether this is "user:password" in base64."""
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return False


def _netrc(text: str, at: int) -> tuple[int, int] | None:
    found = _NETRC.match(text, at)
    if not found or is_said(found["secret"]) or is_said(found["user"]):
        return None
    return found.span("secret")


def _user(text: str, at: int) -> tuple[int, int] | None:
    found = _USER.match(text, at)
    return found.span("secret") if found and not is_said(found["secret"]) else None


RULES = (
    Rule("authorization", ("authorization",), _authorization),
    Rule("bearer", ("bearer",), _bearer),
    Rule("basic", ("basic ", "basic%20", "basic+", '"auth'), _basic),
    Rule("password", ("login",), _netrc),
    Rule("password", ("-u ", "-u=", "--user ", "--user=", "--proxy-user"), _user),
    rule(
        "cookie",
        "cookie",
        r"(?i:cookies?2?)(?:\\{0,3}+[\"'])?\s{0,3}+[:=]\s{0,3}+(?:[\[{(]\s?)?(?:\\{0,3}+[\"'])?"
        r"(?P<secret>[\w.%$*-]{1,128}+(?:=|[\"']\s?:\s?)[^\r\n\x00\]}\\\"]{1,4096}+)",
    ),
    rule(
        "password",
        "mysql mariadb mysqldump",
        r"(?:mysql|mariadb)(?:dump)?[^\r\n|;]{0,80}?\s-p(?P<secret>[^\s\"'-][^\s\"'\x00]{3,128}+)",
    ),
)
