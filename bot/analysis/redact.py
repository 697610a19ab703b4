"""Secrets and personal data become stable placeholders before a text goes anywhere.

Every pattern is linear: an unbounded repeat ends its pattern, or starts only where a word does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACEHOLDER = re.compile(r"\[SECRET:[a-z-]{2,24}:\d{1,6}\]")
# Stands for what is hidden already while we look for more; no pattern accepts it.
_HIDDEN = "\x00"
_ROUNDS = 8

_KEY_WORDS = (
    r"(?:password|passwd|passphrase|pwd|secret|access_?key|api[_-]?key|token|client_?secret"
    r"|private_?key|encryption_?key|credential|パスワード)"
)

# The group "secret" is what gets hidden; without one, the whole match does.
_SOURCES: tuple[tuple[str, str], ...] = (
    (
        "private-key",
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[^-\x00]|-(?!----)){0,16000}"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    ("jwt", r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{4,}(?:\.[\w-]{0,})?"),
    ("aws-key", r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"),
    ("github-token", r"gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}"),
    ("gitlab-token", r"gl(?:pat|ptt|dt|rt|cbt)-[\w-]{20,64}"),
    ("slack-token", r"xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}"),
    ("webhook", r"https://hooks\.[a-z.]{3,40}/(?P<secret>[\w/-]{20,})"),
    ("model-key", r"(?<![\w-])sk-[\w-]{20,}"),
    ("stripe-key", r"(?<!\w)(?:[srp]k_(?:live|test)|whsec)_[A-Za-z0-9]{10,}"),
    ("google-key", r"(?<!\w)(?:AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,64})"),
    ("npm-token", r"(?<!\w)npm_[A-Za-z0-9]{36}"),
    ("pypi-token", r"(?<!\w)pypi-[\w-]{50,}"),
    ("huggingface-token", r"(?<!\w)hf_[A-Za-z0-9]{30,64}"),
    ("sendgrid-key", r"(?<!\w)SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    ("vault-token", r"(?<!\w)hv[sb]\.[\w-]{20,}"),
    ("twilio-key", r"(?<!\w)SK[0-9a-f]{32}(?!\w)"),
    ("cloud-key", r"(?<!\w)(?:do[opr]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}|shp(?:at|ss)_[0-9a-f]{32})"),
    ("account-key", r"(?:AccountKey|SharedAccessKey)=(?P<secret>[\w+/=]{20,})"),
    (
        "signature",
        r"(?i:[?&](?:sig|x-amz-signature|x-amz-security-token)=)"
        r"(?P<secret>[^&\s\"'\x00]{8,})",
    ),
    (
        "password",
        r"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]{1,24}://[^\s/:@\"'<>\x00]{0,128}:"
        r"(?P<secret>[^\s/@\"'<>\x00]{1,256})@",
    ),
    (
        "authorization",
        r"(?i:authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:(?:bearer|basic|token"
        r"|digest)\s{1,3})?)"
        r"(?P<secret>[\w.~+/=-]{8,})",
    ),
    ("bearer", r"(?i:(?<!\w)bearer\s{1,3})(?P<secret>[\w.~+/=-]{16,})"),
    (
        "cookie",
        r"(?i:(?<!\w)(?:set-)?cookie[\"']?\s{0,3}:\s{0,3}[\"']?)(?P<secret>[^\r\n\"'\x00]{6,})",
    ),
    (
        "assignment",
        r"(?i:" + _KEY_WORDS + r"(?:[\"']\s{0,3}:\s{0,3}|\s{0,3}(?:=>|:=|=)\s{0,3})[\"']?)"
        r"(?P<secret>(?!(?i:null|none|true|false|undefined)(?!\w)|<|\$[{(]|\*\*)"
        r"[^\s\"',;&<>}\])\x00]{6,})",
    ),
    (
        # After a bare colon a plain word is prose ("unexpected token: identifier").
        "assignment",
        r"(?i:" + _KEY_WORDS + r"\s?[:：]\s{0,3})"
        r"(?P<secret>(?=[^\s\"',;&<>\x00]{0,60}[0-9!@#%^*+/=])"
        r"[^\s\"',;&<>}\])\x00/][^\s\"',;&<>}\])\x00]{5,})",
    ),
    (
        "email",
        r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w@])",
    ),
    ("phone", r"(?<![\w+])\+\d{1,3}[ -]\(?\d{1,4}\)?(?:[ -]\d{2,4}){2,4}(?!\w)"),
)
_PATTERNS = tuple((kind, re.compile(source)) for kind, source in _SOURCES)
# A pattern is tried only where one of these stands in the text (in lower case): they are fast to
# look for, and most logs hold none.
_HINTS = {
    "private-key": ("private key",),
    "jwt": ("eyj",),
    "aws-key": ("akia", "asia", "abia", "acca"),
    "github-token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "gitlab-token": ("glpat-", "glptt-", "gldt-", "glrt-", "glcbt-"),
    "slack-token": ("xox", "xapp-"),
    "webhook": ("https://hooks.",),
    "model-key": ("sk-",),
    "stripe-key": ("_live_", "_test_", "whsec_"),
    "google-key": ("aiza", "ya29.", "gocspx-"),
    "npm-token": ("npm_",),
    "pypi-token": ("pypi-",),
    "huggingface-token": ("hf_",),
    "sendgrid-key": ("sg.",),
    "vault-token": ("hvs.", "hvb."),
    "twilio-key": ("sk",),
    "cloud-key": ("_v1_", "dapi", "shpat_", "shpss_"),
    "account-key": ("accountkey", "sharedaccesskey"),
    "signature": ("sig=", "x-amz-"),
    "password": ("://",),
    "authorization": ("authorization",),
    "bearer": ("bearer",),
    "cookie": ("cookie",),
    "assignment": (
        "passw",
        "passphrase",
        "pwd",
        "secret",
        "key",
        "token",
        "credential",
        "パスワード",
    ),
    "email": ("@",),
    "phone": ("+",),
}
_CARD = re.compile(
    r"(?<![\w.:-])(?:[45]\d{3}|2[2-7]\d\d|6(?:011|4\d\d|5\d\d)"
    r"|35\d\d)(?:([ -]?)\d{4})(?:\1\d{4}){2}"
    r"(?![\w.:-])|(?<![\w.:-])3[47]\d{2}([ -]?)\d{6}\2\d{5}(?![\w.:-])"
)


class RedactionError(Exception):
    """The text could not be made safe; nothing of it may be sent."""


class Redactor:
    """Hides secrets for one run: the same secret always gets the same placeholder.

    `count` is the number of different secrets hidden so far.
    """

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}

    @property
    def count(self) -> int:
        return len(self._placeholders)

    def redact(self, text: str) -> str:
        """Return the text with its secrets replaced; redacting twice changes nothing more.

        Raises RedactionError where hiding one secret keeps uncovering another.
        """
        for _ in range(_ROUNDS):
            spans = _spans(text)
            if not spans:
                return text
            text = self._replace(text, spans)
        raise RedactionError("the text does not come to rest")

    def _replace(self, text: str, spans: list[tuple[int, int, str]]) -> str:
        parts, position = [], 0
        for start, end, kind in spans:
            parts += [text[position:start], self._placeholder(kind, text[start:end])]
            position = end
        return "".join([*parts, text[position:]])

    def _placeholder(self, kind: str, secret: str) -> str:
        number = len(self._placeholders) + 1
        return self._placeholders.setdefault(secret, f"[SECRET:{kind}:{number}]")


def contains_secret(text: str) -> bool:
    """Say whether anything in the text would still be hidden: the check on the way out."""
    return bool(_spans(text))


def _spans(text: str) -> list[tuple[int, int, str]]:
    """Return what to hide, in order and without overlaps; an overlap is hidden as one."""
    masked = _PLACEHOLDER.sub(lambda found: _HIDDEN * len(found.group()), text)
    merged: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(_findings(masked), key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            first, last, name = merged[-1]
            merged[-1] = (first, max(last, end), name)
        else:
            merged.append((start, end, kind))
    return merged


def _findings(text: str) -> Iterator[tuple[int, int, str]]:
    lowered = text.lower()
    for kind, pattern in _PATTERNS:
        if not any(hint in lowered for hint in _HINTS[kind]):
            continue
        group = "secret" if "secret" in pattern.groupindex else 0
        for found in pattern.finditer(text):
            yield found.start(group), found.end(group), kind
    for found in _CARD.finditer(text):
        if _luhn(found.group()):
            yield found.start(), found.end(), "card"


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
