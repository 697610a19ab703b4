"""Slack's markup: what is read out of it, and that nothing lives in what is sent."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.slack.mrkdwn import as_written, defuse_markdown, defuse_mrkdwn, escape, to_plain

OURS = (
    "https://acme.slack.com/archives/C0INC/p1700000000000100?thread_ts=1700000000.000100&cid=C0INC"
)
LINKS = frozenset({OURS})
NAMES = {"U1": "Mika", "C9": "payments"}
ZERO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<@U1> look", "@Mika look"),
        ("<@U2|sam>", "@sam"),
        ("<@U3>", "@U3"),
        ("<#C1|deploys> and <#C9>", "#deploys and #payments"),
        ("<#C7>", "#C7"),
        ("<!here> <!channel>", "@here @channel"),
        ("<!subteam^S1|@sre> <!subteam^S2>", "@sre @group"),
        ("<!date^1700000000^{date}|14 Nov>", "14 Nov"),
        ("<https://ci.example/1|build 1>", "[build 1](https://ci.example/1)"),
        ("<https://ci.example/1>", "https://ci.example/1"),
        ("<http://ci.example/|ci.example>", "http://ci.example/"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("a &lt;b&gt; &amp;&amp; c", "a <b> && c"),
        ("&amp;lt;", "&lt;"),
        ("p99 < 5 > 3", "p99 < 5 > 3"),
        ("障害が発生しました", "障害が発生しました"),
    ],
)
def test_incoming_text_becomes_plain(raw: str, plain: str) -> None:
    assert to_plain(raw, NAMES) == plain


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("https://ci.example/1 is red", "<https://ci.example/1> is red"),
        ("see [build 1](https://ci.example/1)", "see <https://ci.example/1|build 1>"),
        ("@Mika said a <b>", "<@U1> said a <b>"),
        ("is red", "is red"),
        ("never said", "never said"),
    ],
)
def test_what_was_read_is_told_as_it_was_written(plain: str, written: str) -> None:
    texts = [
        "all is well",
        "<https://ci.example/1> is red",
        "see <https://ci.example/1|build 1>",
        "<@U1> said a &lt;b&gt;",
    ]
    assert as_written(plain, texts, NAMES) == written


@given(
    st.lists(st.sampled_from(["<@U1>", "<http://a.example|a>", "a &lt; b", " ", "x"]), min_size=1)
)
def test_all_that_was_read_is_found_as_it_was_written(pieces: list[str]) -> None:
    raw = "".join(pieces)
    assert as_written(to_plain(raw, NAMES), [raw], NAMES) == raw.replace("&lt;", "<")


@given(st.text())
def test_escaping_is_undone_by_reading(text: str) -> None:
    assert to_plain(escape(text), {}) == text


@pytest.mark.parametrize(
    ("markdown", "safe"),
    [
        ("<!channel> wake up", "&lt;!channel&gt; wake up"),
        (
            "<@U1>, <#C1> and <!subteam^S1|@sre>",
            "&lt;@U1&gt;, &lt;#C1&gt; and &lt;!subteam^S1|@sre&gt;",
        ),
        ("<https://evil.example/x|click>", "click `https://evil.example/x`"),
        ("[click](https://evil.example/x)", "click `https://evil.example/x`"),
        ("![chart](https://evil.example/x.png)", "chart `https://evil.example/x.png`"),
        ("[a][1]\n\n[1]: https://evil.example", "[a] [1]\n\n[1] : `https://evil.example`"),
        ("<https://evil.example>", "`https://evil.example`"),
        ("see https://evil.example/a, then", "see `https://evil.example/a`, then"),
        ("HTTPS://EVIL.example", "`HTTPS://EVIL.example`"),
        ("www.evil.example", "`www.evil.example`"),
        ("mail ops@evil.example", "mail `ops@evil.example`"),
        ("[x](mailto:a@evil.example)", "x `mailto:a@evil.example`"),
        ("[x](javascript:alert)", "x `javascript:alert`"),
        (f"[E1]({OURS})", f"[E1]({OURS})"),
        (f"<{OURS}|the alert>", f"[the alert]({OURS})"),
        (OURS, f"[link]({OURS})"),
        (f"![E1]({OURS})", f"[E1]({OURS})"),
        (f"[https://bank.example]({OURS})", f"[link]({OURS})"),
        ("> <!here> quoted", "> &lt;!here&gt; quoted"),
        (">> twice", ">> twice"),
        ("`<!channel>`", f"`<{ZERO_WIDTH}!channel>`"),
        ("```\n<@U1> a < b\n```", f"```\n<{ZERO_WIDTH}@U1> a < b\n```"),
        ("~~~python\nx\n~~~", "```python\nx\n```"),
        ("````\n```\nx\n````", "```\n'''\nx\n```"),
        ("```\nnever closed", "```\nnever closed\n```"),
        ("one ` tick", "one ' tick"),
        ("``a ` b``", "`a ' b`"),
        ("`x`https://evil.example", "`x` `https://evil.example`"),
        ("\\`https://evil.example\\`", "`https://evil.example`"),
        ("\\https://evil.example", "\\ `https://evil.example`"),
        ("| `a | https://evil.example` |", "| `a \u00a6 https://evil.example` |"),
        ("**bold** and *it*", "**bold** and *it*"),
        ("5 < 6 & 7 > 3", "5 &lt; 6 & 7 &gt; 3"),
    ],
)
def test_markdown_is_defused(markdown: str, safe: str) -> None:
    assert defuse_markdown(markdown, LINKS) == safe


@pytest.mark.parametrize(
    ("mrkdwn", "safe"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U1> <#C1|x> <!subteam^S1>", "&lt;@U1&gt; &lt;#C1|x&gt; &lt;!subteam^S1&gt;"),
        (f"<{OURS}|E1>", f"<{OURS.replace('&', '&amp;')}|E1>"),
        (f"<{OURS.replace('&', '&amp;')}|E1>", f"<{OURS.replace('&', '&amp;')}|E1>"),
        (f"<{OURS}>", f"<{OURS.replace('&', '&amp;')}|link>"),
        ("<https://evil.example|E1>", f"E1 (https:{ZERO_WIDTH}//evil.example)"),
        ("at https://evil.example/x", f"at https:{ZERO_WIDTH}//evil.example/x"),
        ("www.evil.example", f"www.{ZERO_WIDTH}evil.example"),
        ("&lt;!channel&gt; a &amp; b", "&lt;!channel&gt; a &amp; b"),
        ("a & b < c", "a &amp; b &lt; c"),
        ("*bold* `code`", "*bold* `code`"),
    ],
)
def test_mrkdwn_is_defused(mrkdwn: str, safe: str) -> None:
    assert defuse_mrkdwn(mrkdwn, LINKS) == safe


_PIECES = (
    "<!channel>·<!here|x>·<@U1>·<#C1|a>·<!subteam^S1>·<https://evil.example/?d=1|E1>·evil.example/x"
    "·https://evil.example·www.evil.example/a·[a](https://evil.example)·![i](·)·](·[x][r]·[r]"
    "·[r]: https://evil.example·`·``·```·~~~·\n·\r·\u2028·> ·- ·    ·\\·|·<·>·&lt;·&·!·@·(·[·]"
    "·//evil.example·mailto:a@evil.example·text· ·\t·é·*·_·\n|-|\n·\n[r]: "
)
PIECES = st.sampled_from([*_PIECES.split("·"), OURS, f"[E]({OURS})"])
HOSTILE = st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join)
_CODE = re.compile(r"^```\w*\n.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_LIVE_TOKEN = re.compile(r"<(?=[!@#]|\w+:)")
_ADDRESS = re.compile(r"(?i)(?:https?://|mailto:|www\.)|\]\(|evil\.example")


@given(HOSTILE)
@example("```\n``` <!channel>\n```")
@example("> ```\n> `https://evil.example\n> ```")
@example("`a\n`https://evil.example`")
@example("|a|\n|-|\n|`x|https://evil.example|`|")
@example("[a\n](https://evil.example)")
@example("- ~~~\n- <!channel>\n```\nhttps://evil.example")
def test_whatever_goes_in_no_markdown_pings_or_leads_elsewhere(text: str) -> None:
    safe = defuse_markdown(text, LINKS)
    assert not _LIVE_TOKEN.search(safe)
    prose = _CODE.sub("", safe.replace(f"]({OURS})", ""))
    assert not re.search(r"[<`]", prose)
    assert not _ADDRESS.search(prose)


@given(HOSTILE)
@example("\\" * 3 + "`a\\`https://evil.example`")
@example("| a | b |\n|---|---|\n| `x | https://evil.example` | `y |\n")
@example("|a|b|\n|-|-|\n|`a|b` https://evil.example|\n")
@example("1. ```\n   https://evil.example\n```")
@example("&#104;ttps://evil.example [a](&#104;ttps://evil.example)")
def test_a_strict_parser_finds_neither_a_link_nor_an_address_in_prose(text: str) -> None:
    parser = MarkdownIt("commonmark").enable("table")
    for block in parser.parse(defuse_markdown(text, LINKS)):
        for token in block.children or []:
            assert token.type not in ("image", "html_inline")
            if token.type == "link_open":
                assert token.attrs["href"] == OURS
            if token.type == "text":
                assert not _ADDRESS.search(token.content)


@given(HOSTILE)
def test_whatever_goes_in_no_mrkdwn_pings_or_leads_elsewhere(text: str) -> None:
    safe = defuse_mrkdwn(text, LINKS)
    rest = re.sub(re.escape("<" + OURS.replace("&", "&amp;")) + r"\|[^<>]*>", "", safe)
    assert "<" not in rest
    assert not re.search(r"(?i)https?://|mailto:(?!\u200b)|www\.(?!\u200b)", rest)


@given(HOSTILE)
def test_defusing_mrkdwn_twice_changes_nothing(text: str) -> None:
    once = defuse_mrkdwn(text, LINKS)
    assert defuse_mrkdwn(once, LINKS) == once
