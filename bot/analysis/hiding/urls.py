"""Passwords in addresses and in connection strings."""

from __future__ import annotations

import re

from bot.analysis.hiding.plain import is_said
from bot.analysis.hiding.rule import Rule, rule

_USER = r"[^\s/:@\"'<>\[\x00]{0,128}+"
_PORT = r"(?!\d{1,5}(?:[/?#,;:)\]\"'\s]|\Z))"
# To the last "@" of the address, for a password may hold one.
_PASSWORD = re.compile(rf"://{_USER}:{_PORT}(?P<secret>[^\s\"'<>\x00]{{1,256}})@(?=[\w\[%({{-])")


def _password(text: str, at: int) -> tuple[int, int] | None:
    found = _PASSWORD.match(text, at)
    return found.span("secret") if found and not is_said(found["secret"]) else None


RULES = (
    Rule("password", ("://",), _password),
    rule(
        "password",
        "jdbc:oracle:thin:",
        r"(?i:jdbc:oracle:thin:)[\w$]{1,64}+/(?P<secret>[^@\s\"'\x00]{1,128}+)@",
    ),
)
