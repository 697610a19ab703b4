"""Links to Slack messages: read from what people paste, and written for what we cite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

_PERMALINK = re.compile(
    r"https?://[^\s<>|]+?/archives/(?P<channel>[CGD][A-Z0-9]+)/p(?P<digits>\d{11,})"
    r"(?:\?(?P<query>[^\s<>|#]*))?"
)


@dataclass(frozen=True, slots=True)
class Permalink:
    """What a link to a message names; `thread_ts` is the root where the link tells it."""

    channel: str
    ts: str
    thread_ts: str | None = None

    @property
    def root_ts(self) -> str:
        """The ts by which to read the thread."""
        return self.thread_ts or self.ts


def parse_permalink(text: str) -> Permalink | None:
    """Return the first link to a message in a text, bare or as `<url|label>`."""
    found = _PERMALINK.search(text)
    if not found:
        return None
    query = parse_qs((found["query"] or "").replace("&amp;", "&"))
    thread = query.get("thread_ts", [""])[0]
    digits = found["digits"]
    return Permalink(
        channel=found["channel"],
        ts=f"{digits[:-6]}.{digits[-6:]}",
        thread_ts=thread if re.fullmatch(r"\d+\.\d{6}", thread) else None,
    )


def is_permalink(url: str) -> bool:
    """Tell whether an address is a link to a message and nothing else."""
    return _PERMALINK.fullmatch(url) is not None


def permalink(team_url: str, channel: str, ts: str, thread_ts: str | None = None) -> str:
    """Return the link that Slack itself would give; empty where the team's URL is not known."""
    if not team_url:
        return ""
    link = f"{team_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        link += f"?thread_ts={thread_ts}&cid={channel}"
    return link
