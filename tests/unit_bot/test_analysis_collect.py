"""From an incident to numbered evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.analysis.collect import collect
from bot.analysis.redact import contains_secret
from bot.incident import Attachment, Incident, Message

LOG = "\n".join(f"2026-01-01 12:00:{n % 60:02d} INFO request {n} took {n} ms" for n in range(300))


def message(ts: str, text: str, *files: Attachment) -> Message:
    return Message(ts, "ann@example.com", text, permalink=f"https://chat/{ts}", attachments=files)


def test_items_are_numbered_in_the_order_of_the_incident() -> None:
    incident = Incident(
        (message("1.0", "first\n```\nNAME READY\nweb 0/1\n```\nlast"), message("2.0", "then"))
    )
    found = collect(incident)
    assert [(item.id, item.text) for item in found.items] == [
        ("E1", "first"),
        ("E2", "NAME READY\nweb 0/1"),
        ("E3", "last"),
        ("E4", "then"),
    ]
    assert found.items[3].permalink == "https://chat/2.0"
    assert found.items[3].at == 2.0


def test_authors_names_notes_and_questions_are_redacted_with_one_numbering() -> None:
    file = Attachment("jane@example.com.log", None, note="binary, from ann@example.com")
    found = collect(Incident((message("1.0", "see", file),), question="ask ann@example.com"))
    assert found.items[0].author == "[SECRET:email:2]"
    assert found.question == "ask [SECRET:email:2]"
    assert found.gaps == ("[SECRET:email:1]: binary, from [SECRET:email:2]",)


def test_a_log_becomes_templates_with_counts() -> None:
    rare = "\n2026-01-01 12:01:00 ERROR lease lost on shard seven"
    file = Attachment("app.log", LOG + rare, size=len(LOG))
    found = collect(Incident((message("1.0", "log attached", file),)))
    assert [(item.source, item.count, item.level) for item in found.items[1:]] == [
        ("app.log", 300, "info"),
        ("app.log", 1, "error"),
    ]
    assert (found.log_lines, found.log_templates, found.files_read) == (301, 2, 1)


def test_a_short_dump_is_cut_at_line_ends() -> None:
    dump = "\n".join(f"key-{n}: {'v' * 60}" for n in range(100))
    found = collect(Incident((message("1.0", "", Attachment("a.yaml", dump)),)))
    assert len(found.items) > 2
    assert "\n".join(item.text for item in found.items) == dump


def test_a_file_that_was_not_read_is_a_gap() -> None:
    found = collect(Incident((message("1.0", "x", Attachment("core", None, note="binary")),)))
    assert (found.files_read, found.files_total, found.gaps) == (0, 1, ("core: binary",))


def test_a_message_without_a_time_and_an_empty_one() -> None:
    found = collect(Incident((message("", "x"), message("2.0", "  "))))
    assert [item.at for item in found.items] == [None]


def test_a_fence_that_is_never_closed_still_counts() -> None:
    found = collect(Incident((message("1.0", "see ```\nweb 0/1"),)))
    assert [item.text for item in found.items] == ["see", "web 0/1"]


def test_five_megabytes_of_log_are_a_few_items() -> None:
    line = "2026-01-01 12:00:00 INFO worker {} finished job {} of queue mail in {} ms"
    text = "\n".join(line.format(n % 7, n, n % 900) for n in range(70_000))
    found = collect(Incident((message("1.0", "log", Attachment("big.log", text)),)))
    assert found.log_lines == 70_000
    assert len(found.items) < 10


def test_a_log_of_ever_new_shapes_is_bounded_and_says_so() -> None:
    def word(number: int) -> str:
        return "".join(chr(103 + int(digit)) for digit in str(number))

    lines = (
        f"2026-01-01 12:00:00 INFO {word(n)} {word(n * 7)} {word(n * 11)}" for n in range(9_000)
    )
    found = collect(Incident((message("1.0", "log", Attachment("odd.log", "\n".join(lines))),)))
    assert found.log_lines == 9_000
    assert found.log_templates <= 1_000
    assert any("left out" in gap for gap in found.gaps)


def test_of_a_template_all_figures_are_known_at_the_end() -> None:
    lines = [f"2026-01-01T12:0{n // 60}:{n % 60:02d}Z ERROR timeout of call {n}" for n in range(90)]
    file = Attachment("app.log", "\n".join(lines))
    (_, item) = collect(Incident((message("1767272400.0", "log", file),))).items
    noon = 1767268800.0
    assert item.text == lines[0]
    assert (item.at, item.first_at, item.last_at) == (noon, noon, noon + 89)
    assert (item.burst_at, item.burst) == (noon, 60 / 90)
    assert (item.count, item.rarity) == (90, 0.0)


def test_an_assumed_zone_is_told_once() -> None:
    plain = Attachment("a.log", "2026-01-01 12:00:00 ERROR x\n" * 3)
    zoned = Attachment("b.log", "2026-01-01T12:00:00Z ERROR x\n" * 3)
    told = "times without a zone were read as UTC"
    assert collect(Incident((message("1.0", "x", plain, plain, zoned),))).gaps == (told,)
    assert collect(Incident((message("1.0", "x", zoned),))).gaps == ()


def test_a_gap_that_two_rooms_tell_is_told_once() -> None:
    incident = Incident(
        (message("1.0", "x", Attachment("core", None, note="lost")),), gaps=("core: lost",)
    )
    assert collect(incident).gaps == ("core: lost",)


def test_a_time_without_a_year_is_of_the_year_of_its_message() -> None:
    log = "\n".join(f"Dec 31 23:59:5{n} host sshd[{n}]: failed" for n in range(4))
    (_, item) = collect(Incident((message("1767225900.0", "x", Attachment("a.log", log)),))).items
    assert item.at == 1767225590.0


def test_a_stack_trace_in_a_message_is_one_item() -> None:
    trace = "java.lang.IllegalStateException: no stock\n" + "\n".join(
        f"\tat shop.Cart.pay(Cart.java:{n})" for n in range(30)
    )
    (item,) = collect(Incident((message("1.0", f"```\n{trace}\n```"),))).items
    assert (item.text, item.level) == (trace, "error")


def test_each_event_is_an_item_with_its_age() -> None:
    text = (
        "```\nLAST SEEN   TYPE      REASON    OBJECT     MESSAGE\n"
        "2m          Warning   BackOff   pod/cart   Back-off restarting\n```"
    )
    (_, event) = collect(Incident((message("1000000120.0", text),))).items
    assert (event.text.split()[1], event.level, event.at) == ("Warning", "warn", 1_000_000_000.0)


KEY = "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----".format(
    "\n".join("MIIEowIBAAKCAQEA" + "Zq9" * 16 for _ in range(60))
)
TOKEN = "ghp_" + "a1B2" * 9
PADDING = "\n".join(f"2026-01-01 12:00:00 INFO request {n}" for n in range(20_000))


def log_with(line: str, padding: str) -> str:
    return f"{padding}\n2026-01-01 12:00:01 {line}\n2026-01-01 12:00:02 INFO the end"


@pytest.mark.parametrize("padding", ["2026-01-01 12:00:00 INFO x", PADDING])
@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"INFO loaded {KEY}", "Zq9Zq9"),
        (f"INFO loaded\n{KEY}", "Zq9Zq9"),
        (f"ERROR push failed with {TOKEN}", TOKEN[4:]),
        (f"ERROR {'x ' * 985}{TOKEN}", TOKEN[4:20]),
        ("ERROR refused, Authorization:\nAbCdEf0123456789xyz", "AbCdEf0123456789xyz"),
        (f'ERROR sent {{"password": "{"Pa55" * 5}"}}', "Pa55Pa55"),
        ("ERROR cannot reach jane.doe@example.com", "jane.doe"),
        ("ERROR " + "\n".join(["  at frame"] * 30 + [KEY]), "Zq9Zq9"),
    ],
)
def test_no_secret_of_a_log_is_shown(line: str, secret: str, padding: str, tmp_path: Path) -> None:
    text = log_with(line, padding)
    path = tmp_path / "app.log"
    path.write_text(text)
    for file in (Attachment("app.log", text), Attachment("app.log", None, path=path)):
        found = collect(Incident((message("1.0", "log", file),)))
        shown = "\n".join(item.text for item in found.items)
        assert secret not in shown
        assert found.redactions >= 2  # the author is one
        assert not any(contains_secret(item.text) for item in found.items)


def test_names_in_figures_are_redacted() -> None:
    rows = [f"{1767268800 + 60 * n},{1 if n < 20 else 900}" for n in range(40)]
    table = "\n".join(["time,jane.doe@example.com errors", *rows])
    found = collect(Incident((message("1.0", "x", Attachment("a.csv", table)),)))
    assert any(item.measured for item in found.items)
    assert not any("jane.doe" in item.text for item in found.items)


def test_a_large_file_is_read_from_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(f"{PADDING}\n2026-01-01 12:01:00 ERROR lease lost on shard seven")
    found = collect(Incident((message("1.0", "log", Attachment("app.log", None, path=path)),)))
    assert [(item.count, item.level) for item in found.items[1:]] == [
        (20_000, "info"),
        (1, "error"),
    ]
    assert (found.files_read, found.log_lines) == (1, 20_001)


@pytest.mark.parametrize("content", [None, b"\x7fELF\0\0" + bytes(range(256)) * 9])
def test_a_large_file_that_cannot_be_read_is_a_gap(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    if content is not None:
        path.write_bytes(content)
    found = collect(Incident((message("1.0", "log", Attachment("app.log", None, path=path)),)))
    said = "app.log: it is not text" if content else "app.log: No such file or directory"
    assert (found.files_read, found.gaps) == (0, (said,))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5_000_000,
        "\n" * 1_000_000,
        '{"a":' * 400_000,
        "(" * 1_000_000 + ")" * 1_000_000,
        "a.b " * 500_000,
        "\tat x\n" * 300_000,
        " ".join(["2026-01-01"] * 200_000),
    ],
)
def test_nothing_is_too_odd_to_be_read(text: str) -> None:
    found = collect(Incident((message("1.0", "log", Attachment("odd.log", text)),)))
    assert sum(len(item.text) for item in found.items) < 1_000_000
