"""Which lines are quoted: word for word, short enough, nothing hidden in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis.evidence import Evidence
from bot.analysis.inspections.note import Note
from bot.analysis.preparing import prepare
from bot.analysis.quoting import QUOTE_CHARS, quotable, quotes_of, spans_of
from bot.analysis.ranking import rank
from bot.analysis.scoring import Judge, scored
from bot.incident import Attachment, Incident, Message

LONG = "word " * 60


def quoted(*items: Evidence) -> tuple[str, ...]:
    judge = Judge("", items)
    return quotes_of(spans_of(rank(scored(items, judge), judge)))


def said(text: str, number: int = 1) -> Evidence:
    return Evidence(f"E{number}", text, "ann", message_ts=str(number))


@pytest.mark.parametrize(
    ("line", "sentence", "quote"),
    [
        ("  the relay is down ", "the relay is down", "the relay is down"),
        (f"The relay is down. {LONG}", "The relay is down.", f"The relay is down. {LONG}"[:200]),
        (f"{LONG}. The relay is down.", "The relay is down.", "The relay is down."),
        (f"{LONG} sad end", f"{LONG} sad end", LONG[:200]),
        ("see [graph](https://x.example/d) for the relay", "for the relay", "for the relay"),
        ("key [SECRET:aws-key:1] is old, says dana", "", "is old, says dana"),
        ("the relay is down\n…\nit is", "the relay is down", "the relay is down"),
        ("cut at the end of a key [SECRET:aws-k", "cut", "cut at the end of a key"),
        ("odd [SECRET:Some_Kind:12345678] kind", "odd", "kind"),
        ("[SECRET:a-b:1]", "[SECRET:a-b:1]", ""),
        ("", "", ""),
    ],
)
def test_what_of_a_line_is_quoted(line: str, sentence: str, quote: str) -> None:
    assert quotable(line, sentence) == quote.strip()


def test_lines_that_tell_are_quoted_with_their_neighbours() -> None:
    text = "Root cause: the relay refuses us\nIt was caused by its expired certificate"
    assert quoted(said(text)) == (text,)


def test_neighbours_that_do_not_fit_are_quotes_of_their_own() -> None:
    first = f"Root cause: the relay refuses us, {'a' * 100}"
    second = f"It was caused by an expired certificate, {'b' * 100}"
    assert set(quoted(said(f"{first}\n{second}"))) == {first, second}


def test_a_hidden_secret_between_two_lines_is_not_quoted_with_them() -> None:
    text = "Root cause: relay refuses\nkey [SECRET:key:1] it\nIt was caused by a certificate"
    quotes = quoted(said(text))
    assert quotes
    assert not any("SECRET" in quote for quote in quotes)


def test_what_was_computed_is_never_quoted() -> None:
    figure = Evidence("E2", "tide_level rose to 9", "bot", measured=9.0, message_ts="2")
    assert quoted(said("Root cause: a full disk"), figure) == ("Root cause: a full disk",)
    assert quoted(figure) == ()


def test_the_line_of_a_note_is_quoted_and_not_its_words() -> None:
    text = "NAME READY\nferry-0  0/1  Error  2  5m"
    note = Note("ferry-0  0/1  Error  2  5m", "pod ferry-0 is Error", "state")
    (quote,) = quoted(Evidence("E1", text, "ann", pasted=True, stands_out=(note,)))
    assert quote.endswith(note.line)
    assert "is Error" not in quote


def test_three_quotes_at_most_and_what_is_told_once_is_not_quoted_again() -> None:
    texts = [
        "Root cause: the relay is full",
        "The cause was the mailer, which sends too much",
        "It was caused by an expired certificate",
        "Because nobody renewed the contract in spring",
        "The root cause is that the relay is full",
    ]
    quotes = quoted(*(said(text, n) for n, text in enumerate(texts)))
    assert len(quotes) == 3
    assert sum("relay" in quote for quote in quotes) == 1


pieces = st.sampled_from(
    ["Root cause: ", "the relay failed. ", "key [SECRET:aws-key:12] ", "[SECRET:", "\n", "原因は"]
) | st.sampled_from(["see [graph](https://x.example/d) ", LONG, "a" * 210, "\t", "\n\n", "\u2028"])
texts = st.lists(pieces | st.text(max_size=20), min_size=1, max_size=10).map("".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(texts, min_size=1, max_size=4))
def test_every_quote_stands_in_an_item_and_hides_what_is_hidden(parts: list[str]) -> None:
    items = [said(text, n) for n, text in enumerate(parts)]
    folded = [" ".join(item.text.split()) for item in items]
    for quote in quoted(*items):
        assert any(" ".join(quote.split()) in text for text in folded)
        assert 0 < len(quote) <= QUOTE_CHARS
        assert "[SECRET:" not in quote


@settings(deadline=None, max_examples=40)
@given(st.lists(texts, min_size=1, max_size=3), st.lists(texts, max_size=2))
def test_so_does_every_quote_of_a_report(parts: list[str], files: list[str]) -> None:
    attached = tuple(Attachment(f"{n}.log", text) for n, text in enumerate(files))
    messages = [Message(f"{n}.1", "ann", text) for n, text in enumerate(parts)]
    messages.append(Message("99.1", "ben", "files", attachments=attached))
    prepared = prepare(Incident(tuple(messages)))
    folded = [" ".join(item.text.split()) for item in prepared.evidence]
    for quote in prepared.rules.quotes:
        assert any(" ".join(quote.split()) in text for text in folded)
        assert 0 < len(quote) <= QUOTE_CHARS
        assert "[SECRET:" not in quote
