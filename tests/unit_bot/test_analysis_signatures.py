"""Every signature matches its examples, and leaves alone what only looks like them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.analysis import signatures
from bot.analysis.signatures import Signature, SignatureError, collected
from bot.analysis.signatures.entries import lowered_pattern
from bot.analysis.signatures.literals import needs_of, rarity
from bot.analysis.signatures.page import renewed

ALL = signatures.load()
JAPANESE = re.compile(r"[\u3040-\u30ff]")
KOREAN = re.compile(r"[\uac00-\ud7af]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def ids_of(text: str) -> list[str]:
    return [signature.id for signature in signatures.matching(text)]


def found_one_by_one(text: str) -> set[str]:
    return {signature.id for signature in ALL if signature.matches(text)}


@pytest.mark.parametrize("signature", ALL, ids=lambda signature: signature.id)
def test_examples(signature: Signature) -> None:
    assert [text for text in signature.examples if signature.id not in ids_of(text)] == []
    assert [text for text in signature.counter_examples if signature.id in ids_of(text)] == []


def test_there_are_many_in_many_domains() -> None:
    assert len(ALL) >= 280
    assert len({signature.domain for signature in ALL}) >= 20
    assert {signature.role for signature in ALL} == {"cause", "symptom"}


def test_one_pass_finds_what_one_by_one_finds() -> None:
    texts = [text for signature in ALL for text in signature.examples + signature.counter_examples]
    assert [text for text in texts if set(ids_of(text)) != found_one_by_one(text)] == []


@pytest.mark.parametrize(("script", "least"), [(JAPANESE, 40), (CHINESE, 40), (KOREAN, 40)])
def test_the_most_common_are_known_in_other_languages(script: re.Pattern[str], least: int) -> None:
    def speaks(text: str) -> bool:
        is_other = script is CHINESE and (JAPANESE.search(text) or KOREAN.search(text))
        return script.search(text) is not None and not is_other

    assert sum(any(map(speaks, signature.examples)) for signature in ALL) >= least


@pytest.mark.parametrize(
    "line",
    [
        "GET /health 200 0.002",
        "Started container web",
        "Successfully assigned shop/web-1 to node-3",
        "backup completed, disk 40 %",
        "certificate valid for 60 days",
        "maxmemory-policy set to allkeys-lru",
        "redis: 0 evictions",
        "no errors in the last hour",
        "retrying succeeded after 1 attempt",
        '"OOMKilled": false',
        "deadlocks: 0",
        "packet loss: 0%",
        "There is no packet loss on the uplink",
        "ディスクの空きは十分です",
        "デッドロックなし",
        "deployment.apps/web configured",
        "INFO session opened for user deploy by (uid=0)",
        "connection pool started with 10 connections",
        "I'll join the call in a minute",
        "Thanks, looking now",
        "That leads to a longer timeout for everybody",
        "We attempted it twice, and it failed the review",
        "The host leaves the pool as soon as it is empty",
        "Network traffic went down at night",
        "The ebs-csi-driver chart has an error in its comments",
        "I enabled debug logging to see more",
    ],
)
def test_healthy_lines_name_no_cause(line: str) -> None:
    assert [one.id for one in signatures.matching(line) if one.role == "cause"] == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Back-off restarting failed container: OOMKilled", "oom-killed"),
        ("after the deploy we got x509: certificate has expired", "certificate-expired"),
        ("AccessDenied: User is not authorized to perform s3:PutObject", "iam"),
        ("misconfigured: FATAL: sorry, too many clients already", "too-many-connections"),
        ("503 Service Unavailable: no space left on device", "disk-full"),
        ("CPU usage 97% because of catastrophic backtracking", "regex-backtracking"),
    ],
)
def test_the_most_specific_cause_comes_first(text: str, first: str) -> None:
    assert ids_of(text)[0] == first


def test_symptoms_come_after_causes() -> None:
    roles = [
        one.role for one in signatures.matching("connection refused, CrashLoopBackOff, OOMKilled")
    ]
    assert roles == sorted(roles)
    assert set(roles) == {"cause", "symptom"}


@pytest.mark.parametrize("text", ["a" * 20_000, "node " * 4_000, "quota " * 3_000, " " * 20_000])
def test_long_lines_do_not_blow_up(text: str) -> None:
    """Returns at all: the suite's own time-out is the judge."""
    assert len(signatures.matching(text)) < 5


