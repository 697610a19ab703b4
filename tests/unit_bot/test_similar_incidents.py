"""What is like an incident, why, and what is not like it however near it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import similar
from bot.analysis.analyst import prepare
from bot.analysis.likeness import matches
from bot.analysis.report import Report
from bot.analysis.signatures import load
from bot.analysis.similar import Archive, Confirmed, Found, Marked
from bot.analysis.terms import joined, terms_of
from bot.incident import Incident, Message
from bot.store.incidents import IncidentFile
from bot.store.incidents_in_memory import IncidentsInMemory

DAY = 86_400.0
OOM = (
    "ALERT: billing-worker restarts",
    "billing-worker-6c8f9d7b5-x2kqz: java.lang.OutOfMemoryError: Java heap space",
)


def report(*texts: str, start: float = 50 * DAY) -> Report:
    messages = [Message(f"{start + n:.6f}", "ann", text) for n, text in enumerate(texts)]
    return prepare(Incident(tuple(messages))).rules


def confirmed(
    *texts: str, at: float = DAY, channel: str = "C1", cause: str = "The cache had no limit"
) -> Confirmed:
    past = report(*texts, start=at)
    text = similar.search_text(past)
    return Confirmed(
        channel,
        f"{at:.6f}",
        at,
        at,
        "U1",
        Marked.DIFFERENT,
        cause,
        f"{text}\n{cause}",
        signatures=similar.signatures_in(text),
        messages=similar.messages_of(past, f"{at:.6f}"),
    )


@pytest.fixture(params=["file", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Archive]:
    def archive(*incidents: Confirmed) -> Archive:
        made: Archive = IncidentFile(tmp_path) if request.param == "file" else IncidentsInMemory()
        for incident in incidents:
            made.keep(incident)
        return made

    return archive


def found(archive: Archive, asked: Report, channel: str = "C1") -> Sequence[str]:
    """The reasons of all that is found, the best first."""
    signs = similar.signs_of(asked)
    return [match.reason for match in matches(signs, archive.search(signs, channel))]


@pytest.mark.parametrize(
    ("past", "now", "reason"),
    [
        (
            OOM,
            ("billing-worker is down", "billing-worker-5d4c7f6b9-q8w2z OOM: Java heap space"),
            "`billing-worker`",
        ),
        (
            ("Orders fail", "orders-db: FATAL: remaining connection slots are reserved"),
            ("checkout: 500", "FATAL remaining connection slots are reserved at orders-db"),
            "same signature: ",
        ),
        (
            ("決済が失敗", "決済サービスのコネクションプールが枯渇して接続待ちタイムアウトが多発"),
            ("決済エラー", "またコネクションプールが枯渇して接続待ちタイムアウトが多発しています"),
            "接続待",
        ),
        (
            ("下单失败", "订单服务数据库连接池耗尽导致请求超时报错"),
            ("又失败了", "错误: 数据库连接池耗尽导致请求超时报错, 正在处理"),
            "连接池耗尽导致请求超时报错",
        ),
        (
            ("결제 실패", "오류: 결제서비스데이터베이스연결풀고갈 때문에 요청시간초과오류 발생"),
            ("또 실패", "오류: 결제서비스데이터베이스연결풀고갈, 요청시간초과오류"),
            "결제서비스데이터베이스연결풀고갈",
        ),
        (
            ("Payments hang", "error: PSP_GATEWAY_STALLED in payment-router, settle queue blocked"),
            ("Again?", "payment-router error PSP_GATEWAY_STALLED: settle queue blocked"),
            "`psp_gateway_stalled`",
        ),
    ],
    ids=["memory", "connections", "japanese", "chinese", "korean", "no signature"],
)
def test_an_incident_with_the_same_signs_is_found(
    kept: Callable[..., Archive], past: Sequence[str], now: Sequence[str], reason: str
) -> None:
    (why,) = found(kept(confirmed(*past)), report(*now))
    assert reason in why


@pytest.mark.parametrize(
    "now",
    [
        # The same service, another failure.
        ("billing-worker is down", "billing-worker: x509: certificate has expired"),
        # The same failure, another service: all that is shared is what the signature says.
        ("search-api restarts", "search-api: java.lang.OutOfMemoryError: Java heap space"),
        # The words of every incident.
        ("ALERT: error rate is high", "error: request failed, service unavailable, see the logs"),
        # A part of a name is another name.
        ("billing is slow", "billing: timeout after 30 seconds"),
        ("The disk is full", "/var/lib/data: no space left on device"),
        ("nothing to see",),
    ],
    ids=["service", "failure", "words", "name", "nothing", "calm"],
)
def test_near_misses_are_not_forced(kept: Callable[..., Archive], now: Sequence[str]) -> None:
    assert found(kept(confirmed(*OOM)), report(*now)) == []


def test_the_same_components_are_not_the_same_failure(kept: Callable[..., Archive]) -> None:
    where = "billing-worker in eu-billing-cluster reads billing-queue for pay-api.v2"
    past = confirmed("It fails", f"error: {where}: heap exhausted")
    assert (
        found(kept(past), report("Again", f"error: {where}: x509: certificate has expired")) == []
    )


def test_an_incident_that_was_read_with_its_channel_is_known_by_its_messages() -> None:
    """A command opens a thread of the bot's own, and another command another."""
    asked = report(*OOM)
    past = confirmed(*OOM, at=50 * DAY)
    by_command = replace(past, thread_ts="9.0", messages=("9.0", *past.messages))
    assert similar.is_this_one(by_command, asked, "C1", "10.0")
    assert not similar.is_this_one(by_command, report(*OOM, start=60 * DAY), "C1", "10.0")


