"""A line in words for a reader: what it says, without what only says where it stands."""

from __future__ import annotations

import re

# The parts of a frame in the order in which they stand; each is taken off where it leads.
_FRAMES = tuple(
    re.compile(source)
    for source in (
        r"[\s>*•-]{1,10}(?=\S)",
        r"<\d{1,3}>",
        r"\[?\d{4}[-/.]\d\d[-/.]\d\d[T _-]\d\d[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,9})?"
        r"\s?(?:Z|UTC|[+-]\d\d:?\d\d)?\]?[,:]?\s{0,4}",
        r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,6}\s{1,8}\d{1,8} [\w./-]{1,60}:\d{1,6}\] ",
        r"- (?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL) {1,4}"
        r"\[[^\n\]]{1,60}(?:\][^\n\]]{1,60})?\] ?- ?",
        r"`?\[\d\d?[./-]\d\d?[ T]\d\d:\d\d:\d\d\] ",
        r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d ",
        r"[^\n]{0,80}?\d{4}[-.]\d\d[-.]\d\d[^\n]{0,100}?\b(?:FATAL|ERROR|WARN(?:ING)?|SEVERE)\b"
        r"[\]:]{0,2} ",
        r"[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d [\w.@/-]{1,60} (?=[\w./-]{1,40}(?:\[\d|:))",
        r"\[?(?:FATAL|CRITICAL|SEVERE|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE|LOG)"
        r"\b[\]:]{0,2}\s{0,8}",
        r"\[(?:emerg|alert|crit(?:ical)?|err(?:or)?|warn(?:ing)?|notice|info|debug|gc|fatal)\]:?\s{0,4}",
        r"\d{1,8}#\d{1,8}: (?:\*\d{1,12} )?",
        r"\[\d{1,10}\](?: [\w-]{1,40}@[\w-]{1,40})? ?:?\s{0,4}",
        r"\[[\w.:@/$ -]{1,60}\] ?- (?=[A-Z])",
        r"\[[\w.:@/$ -]{1,60}\] (?=(?:FATAL|ERROR|WARN(?:ING)?|INFO|DEBUG)\b)",
        r"\[[\w.:@ -]{1,60}\] (?=[\w.$]{3,80}:? ?- |[a-z]{1,3}\.[\w.]{3,80} )",
        r"(?:[a-z]{1,12}\.){1,8}[A-Z]\w{1,60}:? ?- ",
        r"(?:Warning|Normal)\s{1,8}\w{3,40}\s{1,8}(?:\d\w{0,8}|<\w{1,20}>)"
        r"(?: \(x\d{1,6} over \w{1,10}\))?\s{1,16}[\w-]{3,60},?\s{1,16}",
        r";; ->>HEADER<<- (?:opcode: \w{1,10}, )?",
        r"\"(?:message|msg|error|reason|log|status|statement|detail)\":\s?\"",
        r":\w{2,40}:\s",
        r"\[unknown\] ",
        r"ERROR:\s",
    )
)
_JSON_MESSAGE = re.compile(
    r'"(?:message|msg|log|event|detail|description|summary|title)":\s?"((?:[^"\\]|\\.){4,600})"',
    re.IGNORECASE,
)
_JSON_ERROR = re.compile(
    r'"(?:error|err|exception|reason|cause)":\s?"((?:[^"\\]|\\.){4,600})"', re.IGNORECASE
)
_JSON_ORIGIN = re.compile(
    r'"(?:source|service|component|logger|app|resource)":\s?"([\w.:/@-]{2,60})"', re.IGNORECASE
)
_JSON_PARTS = (_JSON_ORIGIN, _JSON_MESSAGE, _JSON_ERROR)
_LOGFMT_MESSAGE = re.compile(r'\b(?:msg|message|err|error)="((?:[^"\\]|\\.){4,600})"')
_TAILS = re.compile(
    r", client: [^\n]{1,600}$| - (?:Query|SQL|Statement|Request|Payload|Params): [^\n]{1,1000}$"
    r"|,? ?- ?RequestID: \S{1,60}$|, id: \d{1,8}$"
    r"|,? ?(?:request|trace|correlation)[_-]?id[=:] ?\S{1,80}$|\s?\(_\w{1,20}\.c:\d{1,6}\)$",
    re.IGNORECASE,
)
_INNER = re.compile(r"(?: - |: )(?:Error|Caused by|Exception|reason): (?=[^\n]{15})")
_MOST_PARTS = 8
_LONG = 90


def message_of(line: str) -> str:
    """Return what a line says: no time, level, process, logger or key, no trailing ids."""
    text = _inside(" ".join(line.split()))
    for _ in range(_MOST_PARTS):
        shorter = _unframed(text)
        if shorter == text:
            break
        text = shorter
    return _TAILS.sub("", text).strip(' ",;') or line.strip()


def core_of(text: str) -> str:
    """Return a long message's innermost error, with the name that leads the message."""
    inners = list(_INNER.finditer(text))
    if not inners or len(text) <= _LONG:
        return text
    found = inners[-1]
    head, _, _ = text[: found.start()].partition(" - ")
    inner = text[found.end() :]
    return f"{head}: {inner}" if head and len(head.split()) == 1 else inner


def _inside(text: str) -> str:
    """Return the message of a structured line, the line itself where it is none."""
    if text.startswith("{"):
        # Who speaks, what is told, and the error that it was told of.
        parts = [found.group(1) for key in _JSON_PARTS if (found := key.search(text))]
        if parts and (len(parts) > 1 or not _JSON_ORIGIN.search(text)):
            return ": ".join(dict.fromkeys(parts)).replace('\\"', '"')
    if "=" in text[:40] and (found := _LOGFMT_MESSAGE.search(text)):
        return found.group(1).replace('\\"', '"')
    return text


def _unframed(text: str) -> str:
    for frame in _FRAMES:
        found = frame.match(text)
        if found and any(map(str.isalpha, text[found.end() :])):
            return text[found.end() :]
    return text