def test_what_all_signatures_need_repeated_does_not_blow_up() -> None:
    """Each pattern's own words, many times in a line that is cut before they fit."""
    for signature in ALL:
        for sign in signature.signs:
            line = " ".join(sorted(sign.words)[:4] * 60)[:2_000]
            assert isinstance(signatures.matching(line), list)


ENTRY = {
    "id": "queue-full",
    "title": "Queue full",
    "role": "cause",
    "match": ["queue is full"],
    "means": "It holds no more.",
    "confirms": ["Its length is its limit"],
    "refutes": ["It is empty"],
    "check": ["Its length"],
    "examples": ["the queue is full"],
    "counter_examples": ["queue empty"],
}


def read(*entries: object) -> tuple[Signature, ...]:
    return collected([("local.yaml", yaml.safe_dump(list(entries), allow_unicode=True))])


def test_an_entry_needs_no_code() -> None:
    (signature,) = read(ENTRY)
    assert (signature.id, signature.domain, signature.weight) == ("queue-full", "local", 2)
    assert signature.matches("ERROR: The QUEUE is full")
    assert signature.confirms == ("Its length is its limit",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"titel": "Queue"}, "local.yaml: queue-full: titel: is no field"),
        ({"means": None}, "local.yaml: queue-full: means: must be a text"),
        ({"means": "  "}, "means: must be a text"),
        ({"confirms": []}, "confirms: must be a list of texts"),
        ({"confirms": ["a", {"b": "c"}]}, "confirms: must be a list of texts"),
        ({"match": "queue is full"}, "match: must be a list of texts"),
        ({"id": "Queue Full"}, "id: must be words in lower case"),
        ({"title": "queue " * 9}, "title: is longer than 48"),
        ({"role": "reason"}, "role: must be one of cause, symptom"),
        ({"weight": 7}, "weight: must be 1, 2 or 3"),
        ({"match": ["queue (is full"]}, "does not compile"),
        ({"match": ["queue .* full"]}, "can blow up"),
        ({"match": [r"(?:\w{1,40} ?){1,40}full"]}, "can blow up"),
        ({"match": [r"\d{3} ?%"]}, "without any word"),
        ({"match": ["(?:full)? ?queue|of"]}, "without any word"),
        ({"examples": ["the line is short"]}, "examples: 'the line is short' does not match"),
        ({"counter_examples": ["queue is full"]}, "counter_examples: 'queue is full' matches"),
    ],
)
def test_a_mistake_is_named_with_file_entry_and_field(change: dict[str, object], says: str) -> None:
    with pytest.raises(SignatureError, match=re.escape(says)):
        read(ENTRY | change)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(SignatureError, match=r"local\.yaml: queue-full: refutes: must be a list"):
        read({field: value for field, value in ENTRY.items() if field != "refutes"})


def test_a_missing_id_is_named_by_its_place() -> None:
    with pytest.raises(SignatureError, match=r"local\.yaml: entry 1: id: must be a text"):
        read({field: value for field, value in ENTRY.items() if field != "id"})


