"""What is remembered, and that it is bounded."""

from bot.analysis.followup import Previous
from bot.analysis.report import Confidence, Report, Statement, Verdict
from bot.store.memory import MemoryStore

REPORT = Report(Verdict.UNCLEAR, Statement("nothing yet"), Confidence.INSUFFICIENT)


def test_reports_are_kept_with_their_channel_until_there_are_too_many():
    store = MemoryStore(runs=2)
    for number in range(3):
        store.save_report(f"run-{number}", "C1", REPORT, (), "no model is configured")
    assert store.report("run-0") is None
    kept = store.report("run-2")
    assert kept is not None
    assert (kept.channel, kept.report) == ("C1", REPORT)
    assert (kept.trail, kept.reason) == ((), "no model is configured")
    assert store.ping()


def test_the_speaker_before_a_message_does_not_depend_on_how_often_it_comes():
    store = MemoryStore()
    store.heard("C1", "1.0", "anna", "1.0")
    store.answered("C1", "1.0", "bot", "2.0")
    for _ in range(2):
        store.heard("C1", "1.0", "ben", "3.0")
        assert store.speaker_before("C1", "1.0", "3.0") == "bot"
    store.heard("C1", "1.0", "anna", "4.0")
    assert store.speaker_before("C1", "1.0", "4.0") == "ben"
    assert store.speaker_before("C1", "1.0", "1.0") is None
    assert store.speaker_before("C1", "9.0", "1.0") is None


def test_only_an_answer_makes_a_thread_answered():
    store = MemoryStore()
    store.heard("C1", "1.0", "anna", "1.0")
    assert not store.is_answered("C1", "1.0")
    assert not store.is_answered("C1", "2.0")
    store.answered("C1", "1.0", "bot", "2.0")
    assert store.is_answered("C1", "1.0")


def test_threads_and_what_was_said_in_them_are_bounded():
    store = MemoryStore(threads=1)
    for number in range(60):
        store.heard("C1", "1.0", f"user-{number}", f"{number}.0")
    assert store.speaker_before("C1", "1.0", "10.0") is None
    assert store.speaker_before("C1", "1.0", "60.0") == "user-59"
    store.heard("C1", "2.0", "anna", "1.0")
    assert store.speaker_before("C1", "1.0", "60.0") is None


def test_the_last_analysis_of_a_thread_is_kept_until_there_are_too_many():
    store = MemoryStore(analyses=2)
    first, second = Previous(REPORT, 1.0), Previous(REPORT, 2.0)
    store.remember("C1", "1.0", first)
    store.remember("C1", "2.0", first)
    store.remember("C1", "1.0", second)
    store.remember("C2", "1.0", first)
    assert store.previous("C1", "1.0") is second
    assert store.previous("C1", "2.0") is None
    assert store.previous("C9", "1.0") is None
