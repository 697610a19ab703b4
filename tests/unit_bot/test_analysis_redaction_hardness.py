"""Redaction under attack: hostile texts, a detector that fails, threads, and large texts."""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.analysis import redact
from bot.analysis.analyst import Analyst, Answer, prepare
from bot.analysis.hiding import (
    addresses,
    assignments,
    encoded,
    headers,
    keys,
    names,
    people,
    plain,
    search,
    urls,
    wrapping,
)
from bot.analysis.hiding.rule import Span
from bot.analysis.hiding.search import Search
from bot.analysis.redact import RedactionError, Redactor, contains_secret, usual
from bot.cli import main
from bot.incident import Attachment, Incident, Message
from providers.fake import FakeProvider
from providers.manager import LLMProviderManager

parser: Any = re._parser  # type: ignore[attr-defined]
MODULES = (
    addresses,
    assignments,
    encoded,
    headers,
    keys,
    names,
    people,
    plain,
    urls,
    wrapping,
    redact,
)
UNBOUNDED = 100_000
# What one try may cost at most, in ways to match the same text.
WAYS = 50_000


def patterns(module: ModuleType) -> Iterator[re.Pattern[str]]:
    for value in vars(module).values():
        if isinstance(value, re.Pattern):
            yield value


def of_rules() -> Iterator[re.Pattern[str]]:
    for rule in search.RULES:
        yield from getattr(rule.find, "patterns", ())


def ways(tree: Any) -> int:
    """Return how many ways of matching a pattern may have to try: the product of its choices."""
    total = 1
    for operation, argument in tree:
        total *= _ways(str(operation), argument)
    return total


def _ways(operation: str, argument: Any) -> int:
    if operation in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, inner = argument
        assert most <= UNBOUNDED, "an unbounded repeat must be possessive"
        inside = ways(inner)
        assert inside == 1 or most <= 8, "a repeat of choices"
        return (most - least + 1) * inside**most
    if operation == "POSSESSIVE_REPEAT":
        # Each round is settled before the next; what it tries within is counted once.
        return ways(argument[2])
    if operation == "SUBPATTERN":
        return ways(argument[3])
    if operation == "BRANCH":
        return sum(ways(branch) for branch in argument[1])
    if operation in ("ASSERT", "ASSERT_NOT"):
        return ways(argument[1])
    if operation == "ATOMIC_GROUP":
        return ways(argument)
    return 1


@pytest.mark.parametrize(
    "pattern", [*(one for module in MODULES for one in patterns(module)), *of_rules()]
)
def test_no_pattern_can_blow_up(pattern: re.Pattern[str]) -> None:
    assert ways(parser.parse(pattern.pattern, pattern.flags)) <= WAYS


def test_the_check_of_patterns_sees_one_that_blows_up() -> None:
    with pytest.raises(AssertionError):
        ways(parser.parse(r"(?:a+)+b"))
    with pytest.raises(AssertionError):
        ways(parser.parse(r"(?:a{1,9}){1,30}b"))


HOSTILE = (
    *("a", "=", ":", "/", "0", "@", "\n", "\x00", "eyJ", "eyJa.", "eyJ\n", "-----BEGIN ", "sk-"),
    f"-----BEGIN {'PRIVATE'} KEY-----",
    f"-----END {'PRIVATE'} KEY-----",
    *("password=", "password:\n  ", '"token":"', "x://a:", "://a:b@", "a@b.co ", "a@", "4111 "),
    *("bearer ", "authorization: ", "cookie: a=", "login a password ", "key key-data: ", "+1 "),
    *(
        "name: password\n value: ",
        "pwd is ",
        "--token ",
        "%3A%2F%2Fa%3A",
        "%41",
        "%41 ",
        "\\n",
        '\\"key\\":',
    ),
)


@pytest.mark.parametrize("seed", HOSTILE)
def test_a_hostile_repetition_costs_no_more_than_its_length(seed: str) -> None:
    """No place is tried twice by a rule, and what rules read and hide does not pile up."""
    text = (seed * 20_000)[:40_000]
    places = Counter(search._places(text, text.encode("ascii", "replace")))
    assert max(places.values(), default=0) <= 4
    assert len(places) <= 8 * len(text)
    found = list(search._own(text, text.encode("ascii", "replace")))
    assert sum(end - start for start, end, _ in found) <= 8 * len(text)
    assert not contains_secret(Redactor().redact(text))


@dataclass(frozen=True)
class Broken:
    """A detector that fails, with the secret in its words."""

    after: int = 0
    asked: list[bytes] = field(default_factory=list)

    def find(self, data: bytes) -> Iterator[Span]:
        self.asked.append(data)
        if len(self.asked) > self.after:
            raise ValueError(data.decode())
        return iter(())