def test_two_of_one_id_are_refused() -> None:
    text = yaml.safe_dump([ENTRY])
    with pytest.raises(SignatureError, match=r"b\.yaml: queue-full: id: stands in a\.yaml too"):
        collected([("a.yaml", text), ("b.yaml", text)])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- id: [", "is no YAML"),
        ("id: a", "must be a list of entries"),
        ("- a", "must have fields"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, says: str) -> None:
    with pytest.raises(SignatureError, match=says):
        collected([("local.yaml", text)])


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("the queue is full", True),
        ("no queue is full", False),
        ("there was never a queue is full event", False),
        ("queues with trouble: 0 queue is full", False),
        ("queue is full: 0", False),
        ("queue is full = false", False),
        ("queue is full: 0 slots are left", True),
        ("not one but queue is full", True),
        ("no queue is full here, but that queue is full", True),
        ("queue is full was not seen", False),
    ],
)
def test_a_denied_sign_is_none(text: str, is_found: bool) -> None:
    (signature,) = read(ENTRY)
    assert signature.matches(text) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("The carrier reports an outage", True),
        ("The carrier says no outage", False),
        ("No space left on device", True),
        ("No route to host", True),
    ],
)
def test_a_sign_that_its_own_words_deny_is_none(text: str, is_found: bool) -> None:
    assert bool(signatures.matching(text)) is is_found


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("oom ?killed", {"oomkilled", "oom killed"}),
        (r"\d{1,3}% packet loss", {"% packet loss"}),
        ("no (?:free )?inodes?", {"no inode", "no free inode", "no inodes", "no free inodes"}),
        ("disk .{0,40}(?:full|filled up)", {"disk "}),
        ("io .{0,40}(?:saturated|starved)", {"saturated", "starved"}),
        ("db.{0,8}(?:枯渇|不足)", {"枯渇", "不足"}),
        ("a{3}b", {"aaab"}),
        ("(?:abc)+", {"abc"}),
        ("(?:abc)?", set()),
        ("abc|.", set()),
        ("[ab]cde", {"acde", "bcde"}),
        ("(?<!no )quota", {"quota"}),
    ],
)
def test_what_a_pattern_needs(source: str, needed: set[str]) -> None:
    assert needs_of(source).words == needed


@pytest.mark.parametrize(
    ("source", "also"),
    [
        ("io .{0,40}(?:saturated|starved)", {"io "}),
        ("(?:bgp|ospf) .{0,9}(?:down|lost)", {"down", "lost"}),
        ("(?:io|disk) .{0,9}full|crashed .{0,9}node", {"io ", "disk ", "node"}),
        ("(?:io|disk) .{0,9}full|crashed", {"io ", "disk ", "crashed"}),
        ("(?:disk .{0,9}full)? .{0,9}error", set()),
        ("x.{0,9}error", set()),
        ("oom ?killed", set()),
    ],
)
def test_what_a_pattern_needs_besides(source: str, also: set[str]) -> None:
    assert needs_of(source).also == also


@pytest.mark.parametrize("signature", ALL, ids=lambda one: one.id)
def test_what_its_patterns_need_stands_in_whatever_they_match(signature: Signature) -> None:
    lowered = "\n".join(signature.examples).lower()
    for sign in signature.signs:
        for found in sign.pattern.finditer(lowered):
            assert any(word in found.group() for word in sign.words)
            assert not sign.also or any(word in found.group() for word in sign.also)


def test_rarity_prefers_what_is_not_latin() -> None:
    assert rarity("枯渇") > rarity("abc") > rarity("db")


@pytest.mark.parametrize(
    ("source", "least", "most"),
    [
        ("abc", 1, 1),
        ("a.{0,60}b", 61, 61),
        ("(?:ab|cd)", 2, 2),
        ("a.*b", float("inf"), float("inf")),
        (r"(?:\w{1,20} ){0,3}a", 8_000, 9_000),
        (r"(?:a{1,20}){1,20}", 1e20, 1e30),
    ],
)
def test_in_how_many_ways_a_pattern_can_try(source: str, least: float, most: float) -> None:
    assert least <= needs_of(source).ways <= most


def test_patterns_are_lowered_without_their_classes() -> None:
    assert lowered_pattern(r"OOM\S\W\D[A-Z]") == r"oom\S\W\D[a-z]"


def test_every_file_is_shipped() -> None:
    folder = Path(signatures.__file__).parent
    assert {path.stem for path in folder.glob("*.yaml")} == {one.domain for one in ALL}


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "signatures.md").read_text(encoding="utf-8")


def test_the_page_lists_what_there_is() -> None:
    """Write it anew with `python -m bot.analysis.signatures.page docs/signatures.md`."""
    assert renewed(PAGE) == PAGE
    assert [one.id for one in ALL if f"| `{one.id}` | {one.title} |" not in PAGE] == []


def test_the_pages_example_can_be_copied() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (signature,) = collected([("linux.yaml", block)])
    assert signature.id == "disk-full"
