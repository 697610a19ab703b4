"""From an incident to numbered evidence."""

from __future__ import annotations

from bot.analysis.collect import collect
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
