"""What is said without any model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyst import prepare
from bot.analysis.report import Confidence, Report, Verdict
from bot.incident import Attachment, Incident, Message

START = 1767268800  # 2026-01-01T12:00:00Z


def report(*texts: str, question: str = "") -> Report:
    messages = tuple(
        Message(f"{START + 60 * n}.000000", "ann", text) for n, text in enumerate(texts)
    )
    return prepare(Incident(messages, question)).rules


def test_what_people_stated_as_the_cause_leads() -> None:
    found = report(
        "Alert: checkout returns errors",
        "Deployed cart-service 4.2 an hour ago",
        "CPU looks normal",
        "Root cause: cart-service 4.2 sends an empty currency field to the tax API",
        "Rolled back, all good",
    )
    assert found.verdict is Verdict.CAUSE
    assert found.cause.text.startswith("Root cause: cart-service 4.2 sends an empty currency")
    assert found.confidence is Confidence.SUPPORTED
    assert "E4" in found.cause.evidence
    assert found.quotes[0].startswith("Root cause: cart-service 4.2")


def test_how_it_came_to_fail_leads_before_what_was_done_about_it() -> None:
    found = report(
        "Alert: some uploads fail",
        "two relays joined the pool at 13:10",
        "uploads fail on every second try, all of them on the new relays",
        "removed both relays from the pool",
        "the new relays have not been given the key of the store",
        "errors to zero",
    )
    assert found.cause.text.startswith("the new relays have not been given the key")
    assert found.quotes[0].startswith("the new relays have not been given the key")


def test_a_thought_broken_over_two_messages_is_one() -> None:
    found = report(
        "Alert: checkout is slow",
        "cart-api asks the store 500 times",
        "so each slow answer makes the next one fail, and it never ends",
        "graphs are up again",
    )
    assert found.cause.text.startswith("cart-api asks the store 500 times")


def test_a_mechanism_alone_is_enough_for_a_cause() -> None:
    found = report(
        "Mail is late",
        "went to 75 % of all users at 03:20",
        "it makes a new producer for each letter instead of keeping one",
    )
    assert found.verdict is Verdict.CAUSE
    assert "a new producer for each letter" in found.cause.text


def test_what_was_ruled_out_does_not_lead() -> None:
    found = report(
        "Alert: search is slow",
        "The network is not the cause, we ruled out packet loss",
        "Discovered that the index node ran out of disk: no space left on device",
    )
    assert "ran out of disk" in found.cause.text
    assert not found.cause.text.startswith("The network")


def test_an_announcement_of_a_cause_is_read_with_its_next_sentence() -> None:
    found = report(
        "Alert: mail is late", "Culprit identified. The relay host queue-7 rejects our new sender."
    )
    assert "queue-7" in found.cause.text.split(" · ")[0]


def test_the_change_before_the_first_symptom_is_a_cause_worth_naming() -> None:
    found = report(
        "Incident opened: image uploads",
        "Switched image-store to the new bucket policy",
        "Uploads fail with an error for all users",
        "Looking at it",
    )
    assert found.verdict is Verdict.CAUSE
    assert "bucket policy" in found.cause.text
    assert found.changes[0].text.startswith("Switched image-store")


def test_a_signature_gives_its_title_and_its_next_steps() -> None:
    pod = "```\nLast State: Terminated\n  Reason: OOMKilled\n  Exit Code: 137\n```"
    found = report("Why does the worker restart?", "kubectl describe pod worker-1", pod)
    assert "Out of memory" in found.cause.text
    assert any("memory limit" in check.text for check in found.next_checks)
    assert found.confidence is Confidence.PLAUSIBLE


@pytest.mark.parametrize(
    "texts",
    [
        ("Watchdog: this alert is always firing to prove that the pipeline works",),
        ("Pod restarted", "all pods are healthy", "no further restarts", "it recovered by itself"),
        ("Burst of warnings", "This was a false alarm of the new monitor"),
    ],
)
def test_no_incident(texts: tuple[str, ...]) -> None:
    found = report(*texts)
    assert found.verdict is Verdict.NO_INCIDENT
    assert found.cause.text.startswith("No active incident")


def test_a_log_without_a_warning_is_no_incident() -> None:
    log = "\n".join(f"2026-01-01 12:00:{n:02d} INFO task {n} finished" for n in range(50))
    incident = Incident((Message("1.0", "ann", "logs", attachments=(Attachment("a.log", log),)),))
    assert prepare(incident).rules.verdict is Verdict.NO_INCIDENT


@pytest.mark.parametrize("texts", [("hello",), ("It feels odd today", "hm", "yes"), ()])
def test_thin_evidence_is_unclear_and_says_what_it_needs(texts: tuple[str, ...]) -> None:
    found = report(*texts)
    assert found.verdict is Verdict.UNCLEAR
    assert found.confidence is Confidence.INSUFFICIENT
    assert found.cause.text
    assert found.gaps


def test_japanese_threads_are_read() -> None:
    found = report(
        "障害発生：注文APIが遅い",
        "正午に在庫サービスをリリースした",
        "原因特定：在庫サービスの接続プールが枯渇し、注文APIが待たされていた",
        "ロールバックして復旧",
    )
    assert found.verdict is Verdict.CAUSE
    assert found.cause.text.startswith("原因特定：在庫サービスの接続プール")
    assert "E3" in found.cause.evidence


def test_a_severe_rare_line_of_a_log_is_found() -> None:
    lines = [f"2026-01-01 12:00:{n % 60:02d} INFO job {n} done" for n in range(400)]
    lines.insert(
        300, "2026-01-01 12:05:00 FATAL ledger-writer: No space left on device /var/ledger"
    )
    file = Attachment("ledger.log", "\n".join(lines))
    found = prepare(Incident((Message("1.0", "ann", "ledger stopped", attachments=(file,)),))).rules
    assert "Disk full" in found.cause.text
    assert "ledger-writer" in found.cause.text


def test_the_names_in_the_question_count() -> None:
    texts = (
        "Two alerts",
        "billing-worker fails with timeouts",
        "report-mailer fails with timeouts",
    )
    assert "report-mailer" in report(*texts, question="why is report-mailer failing?").quotes[0]


words = st.text(st.characters(codec="utf-8"), max_size=120)
threads = st.lists(words, max_size=12)


@given(threads)
def test_whatever_was_said_the_report_holds_its_promises(texts: list[str]) -> None:
    prepared = prepare(
        Incident(tuple(Message(f"{START + n}.1", "ann", text) for n, text in enumerate(texts))),
        context_chars=2_000,
    )
    found = prepared.rules
    whole = "\n".join(item.text for item in prepared.evidence)
    assert found.cause.text
    assert len(found.cause.text) <= 300
    assert len(found.quotes) <= 3
    assert all(quote in whole and len(quote) <= 200 for quote in found.quotes)
    moments = [entry.at for entry in found.timeline]
    assert moments == sorted(moments)
    assert len(moments) <= 12
    assert len(prepared.context) <= 2_000
    known = {item.id for item in prepared.evidence}
    assert set(found.cause.evidence) <= known


def test_a_long_thread_has_a_short_timeline_with_both_ends() -> None:
    texts = [f"step {n}: nothing special" for n in range(60)]
    texts[30] = "ERROR: orders-db refuses connections"
    timeline = report("Incident opened", *texts, "Closed").timeline
    assert len(timeline) == 12
    assert timeline[0].at == START
    assert timeline[-1].text == "ann: Closed"
    assert any("orders-db" in entry.text for entry in timeline)
