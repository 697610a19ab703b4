"""Slack's markup: read into plain text, and made harmless on the way out.

What is sent may quote an attacker's alert: no mention and no foreign link survives, whatever
the text says. Code is re-emitted in one canonical form, so that no parser can see it as prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping

_TOKEN = re.compile(r"<([@#!][^<>\n]*|[a-z][a-z0-9+.\-]*:[^<>\n]*)>", re.IGNORECASE)
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def to_plain(text: str, names: Mapping[str, str]) -> str:
    """Return Slack's escaped mrkdwn as plain text; `names` maps ids to names for reading."""
    plain = _TOKEN.sub(lambda token: _token_text(token[1], names), text)
    return _unescaped(plain)


def _unescaped(text: str) -> str:
    # "&amp;" last: "&amp;lt;" is how Slack writes a literal "&lt;".
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def as_written(plain: str, texts: Iterable[str], names: Mapping[str, str]) -> str:
    """Return a piece of `to_plain` as it stands in one of the texts, its links in their marks.

    What stands in none of them is returned as it is.
    """
    for text in texts:
        source = _unescaped(text)
        if plain in source:
            return plain
        marked = _marked(plain, text, names)
        if marked in source:
            return marked
    return plain


def _marked(plain: str, text: str, names: Mapping[str, str]) -> str:
    """Return the piece with the links and mentions of the text in their marks."""
    tokens = {_token_text(token[1], names): _unescaped(token[0]) for token in _TOKEN.finditer(text)}
    shown = sorted(filter(None, tokens), key=len, reverse=True)
    if not shown:
        return plain
    return re.sub("|".join(map(re.escape, shown)), lambda found: tokens[found[0]], plain)


def _token_text(token: str, names: Mapping[str, str]) -> str:
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return "@" + (names.get(target[1:]) or label or target[1:])
    if target.startswith("#"):
        return "#" + (label or names.get(target[1:]) or target[1:])
    if target.startswith("!"):
        return _command_text(target[1:], label)
    return link_text(target.removeprefix("mailto:"), label)


def _command_text(command: str, label: str) -> str:
    if label:
        return label
    name = command.split("^")[0]
    return "@group" if name == "subteam" else f"@{name}"


def link_text(url: str, label: str) -> str:
    """Return a link as `[label](address)`, or the address alone where the label says no more."""
    bare = re.sub(r"^\w+://", "", url).rstrip("/")
    if not label or label.rstrip("/") in (url.rstrip("/"), bare):
        return url
    return f"[{label}]({url})"


def escape(text: str) -> str:
    """Escape plain text for mrkdwn: exactly `&`, `<` and `>`."""
    return re.sub("[<>&]", lambda found: _ENTITIES[found[0]], text)


# Bounded repeats: a long line of a log must not cost more than its length.
_HOST = r"(?:[\w\-]{1,63}\.){1,8}[^\W\d_][\w\-]{1,62}"
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{0,20}:/{1,}|(?:mailto|tel|sms|slack|data|javascript|vbscript):)[^\s<>`|]+"
    rf"|(?<![\w\-])(?:[\w.+\-]{{1,64}}@)?{_HOST}(?::\d+)?(?:[/?#][^\s<>`|]*)?",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'\"*_~)]}"
