"""The names in a line that a person would search for: hosts, services, versions, identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,100}")
_CHARS = 4_000
# "30s", "5xx", "10k", "2nd", "3x", "250MB": an amount, not a name.
_AMOUNT = re.compile(r"\d{1,15}(?:[.,-]\d{1,15})?[A-Za-z]{0,4}")
_VERSION = re.compile(r"v?\d{1,5}(?:\.\d{1,6}){2,4}(?:[-+][\w.]{1,20})?|v\d{1,5}(?:\.\d{1,6}){0,4}")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PLURAL = re.compile(r"[A-Z]{2,6}s")
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")
_DOTTED = re.compile(r"[A-Za-z0-9_-]{2,63}(?:\.[A-Za-z0-9_-]{1,63}){0,8}\.[A-Za-z][\w-]{1,62}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ROLES = _words(
    "api app svc service server db database worker gateway proxy cache queue job cron operator"
    " controller prod production staging dev test cluster node pool pod web ui frontend backend"
    " primary replica master slave standby lb ingress broker consumer producer scheduler agent"
    " exporter shard region topic bucket volume disk host vm nginx redis kafka postgres mysql"
    " mongo rabbitmq elastic auth login payment payments order orders cart checkout billing invoice"
    " invoices search user users mail mailer email notification notifications inventory catalog"
    " shipping report reports config secret secrets"
)
_PROSE = _words(
    "level side wide only based specific related aware driven free like style per multi cross"
    " single non inter intra pre post re self in on off out up down to of by for from with high low"
    " long short full half all new old well over under read write real time end the a an no one two"
    " three first second last next as is and or so backed facing bound heavy light safe ready"
    " managed hosted owned wise less ish up-to-date"
)
_KNOWN = _words(
    "postgresql mysql mariadb mongodb dynamodb rabbitmq github gitlab openssl javascript typescript"
    " nodejs node.js graphql devops iops ipv4 ipv6 http2 http/2 oauth oauth2 utf-8 utf8 sha256"
    " base64 k8s s3 ec2 p50 p90 p95 p99 p999 e2e i/o b2b x86 arm64 grpc macos ios iam aws gcp wifi"
    " nosql pagerduty cloudwatch clickhouse elasticsearch opensearch kubernetes e.g i.e etc"
    " a.m p.m round-robin log4j ci/cd tls1.2 tls1.3"
)


def names_in(text: str) -> Iterator[str]:
    """Yield each name; words of plain prose and amounts are none."""
    for found in _TOKEN.finditer(text[:_CHARS]):
        word = found.group().strip(".-")
        if word.casefold() not in _KNOWN and _is_name(word):
            yield word


def _is_name(word: str) -> bool:
    if _VERSION.fullmatch(word) or _ADDRESS.fullmatch(word):
        return True
    if _AMOUNT.fullmatch(word) or _PLURAL.fullmatch(word) or not any(map(str.isalpha, word)):
        return False
    if "_" in word or _CAMEL.search(word) or _DOTTED.fullmatch(word):
        return True
    return _is_numbered(word) or _is_dashed(word)


def _is_numbered(word: str) -> bool:
    return word[0].isalpha() and any(map(str.isdigit, word))


def _is_dashed(word: str) -> bool:
    """Say whether it is a service's name, and not a compound of plain words ("read-only")."""
    parts = word.casefold().split("-")
    return len(parts) > 1 and not _PROSE.intersection(parts) and bool(_ROLES.intersection(parts))