def test_a_sign_that_most_incidents_have_says_little() -> None:
    text = "web-front: dial tcp: connection refused, circuit breaker"
    one = confirmed("web-front fails", text)
    signs = similar.signs_of(report("web-front fails", text))
    most = dict.fromkeys((*signs.terms, *signs.signatures), 300)
    assert len(matches(signs, Found([one], 400))) == 1
    assert matches(signs, Found([one], 400, most)) == []


def test_what_comes_again_and_again_is_still_found(kept: Callable[..., Archive]) -> None:
    past = [confirmed(*OOM, at=n * DAY) for n in range(1, 20)]
    assert len(found(kept(*past), report(*OOM))) == 19


def test_both_archives_find_the_same() -> None:
    asked = report(*OOM)
    past = [confirmed(*OOM, at=n * DAY, channel=f"C{n % 3}") for n in range(1, 6)]
    past += [confirmed("search-api: x509: certificate has expired", at=9 * DAY)]
    signs = similar.signs_of(asked)
    memory = IncidentsInMemory(past).search(signs, "C1")
    assert (memory.total, memory.counts["billing-worker"]) == (6, 5)
    assert {item.channel for item in memory.candidates} == {"C0", "C1", "C2"}


def test_the_best_three_are_shown_newest_first() -> None:
    best = confirmed(*OOM, at=2 * DAY, cause="best")
    near = [
        confirmed(
            "billing-worker", "billing-worker: Java heap space", at=n * DAY, cause=f"near {n}"
        )
        for n in (3, 4, 5, 6)
    ]
    signs = similar.signs_of(report(*OOM))
    shown = similar.seen_before(
        matches(signs, IncidentsInMemory([best, *near]).search(signs, "C1"))
    )
    assert [past.cause for past in shown] == ["near 6", "near 5", "best"]


def test_a_section_is_cut_and_left_out_where_the_cut_makes_a_secret() -> None:
    texts = [
        "a" * 2_000,
        "x" * 790 + " password=hunter2hunter2",
        "x" * 780 + " token=hunter2hunter2",
    ]
    best = [
        similar.Match(similar.Passage("a.md", str(number), text), 3.0, "why")
        for number, text in enumerate(texts)
    ]
    assert [(one.heading, len(one.text)) for one in similar.advice(best)] == [
        ("0", 800),
        ("1", 800),
    ]


@pytest.mark.parametrize(
    ("past", "is_this"),
    [
        (confirmed(*OOM, at=50 * DAY), True),
        (confirmed(*OOM, at=50 * DAY, channel="C2"), False),
        (confirmed(*OOM, at=49 * DAY), False),
    ],
)
def test_an_incident_is_known_by_its_messages(past: Confirmed, is_this: bool) -> None:
    asked = report(*OOM)
    assert similar.is_this_one(past, asked, "C1", "9.0") is is_this
    assert similar.is_this_one(past, asked, "", "") is (past.at == 50 * DAY)
    assert similar.is_this_one(past, report("a"), past.channel, past.thread_ts)


def test_names_lose_what_one_instance_has_and_keep_what_all_have() -> None:
    said = 'worker-7d9f8b6c5-x2kqz in us-east-1 {"zone_name": "a"} level=warn pay-api.v2 EHOSTDOWN'
    assert list(terms_of(said)) == ["us-east", "pay-api.v2", "ehostdown"]
    assert list(terms_of("see https://a-b.example/c-d :fire_engine: [SECRET:aws-key:1]")) == []


def test_overlapping_terms_are_told_as_one_where_both_texts_have_it() -> None:
    both = ("java heap space", "a java heap space b")
    assert joined(["java heap", "heap space"], both) == ["java heap space"]
    assert joined(["java heap", "heap space"], ("java heap heap space", both[1])) == [
        *("java heap", "heap space")
    ]


WORDS = st.sampled_from(
    [
        *("orders-db", "billing-worker", "OOMKilled", "heap space", "connection refused"),
        *("x509: certificate has expired", "error", "PSP_STALLED", "settle queue blocked"),
        *("枯渇した接続", "at 10:02"),
    ]
)
LINES = st.lists(
    st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=60), min_size=1, max_size=4
)


@settings(deadline=None, max_examples=150)
@given(past=LINES, now=LINES)
def test_every_reason_stands_in_both_texts(past: list[str], now: list[str]) -> None:
    one, asked = confirmed(*past), report(*now)
    signs = similar.signs_of(asked)
    titles = {sign.title: sign.id for sign in load()}
    for match in matches(signs, Found([one], 1)):
        signed, _, shared = match.reason.rpartition("shares ")
        named = [title for title in titles if title in signed]
        terms = [term.strip("`") for term in shared.split("`, `") if "`" in match.reason]
        assert named or terms
        assert all(titles[title] in signs.signatures for title in named)
        assert all(titles[title] in one.signatures for title in named)
        for term in terms:
            assert term in signs.text.lower()
            assert term in one.text.lower()
