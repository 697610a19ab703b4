"""What belongs to people: e-mail addresses, phone numbers, card numbers."""

from __future__ import annotations

import re
import string

from bot.analysis.hiding.rule import HIDDEN, Rule, rule

_DOMAIN = re.compile(
    r"@(?P<domain>(?:[A-Za-z0-9-]{1,63}+\.){1,6})(?P<top>[A-Za-z]{2,24}+)(?![\w@])"
)
_LOCAL = re.compile(r"[\w.+-]{1,64}+")
# Accounts of machines, and what units of systemd and names of files end with.
_ACCOUNTS = "git rabbit root celery svn hg emqx ejabberd couchdb nobody"
_ENDINGS = (
    "service socket timer slice target mount scope device png jpg jpeg gif svg webp js ts css map "
    "json py java go so jar"
)
_NO_PERSON = frozenset(_ACCOUNTS.split())
_NO_DOMAIN = frozenset(_ENDINGS.split())
_CARD = re.compile(
    r"(?<![\w.-])(?<!\d:)(?:"
    r"(?:[45]\d{3}|2[2-7]\d\d|6(?:011|4\d\d|5\d\d)|35\d\d)(?P<gap>[ -]?)\d{4}(?:(?P=gap)\d{4}){2}"
    r"|3[47]\d\d(?P<amex>[ -]?)\d{6}(?P=amex)\d{5}"
    r"|3(?:0[0-5]|[68]\d)\d(?P<diners>[ -]?)\d{6}(?P=diners)\d{4}"
    r")(?![\w-]|\.\d)"
)

# What may stand before a number in one piece; most long numbers in logs follow a digit or a dot.
_MARKS = sorted({*string.punctuation, *string.whitespace, HIDDEN} - set("._-"))
_NATIONAL = re.compile(
    r"(?<![\w.+:/-])(?:\([2-9]\d\d\) |[2-9]\d\d-)[2-9]\d\d-\d{4}(?![\w-])"
    r"|(?<![\w.+:/-])0\d{1,2}-\d{4}-\d{4}(?![\w-])"
)


def _email(text: str, at: int) -> tuple[int, int] | None:
    found = _DOMAIN.match(text, at)
    if not found or found["top"].lower() in _NO_DOMAIN:
        return None
    local = _LOCAL.match(text[max(0, at - 64) : at][::-1])
    if not local or local.group()[::-1].lower() in _NO_PERSON:
        return None
    start = at - local.end()
    return None if text.startswith("://", max(0, start - 3)) else (start, found.end())


def _card(text: str, at: int) -> tuple[int, int] | None:
    found = _CARD.match(text, at + (not text[at : at + 1].isdigit()))
    return found.span() if found and _luhn(found.group()) else None


def _phone(text: str, at: int) -> tuple[int, int] | None:
    found = _NATIONAL.match(text, at)
    return found.span() if found else None


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


RULES = (
    Rule("email", ("@",), _email),
    Rule(
        "card",
        (
            *(mark + "0" * length for mark in _MARKS for length in (14, 15, 16)),
            *("0000 0000 0000 0000", "0000-0000-0000-0000"),
            *("0000 000000 00000", "0000-000000-00000", "0000 000000 0000", "0000-000000-0000"),
        ),
        _card,
    ),
    rule("phone", "+", r"(?<![\w+])\+\d{1,3}[ .-]\(?\d{1,4}\)?(?:[ .-]\d{2,4}){2,4}(?!\w)"),
    rule("phone", "+", r"(?<![\w+\n])\+[1-9]\d{10,14}(?![\w.])"),
    Rule("phone", ("(000) 000-0000", "000-000-0000", "000-0000-0000", "00-0000-0000"), _phone),
)
