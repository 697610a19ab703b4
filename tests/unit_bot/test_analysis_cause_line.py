"""The cause as a line to read: what frames a message goes, what changed before is told."""

from __future__ import annotations

import math

import pytest

from bot.analysis.analyst import prepare
from bot.analysis.evidence import Evidence
from bot.analysis.quoting import QUOTE_CHARS, quotes_of
from bot.analysis.report import Report, Verdict
from bot.analysis.scoring import Judge
from bot.analysis.trail import follow
from bot.analysis.wording import core_of, message_of
from bot.incident import Attachment, Incident, Message

START = 1767268800  # 2026-01-01T12:00:00Z


def report(*texts: str, log: str = "", question: str = "") -> Report:
    files = (Attachment("app.log", log),) if log else ()
    messages = [Message(f"{START + 60 * n}.000000", "ann", text) for n, text in enumerate(texts)]
    last = Message(f"{START + 3600}.000000", "ben", "the log", attachments=files)
    return prepare(Incident((*messages, *([last] if log else [])), question)).rules


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-01-01T12:00:00.250Z ERROR lease on shard 7 lost", "lease on shard 7 lost"),
        ("2026-01-01 12:00:00,250 [main] INFO  a.b.Boot - shard 7 moved", "shard 7 moved"),
        ("[2026-01-01T12:00:00.250+0000][warning][gc] heap is small", "heap is small"),
        (
            "2026/01/01 12:00:00 [error] 7#7: *12 upstream closed early, client: ::1, server: web",
            "upstream closed early",
        ),
        ("Jan  1 12:00:00 web-1 crond[12]: job missed", "crond[12]: job missed"),
        ("E0101 12:00:00.500000       1 lease.go:12] cannot renew", "cannot renew"),
        ("26/01/01 12:00:00 WARN Executor: lost", "Executor: lost"),
        (
            "2026-01-01 12:00:00.250 UTC [42] shop@shop [unknown] FATAL:  role is locked",
            "role is locked",
        ),
        ('{"level":"error","msg":"queue \\"a\\" is full","ts":1}', 'queue "a" is full'),
        ('{"msg":"pull failed","err":"connection reset"}', "pull failed: connection reset"),
        (
            '{"time":"t","source":"quay:crane","detail":"berth 7 moved"}',
            "quay:crane: berth 7 moved",
        ),
        ('{"service":"crane"}', '{"service":"crane"}'),
        ('ts=1767268800 level=warn msg="slow consumer"', "slow consumer"),
        ("pay failed - Query: SELECT * FROM berths", "pay failed"),
        ('    "message": "Volume is detached.",', "Volume is detached."),
        (
            "Warning  FailedMount  3m (x4 over 9m)  kubelet  no volume named cache",
            "no volume named cache",
        ),
        (";; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 7", "status: SERVFAIL"),
        ("- cart is down", "cart is down"),
        (":fire: cart is down", "cart is down"),
        ("pay failed - RequestID: a7f", "pay failed"),
        ("原因：在庫の更新が止まった", "原因：在庫の更新が止まった"),
        ("2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z"),
    ],
)
def test_a_message_without_its_frame(line: str, said: str) -> None:
    assert message_of(line) == said


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("short - Error: but it is short", "short - Error: but it is short"),
        (
            f"mailer - cannot send the letter to {'x' * 60} - Error: relay refuses the sender",
            "mailer: relay refuses the sender",
        ),
        (
            f"cannot send the letter to {'x' * 70}: Caused by: relay refuses the sender",
            "relay refuses the sender",
        ),
    ],
)
def test_the_innermost_error_of_a_long_message(text: str, core: str) -> None:
    assert core_of(text) == core


def test_quotes_that_differ_in_numbers_only_are_one() -> None:
    lines = ["shard 7 lost", "shard 8 lost", "disk full", "x" * 300, "more"]
    assert quotes_of((line, line) for line in lines) == (
        "shard 7 lost",
        "disk full",
        "x" * QUOTE_CHARS,
    )


LOG = """2026-01-01T12:00:00Z INFO ledger serving
2026-01-01T12:01:00Z INFO deploy ledger 1.3 -> 1.4 requested by dana
2026-01-01T12:01:05Z INFO deploy ledger 1.4 finished
2026-01-01T12:02:00Z INFO ledger serving
2026-01-01T12:03:00Z FATAL ledger No space left on device
"""