def test_a_detector_that_fails_is_a_redaction_error_without_its_words() -> None:
    broken = Search(Broken())
    for ask in (Redactor(broken).redact, lambda text: contains_secret(text, broken)):
        with pytest.raises(RedactionError) as caught:
            ask("hunter2 is here")
        assert "hunter2" not in str(caught.value)
        assert caught.value.__suppress_context__


INCIDENT = Incident((Message("1.0", "ann", "the pool is full, hunter2"),), "why?")


async def test_nothing_is_sent_where_the_detector_fails() -> None:
    provider = FakeProvider()
    analyst = Analyst(LLMProviderManager(providers=[provider]), search=Search(Broken(after=1)))
    async with aclosing(analyst.analyse(INCIDENT)) as events:
        answer = [event async for event in events][-1]
    assert isinstance(answer, Answer)
    assert "could not be hidden safely" in answer.reason
    assert answer.finished is None
    assert not answer.report.evidence
    assert not provider.calls


@pytest.mark.parametrize("cut", range(1, 24))
def test_a_placeholder_that_was_cut_is_no_secret(cut: int) -> None:
    whole = "[SECRET:assignment:12]"
    assert not contains_secret(f"password={whole[:cut]}…")
    assert not contains_secret(f"password={whole[:cut]}")
    assert not contains_secret(f"x …{whole[cut:]} token=a")


def test_what_only_looks_like_a_placeholder_hides_nothing() -> None:
    hidden = Redactor().redact("password=[SECRET-hunter22x and token=[SECRET:x")
    assert "hunter22x" not in hidden


def test_redactors_of_many_threads_do_not_disturb_each_other() -> None:
    def run(number: int) -> list[str]:
        redactor = Redactor()
        texts = [f"DB_PASSWORD=hunter{number}x{step} é" for step in range(50)]
        return [redactor.redact(text) for text in texts]

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(run, range(12)))
    expected = [f"DB_PASSWORD=[SECRET:assignment:{step + 1}] é" for step in range(50)]
    assert results == [expected] * 12


@pytest.mark.parametrize("line", ["key=a b of 17 are up\n", "2026-03-01 é is up again @\n"])
def test_a_large_text_is_copied_a_few_times_only(line: str) -> None:
    text = (line * 99 + "reported by a@example.com\n") * (500_000 // len(line) // 100)
    Redactor().redact(line)
    tracemalloc.start()
    try:
        Redactor().redact(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * sys.getsizeof(text)


def test_places_are_found_across_the_edges_of_chunks() -> None:
    token = "ghp_" + "Zq7Xw2Lm9Rk4Tn8Vb3Hy6Jd1Fs5Gp0Cu9A1b"
    for shift in range(0, 48, 5):
        text = " " * (64 * 1024 - shift) + token
        assert list(search._own(text, text.encode()))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("refused by 10.1.2.3:5432", "refused by [SECRET:address:1]:5432"),
        ("from 2001:db8::1 to ::1", "from [SECRET:address:1] to ::1"),
        ("node ip-10-0-1-12 is gone", "node [SECRET:address:1] is gone"),
        ("GET https://shop.example.com/a", "GET https://[SECRET:host:1]/a"),
        ("db-1.prod.internal timed out", "[SECRET:host:1] timed out"),
        ("on 127.0.0.1 and localhost at 10:15:02", None),
        ("com.example.shop.Payment in main.py v1.2.3 0.5", None),
    ],
)
def test_addresses_are_hidden_where_that_is_asked_for(text: str, hidden: str | None) -> None:
    assert Redactor(usual(addresses=True)).redact(text) == (hidden or text)
    assert Redactor().redact(text) == text


def test_the_setting_reaches_the_evidence_and_the_attachments() -> None:
    file = Attachment("10.1.2.3.log", "connect 10.1.2.4 failed")
    incident = Incident(
        (Message("1.0", "ann", "10.1.2.3 is down", attachments=(file,)),), "10.1.2.4?"
    )
    prepared = prepare(incident, search=usual(addresses=True))
    assert "10.1.2" not in "".join(message.content for message in prepared.messages)
    assert "10.1.2.3" in prepare(incident).context


@pytest.mark.parametrize(("value", "stays"), [("true", False), ("false", True)])
def test_the_command_line_shows_what_the_setting_hides(
    value: str,
    stays: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RCA_REDACT_ADDRESSES", value)
    path = tmp_path / "web.log"
    path.write_text("2026-03-01T10:15:02Z ERROR refused by 10.1.2.3:5432\n", encoding="utf-8")
    assert main(["context", str(path)]) == 0
    assert ("10.1.2.3" in capsys.readouterr().out) is stays