_PLAIN_LINK = re.compile(r"https?://[^\s()<>|`\\\[\]]+")
_CODE_SPAN = re.compile(r"(?<!`)(?P<ticks>`++)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")
_MARKDOWN_PIECE = re.compile(
    rf"{_CODE_SPAN.pattern}"
    r"|!?\[(?P<label>[^\[\]\n]*)\]\(\s*<?(?P<target>[^\s()<>|]*(?:\([^\s()<>|]*\)[^\s()<>|]*)*)>?"
    r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
    rf"|<(?P<token>{_ADDRESS.pattern})(?:\|(?P<token_label>[^<>\n]*))?>"
    rf"|(?P<address>{_ADDRESS.pattern})",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_QUOTE = re.compile(r"^(?: {0,3}> ?)+")
_LIVE = re.compile(r"<(?=[!@#]|\w+:)")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ZERO_WIDTH_SPACE = "\u200b"


def defuse_markdown(text: str, links: Container[str]) -> str:
    """Return Markdown for a `markdown` block in which nothing pings and only `links` are clickable.

    Other addresses become inline code. An unclosed fence is closed, so any cut text is whole.
    """
    lines: list[str] = []
    fence = ""
    for line in _LINE_ENDS.sub("\n", text).split("\n"):
        if fence:
            closing = _FENCE.match(line)
            if closing and closing["mark"].startswith(fence) and not closing["info"].strip():
                lines.append("```")
                fence = ""
            else:
                lines.append(_fenced_line(line))
        elif opening := _FENCE.match(line):
            fence = opening["mark"]
            lines.append("```" + _language(opening["info"]))
        else:
            lines.append(_prose_line(line, links))
    if fence:
        lines.append("```")
    return "\n".join(lines)


def _language(info: str) -> str:
    found = re.match(r"\s*([a-zA-Z0-9_]{1,20})\s*$", info)
    return found[1] if found else ""


def _fenced_line(line: str) -> str:
    # A run of backticks would end our canonical fence wherever the original one was longer.
    return _LIVE.sub("<" + _ZERO_WIDTH_SPACE, line.replace("```", "'''"))


def _prose_line(line: str, links: Container[str]) -> str:
    quote = _QUOTE.match(line)
    marker = quote[0] if quote else ""
    rest = re.sub(r"\\+(?=`)", "", line[len(marker) :])
    if _ADDRESS.search(rest):
        # In a table a bar ends the cell, and with it the code that hides an address.
        rest = _CODE_SPAN.sub(lambda code: code[0].replace("|", "\u00a6"), rest)
    out = marker
    position = 0
    for piece in _MARKDOWN_PIECE.finditer(rest):
        out = _append(out, _inert(rest[position : piece.start()]))
        out = _append(out, _markdown_piece(piece, links))
        position = piece.end()
    return _append(out, _inert(rest[position:]))


def _append(out: str, piece: str) -> str:
    # What stands before a code span or a link could make something else of it.
    joins = (piece.startswith("`") and out.endswith(("`", "\\"))) or (
        piece.startswith("[") and out.endswith(("!", "\\", "]"))
    )
    return f"{out} {piece}" if joins else out + piece


def _inert(prose: str) -> str:
    prose = prose.replace("`", "'").replace("<", "&lt;").replace(">", "&gt;")
    prose = re.sub(r"~{3,}", "~~", prose)
    # What is left of a link is no link: neither inline, nor by reference, nor a definition.
    return re.sub(r"\](?=[(:\[])", "] ", prose)


def _markdown_piece(piece: re.Match[str], links: Container[str]) -> str:
    if piece["code"] is not None:
        return _code(piece["code"])
    if piece["label"] is not None:
        return _link(piece["target"], piece["label"], links)
    if piece["token"] is not None:
        return _link(piece["token"], piece["token_label"] or "", links)
    return _bare(piece["address"], lambda url: _link(url, "", links))


def _link(url: str, label: str, links: Container[str]) -> str:
    words = _label(label)
    if url in links and _PLAIN_LINK.fullmatch(url):
        return f"[{words or 'link'}]({url})"
    if not url:
        return words
    return f"{words} {_code(url)}" if words else _code(url)


def _label(label: str) -> str:
    # A label that is itself an address could name another place than the one it leads to.
    return "" if _ADDRESS.search(label) else _inert(re.sub(r"[\[\]\\]", "", label)).strip()


def _bare(address: str, render: Callable[[str], str]) -> str:
    url = address.rstrip(_TRAILING)
    return render(url) + _inert(address[len(url) :])


def _code(content: str) -> str:
    inner = _LIVE.sub("<" + _ZERO_WIDTH_SPACE, content.replace("`", "'").replace("\n", " "))
    return f"`{inner}`" if inner.strip() else ""


_MRKDWN_PIECE = re.compile(
    r"<(?P<url>https?://[^<>|\s]+)(?:\|(?P<label>[^<>\n]*))?>"
    r"|(?P<address>(?:[a-z][a-z0-9+.\-]{0,20}:/{1,}|(?:mailto|tel|sms):|www\.)[^\s<>|]+)"
    r"|[<>]|&(?!(?:amp|lt|gt);)",
    re.IGNORECASE,
)


def defuse_mrkdwn(text: str, links: Container[str]) -> str:
    """Return mrkdwn in which nothing pings and only `links` are clickable.

    What is escaped already stays as it is, so defusing twice changes nothing.
    """
    return _MRKDWN_PIECE.sub(lambda piece: _mrkdwn_piece(piece, links), text)


def _mrkdwn_piece(piece: re.Match[str], links: Container[str]) -> str:
    if piece["url"]:
        url, label = piece["url"].replace("&amp;", "&"), piece["label"] or ""
        if url in links and _PLAIN_LINK.fullmatch(url):
            words = "" if _ADDRESS.search(label) else label
            return f"<{escape(url)}|{_escape_once(words) or 'link'}>"
        return _escape_once(_unlinked(f"{label} ({url})" if label else url))
    if piece["address"]:
        return _escape_once(_unlinked(piece["address"]))
    return _ENTITIES[piece[0]]


def _escape_once(text: str) -> str:
    return re.sub(r"[<>]|&(?!(?:amp|lt|gt);)", lambda found: _ENTITIES[found[0]], text)


def _unlinked(text: str) -> str:
    return re.sub(
        r"(?i)([a-z][a-z0-9+.\-]{0,20}:)(?=/)|((?:mailto|tel|sms):|www\.)(?!\u200b)",
        lambda found: found[0] + _ZERO_WIDTH_SPACE,
        text,
    )