def test_a_failure_is_told_with_the_change_before_it() -> None:
    found = report("ledger is down", log=LOG)
    assert found.verdict is Verdict.CAUSE
    assert found.cause.text.startswith("Disk full: ledger No space left on device")
    assert "; just before: deploy ledger 1.3 -> 1.4 requested by dana" in found.cause.text
    assert "2026-01-01T12:01:00Z" in "\n".join(found.quotes)


def test_a_change_that_was_cleared_is_not_blamed() -> None:
    found = report("ledger is down", "ledger is back on 1.3, so 1.4 is ruled out", log=LOG)
    assert "just before" not in found.cause.text
    assert "ruled out" not in found.cause.text


def test_a_change_after_the_failure_is_not_blamed() -> None:
    late = LOG.replace("12:01:00Z", "12:05:00Z").replace("12:01:05Z", "12:05:05Z")
    assert "just before" not in report("ledger is down", log=late).cause.text


def test_what_the_rollback_took_back_is_blamed() -> None:
    found = report(
        "Incident opened: logins fail",
        "Node drained for its kernel",
        "Merged the Keystone redirect rule",
        "Logins fail with an error for everybody",
        "Started the rollback of Keystone",
        "Logins work",
    )
    assert "Merged the Keystone redirect rule" in found.cause.text
    assert "Merged the Keystone redirect rule" in found.quotes


@pytest.mark.parametrize(
    ("line", "weight"),
    [
        ("Merged the Keystone rule", 2.5),
        ("deploy mailer 2.1.0 requested", -4.0),
        ("deploy mailer 2.2.0 requested", 0.0),
        ("restarted api-gateway", -4.0),
    ],
)
def test_the_trail_of_repairs(line: str, weight: float) -> None:
    said = (
        "Reverted Keystone, logins are back",
        "2.1.0 did not help",
        "api-gateway is not the cause",
    )
    items = [Evidence(f"E{n}", text, "ann") for n, text in enumerate(said)]
    items.append(Evidence("E9", "reverted Mailer", "bot", level="info"))
    assert follow(items).weight(line) == weight


def test_a_later_statement_outweighs_an_earlier_one() -> None:
    found = report(
        "Alert: mail is late",
        "The delay is caused by the relay's wrong address",
        "one more look",
        "The delay is caused by the sender's wrong address",
    )
    assert found.cause.text.startswith("The delay is caused by the sender's wrong")


@pytest.mark.parametrize(
    "weaker",
    [
        "Maybe it is caused by the relay, which refuses us",
        "Could it be caused by the relay, which refuses us?",
        "Perhaps the relay, because it refuses us",
        "The relay is not the cause, it has nothing to do with it",
        "Restarting the relay did not help, still failing",
        "原因はリレーかもしれない",
    ],
)
def test_a_statement_outweighs_a_guess_and_what_was_ruled_out(weaker: str) -> None:
    judge = Judge()
    assert judge.score("It is caused by the sender, which is blocked") >= 2 * judge.score(weaker)


@pytest.mark.parametrize(
    "stated",
    [
        "Root cause: the sender is blocked",
        "It turned out that the sender was blocked",
        "We concluded that the sender was blocked",
        "A clean-up job inadvertently removed the sender",
        "Mail stops due to a blocked sender",
        "原因は送信元のブロックだった",
        "誤って送信元を削除した",
    ],
)
def test_the_words_by_which_people_state_a_cause(stated: str) -> None:
    assert Judge().score(stated) > Judge().score("Mail stops with an error")


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("AWS load balancers were updated to route to the new gateway", True),
        ("aws elb describe-load-balancers --name updated", False),
        ("kubectl get pods --field-selector status=Failed", False),
        ("web-1   1/1   Running   0   119d   error-page", True),
    ],
)
def test_a_command_is_not_evidence_and_a_sentence_on_its_product_is(
    line: str, counts: bool
) -> None:
    assert (Judge().score(line) > 0) is counts


def test_a_pod_that_runs_says_little() -> None:
    judge = Judge()
    assert judge.score("error-page 1/1  Running  0") < judge.score("error-page 0/1  Error  7")


@pytest.mark.parametrize(
    "text",
    ["a-" * 10_000, " " * 20_000, "[a " * 7_000, "Error: " * 3_000, '{"msg":"' + "\\" * 9_999],
)
def test_long_lines_do_not_blow_up(text: str) -> None:
    """Returns at all: the suite's own time-out is the judge."""
    assert core_of(message_of(text)) is not None
    assert math.isfinite(Judge().score(text))
