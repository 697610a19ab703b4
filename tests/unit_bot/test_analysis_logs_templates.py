"""Templates: what is counted as the same, and what is known of it at the end."""

from __future__ import annotations

import pytest

from bot.analysis.records import records
from bot.analysis.shapes import Shapes
from bot.analysis.structured import wording
from bot.analysis.templates import MAX_TEMPLATES, Template, TemplateIndex

NOON = 1767268800  # 2026-01-01T12:00:00Z


def fold(
    lines: list[str], source: str = "app.log", index: TemplateIndex | None = None
) -> TemplateIndex:
    index = index or TemplateIndex()
    for record in records([lines], Shapes(), float(NOON)):
        index.add(record, source)
    return index


def line(second: int, text: str) -> str:
    hours, rest = divmod(second, 3600)
    return f"2026-01-01 {12 + hours}:{rest // 60:02d}:{rest % 60:02d} {text}"


def test_lines_of_one_kind_are_one_template_with_count_and_span() -> None:
    lines = [line(n, f"INFO worker {n} took {n} ms") for n in range(100)]
    index = fold([*lines, line(5, "ERROR worker 5 lost its lease on shard seven")])
    common, rare = index.templates.values()
    assert (common.count, common.first_at, common.last_at) == (100, NOON, NOON + 99)
    assert common.example.text == lines[0]
    assert (rare.count, rare.level) == (1, "error")
    assert rare.rarity(index.lines) == 1.0
    assert common.rarity(index.lines) == pytest.approx(0.0, abs=0.01)


def test_the_densest_minute_is_found_in_any_order() -> None:
    steady = [line(60 * n, f"ERROR timeout of call {n}") for n in range(40)]
    burst = [line(600 + n, f"ERROR timeout of call {n}") for n in range(1, 51)]
    for lines in (steady + burst, burst + steady, [*reversed(steady), *burst]):
        (template,) = fold(lines).templates.values()
        assert (template.densest, template.densest_minute * 60) == (51, NOON + 600)
        assert template.burst == pytest.approx(51 / 90)
        assert (template.first_at, template.last_at) == (NOON, NOON + 39 * 60)


def test_minutes_are_kept_in_bounded_memory() -> None:
    (record,) = records([["2026-01-01 12:00:00 x"]], Shapes())
    template = Template(record, "app.log", 0)
    for minute in range(10_000):
        template.add(60.0 * minute)
    assert len(template._minutes) <= 129
    assert (template.densest, template.count) == (1, 10_000)


def test_identifiers_with_letters_make_no_new_kind() -> None:
    lines = [line(n, f"INFO request {n * 2654435761 % 2**64:016x} done") for n in range(500)]
    assert len(fold(lines).templates) == 1


def test_a_file_that_repeats_the_messages_is_not_counted_again() -> None:
    lines = [line(0, "ERROR disk")]
    index = fold(lines, "message")
    assert fold(lines, "app.log", index).lines == 1


def test_lines_without_a_time_are_counted_in_every_source() -> None:
    index = fold(["Running..."], "a.txt")
    assert fold(["Running..."], "b.txt", index).lines == 2
    (template,) = index.templates.values()
    assert (template.timed, template.burst) == (0, 0.0)


def test_templates_are_bounded_and_what_is_beyond_is_counted() -> None:
    def word(number: int) -> str:
        return "".join(chr(103 + int(digit)) for digit in str(number))

    index = fold([f"{word(n) * 2} {word(n) * 3} {word(n) * 4}" for n in range(MAX_TEMPLATES + 50)])
    assert len(index.templates) <= MAX_TEMPLATES
    assert index.unfolded + sum(t.count for t in index.templates.values()) == index.lines


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"level":"info","msg":"job done","trace":"abc"}', "job done"),
        ('{"@t":"2026-01-01T12:00:00Z","@mt":"pay {Id}","@x":"boom"}', "pay {Id} boom"),
        ('{"severity":"ERROR","jsonPayload":{"message":"no stock"}}', "no stock"),
        ('{"s":"E","c":"NETWORK","msg":"failed","attr":{"error":"refused"}}', "failed refused"),
        ('{"log":"plain\\n","stream":"stderr","time":"2026-01-01T12:00:00Z"}', "plain\n"),
        ('ts=1 level=info msg="job done" took=3ms', '"job done"'),
        ("2026-01-01T12:00:00.5Z stdout F plain", "2026-01-01T12:00:00.5Z stdout F plain"),
        ('{"a":1}', '{"a":1}'),
        ('{"broken', '{"broken'),
        ("[" * 9_000, "[" * 9_000),
        ('{"a":' * 5_000, '{"a":' * 5_000),
    ],
)
def test_what_tells_the_kind_of_a_line(line: str, words: str) -> None:
    assert wording(line) == words
