"""Passwords in addresses and in connection strings."""

from __future__ import annotations

import re

from bot.analysis.hiding.plain import is_said
from bot.analysis.hiding.rule import Rule, rule

_USER = r"[^\s/:@\"'<>\[\x00]{0,128}+"
_PORT = r"(?!\d{1,5}(?:[/?#,;:)\]\"'\s]|\Z))"
# To the last "@" of the address, for a password may hold one.
_PASSWORD = re.compile(rf"://{_USER}:{_PORT}(?P<secret>[^\s\"'<>\x00]{{1,256}})@(?=[\w\[%({{-])")
_ENCODED = re.compile(
    r"(?i:%3a%2f%2f)(?:[^\s/:@&%\"'\x00]|%(?!3a|40|2f)[0-9a-f]{2}){0,128}+(?i:%3a)"
    r"(?P<secret>(?:[^\s/:@&%\"'\x00]|%(?!40)[0-9a-fA-F]{2}){1,256}+)(?i:%40)",
    re.IGNORECASE,
)


def _password(text: str, at: int) -> tuple[int, int] | None:
    found = _PASSWORD.match(text, at) or _ENCODED.match(text, at)
    return found.span("secret") if found and not is_said(found["secret"]) else None


RULES = (
    Rule("password", ("://", "%3a%2f%2f"), _password),
    rule(
        "password",
        "jdbc:oracle:thin:",
        r"(?i:jdbc:oracle:thin:)[\w$]{1,64}+/(?P<secret>[^@\s\"'\x00]{1,128}+)@",
    ),
)
