"""How bad a log line says it is: a word, a letter, or a number."""

from __future__ import annotations

import re

SEVERITY = {"fatal": 4, "error": 3, "warn": 2, "info": 1, "debug": 0, "": 0}

_RANKS = {
    "fatal": "fatal critical emerg emergency alert panic crit dpanic f",
    "error": "severe failure error err eror e",
    "warn": "warning warn w",
    "info": "notice info log information informational config i default",
    "debug": "debug trace verbose fine finer finest d dbug dbg trce",
}
_LEVELS = {word: level for level, words in _RANKS.items() for word in words.split()}
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d\.")
_PLAIN = (
    "FATAL CRITICAL EMERG ALERT PANIC SEVERE FAILURE ERROR ERR WARNING WARN NOTICE INFO DEBUG TRACE"
    " LOG CRIT Fatal fatal Critical critical Error error Warning warning Warn warn Info info Debug"
    " debug"
)
_WORDS = frozenset(_PLAIN.encode().split())
_LETTERS = bytes(code if code < 128 and chr(code).isalpha() else 32 for code in range(256))
# In small letters some are levels in brackets only.
_WORD = re.compile(
    rf"(?<![A-Za-z])({_PLAIN.replace(' ', '|')}|(?<=\[)(?:crit|emerg|alert|notice))(?![A-Za-z])"
)
_KEYED = re.compile(
    r"(?<![\w.])[\"']?(?:level|severity|lvl|log\.level|loglevel|levelname|level_name|severity_text"
    r"|severityText|@l|PRIORITY|LogLevel|Level|(?<=\")s(?=\"))[\"']?\s{0,2}[:=]\s{0,2}[\"']?(\w{1,13})"
)
# Tried first: what looks behind itself at each place takes three times as long.
_MAY_BE_KEYED = re.compile(r"evel|everity|lvl|@l|PRIORITY|\"s\"")
_PRIORITY = re.compile(r"<(\d{1,3})>")
_REDIS = re.compile(r"\d{1,7}:[MSCX] \d\d \w{3} \d{4} [\d:.]{8,12} ([.*#-]) ")
_LOGCAT = re.compile(r"\d\d-\d\d [\d:.]{8,12} +\d{1,7} +\d{1,7} ([VDIWEF]) ")
_ACCESS = re.compile(r"\] \"[A-Z]{3,8} [^\"]{1,2000}\" (\d{3}) ")
_STATUSES = {"5": "error", "4": "warn"}
_TRACE = re.compile(
    r"(?:goroutine \d|Traceback \(most recent"
    r"|(?:[\w$]{1,60}\.){0,12}[\w$]{1,80}(?:Exception|Error)\b"
    r"|Exception in thread |Unhandled exception|Uncaught )"
)
_PANIC = re.compile(r"panic: |fatal error: |thread '[^']{0,80}' (?:\(\d{1,9}\) )?panicked at ")
_HEAD = 200


def parse_level(line: str) -> str:
    """Return "fatal", "error", "warn", "info", "debug", or "" where the line does not say."""
    for read in _READERS if _MAY_HEAD.match(line) else _ANYWHERE:
        if level := read(line):
            return level
    return _worded(line[:_HEAD])


def _worded(head: str) -> str:
    if "[" in head:
        found = _WORD.search(head)
        return _LEVELS[found.group(1).lower()] if found else ""
    words = head.encode("utf-8", "replace").translate(_LETTERS).split()
    word = next((word for word in words if word in _WORDS), b"")
    return _LEVELS[word.decode().lower()] if word else ""


def trace_level(line: str) -> str:
    """Return the level of a line that begins a stack trace, "" where it does not."""
    if _PANIC.match(line):
        return "fatal"
    return "error" if _TRACE.match(line) else ""


def is_numeric(line: str) -> bool:
    """Say whether the level hangs on a number, so that lines of the same words may differ in it."""
    keyed = _KEYED.search(line)
    in_key = keyed is not None and keyed.group(1).isdigit()
    return in_key or any(one.match(line) for one in (_PRIORITY, _LOGCAT)) or bool(_access(line))


def _klog(line: str) -> str:
    found = _KLOG.match(line)
    return _LEVELS[found.group(1).lower()] if found else ""


def _keyed(line: str) -> str:
    """Read level=, "severity": and their like; a number is pino's, a small one syslog's."""
    may_be = (":" in line or "=" in line) and _MAY_BE_KEYED.search(line)
    found = _KEYED.search(line) if may_be else None
    if not found:
        return ""
    word = found.group(1).lower()
    return _by_number(int(word)) if word.isdigit() else _LEVELS.get(word, "")


def _by_number(number: int) -> str:
    if number < 8:
        return _by_syslog(number)
    return _BY_TENS.get(min(number, 60) // 10, "")


_BY_TENS = {1: "debug", 2: "debug", 3: "info", 4: "warn", 5: "error", 6: "fatal"}


def _by_syslog(number: int) -> str:
    """Return the level of one of RFC 5424's eight severities."""
    return ("fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug")[number]


def _priority(line: str) -> str:
    found = _PRIORITY.match(line)
    return _by_syslog(int(found.group(1)) & 7) if found else ""


def _marked(line: str) -> str:
    if found := _REDIS.match(line):
        return {"#": "warn", "*": "info"}.get(found.group(1), "debug")
    found = _LOGCAT.match(line)
    return _LEVELS.get(found.group(1).lower(), "debug") if found else ""


def _access(line: str) -> str:
    """Read an access log by its status: the server's own failures are errors."""
    found = _ACCESS.search(line)
    return _STATUSES.get(found.group(1)[0], "info") if found else ""


_MAY_HEAD = re.compile(r"[IWEF<\d]")
_READERS = (_klog, _keyed, _priority, _marked, _access)
_ANYWHERE = (_keyed, _access)
"""Those that do not begin with the line."""
