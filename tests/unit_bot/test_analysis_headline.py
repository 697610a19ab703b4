"""The cause as one line: what is told in it, and never more than there is room for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import signatures
from bot.analysis.evidence import Evidence
from bot.analysis.headline import (
    CAUSE_CHARS,
    cause_text,
    change_before,
    clip,
    is_change,
    to_tell,
    worded,
)
from bot.analysis.ranking import Candidate, distinct, is_same, rank, shares
from bot.analysis.scoring import Judge
from bot.analysis.signatures import Signature

DISK, OOM = (
    signatures.matching(line)[0] for line in ("No space left on device", "Reason: OOMKilled")
)


def candidate(
    text: str,
    *,
    score: float = 1.0,
    signature: Signature | None = None,
    stated: int = 0,
    telling: bool = True,
    at: float | None = None,
    level: str = "",
    pasted: bool = False,
    measured: float = 0.0,
) -> Candidate:
    item = Evidence("E1", text, "ann", at=at, level=level, pasted=pasted, measured=measured)
    return Candidate(text, text, item, score, signature, stated, telling)


def told(*candidates: Candidate, change: Candidate | None = None, subject: str = "") -> str:
    return cause_text(candidates, change, subject, Judge())


def test_one_statement_is_told_as_it_stands() -> None:
    assert told(candidate("The relay lost its lease.")) == "The relay lost its lease"


def test_the_subject_leads_where_no_part_names_it() -> None:
    one = candidate("The relay lost its lease")
    assert told(one, subject="mailer, relay") == "mailer: The relay lost its lease"
    assert told(one, subject="relay") == "The relay lost its lease"


def test_the_title_of_a_failure_goes_before_what_was_said() -> None:
    one = candidate("relay: no space left", signature=DISK)
    assert told(one) == "Disk full: relay: no space left"
    assert told(candidate("relay: the disk is full", signature=DISK)) == "relay: the disk is full"
    assert (
        told(candidate("relay: no space left", signature=DISK, stated=1)) == "relay: no space left"
    )


def test_the_change_comes_last_and_second_where_a_log_leads() -> None:
    change = candidate("Deployed mailer 2.1", at=1.0)
    said, more = candidate("The relay lost its lease"), candidate("Mail waits for hours")
    assert told(said, more, change=change) == (
        "The relay lost its lease; Mail waits for hours; just before: Deployed mailer 2.1"
    )
    logged = candidate("lease of the relay lost", level="error")
    assert told(logged, more, change=change) == (
        "lease of the relay lost; just before: Deployed mailer 2.1; Mail waits for hours"
    )
    assert told(said, change, change=change) == (
        "The relay lost its lease; just before: Deployed mailer 2.1"
    )
    assert told(change, change=change) == "Deployed mailer 2.1"


def test_what_stands_in_another_part_is_not_told_again() -> None:
    assert told(candidate("the relay lost its lease"), candidate("lost its lease")) == (
        "the relay lost its lease"
    )


def test_an_address_alone_is_told_as_it_is_and_hides_nothing_else() -> None:
    link = candidate("https://graphs.example/mail-errors")
    assert told(link, candidate("The relay lost its lease")) == (
        "https://graphs.example/mail-errors; The relay lost its lease"
    )


def test_what_is_too_short_to_say_anything_goes_but_the_first_stays() -> None:
    parts = [candidate(f"part {n} " + "word " * 40, score=-n) for n in range(5)]
    line = told(*parts, change=candidate("Merged " + "word " * 40, score=-9.0), subject="x" * 48)
    assert line.startswith(f"{'x' * 48}: part 0 word")
    assert len(line) <= CAUSE_CHARS
    assert 1 < len(line.split("; ")) < 5
    assert all(len(part) >= 40 for part in line.split("; "))


signs = st.none() | st.sampled_from([DISK, OOM, *signatures.load()[:40]])
sentences = st.lists(
    st.sampled_from(["relay", "due to", "https://x.example/", "，", "原因", "a" * 90, "ERROR"])
    | st.text(max_size=30),
    max_size=12,
).map(" ".join)
candidates = st.builds(
    candidate,
    sentences,
    score=st.floats(min_value=-20, max_value=20),
    signature=signs,
    stated=st.integers(0, 4),
    telling=st.booleans(),
    at=st.none() | st.floats(min_value=0, max_value=9e4),
    level=st.sampled_from(["", "error"]),
)
subjects = st.sampled_from(["", "mailer", "tug-one, tug-two", "x" * 48])


@settings(deadline=None, max_examples=60)
@given(st.lists(candidates, min_size=1, max_size=7), st.none() | candidates, subjects)
def test_the_line_is_never_too_long(
    some: list[Candidate], change: Candidate | None, subject: str
) -> None:
    line = cause_text(to_tell(some), change, subject, Judge())
    assert len(line) <= CAUSE_CHARS
    assert "\n" not in line
    if some[0].text.strip():
        assert not line.startswith("; ")


def test_a_title_beyond_all_room_is_cut() -> None:
    long = candidate("https://x.example", signature=DISK)
    assert len(told(long, subject="y" * 400)) == CAUSE_CHARS


def test_what_to_tell_beside_the_first() -> None:
    first, idle, loud = candidate("a"), candidate("b", telling=False), candidate("c")
    printed = candidate("d", telling=False, pasted=True)
    cleared = candidate("the relay is ruled out")
    assert to_tell([]) == []
    assert to_tell([first, idle, loud, printed, cleared]) == [first, loud, idle]
    assert to_tell([candidate("e", telling=False)] * 9)[4:] != []
    assert len(to_tell([first] + [candidate(f"x{n}") for n in range(9)])) == 5
    assert len(to_tell([candidate(c * 200) for c in "abcdef"])) == 3


def test_a_question_is_not_told_and_the_best_stays_first_whatever_it_tells() -> None:
    best, loud = candidate("mail waits", telling=False), candidate("relay one broke")
    asked = candidate("who moved the berths?")
    assert distinct([best, asked, loud], 3)[0] is best
    assert to_tell([best, asked, loud]) == [best, loud]


def test_a_hint_of_a_machine_is_not_told_but_a_note_always_is() -> None:
    first = candidate("a")
    faint = candidate("b", telling=False, measured=2.0)
    note = replace(candidate("top sql: SELECT x WHERE y = FALSE, a false lead"), is_note=True)
    assert to_tell([first, faint, note]) == [first, note]


def test_a_note_is_cut_at_its_end_and_a_figure_told_without_how_unusual() -> None:
    statement = "top sql: INSERT INTO berths (a, b), which is because of c " * 8
    note = replace(candidate(statement), is_note=True)
    assert told(note).startswith("top sql: INSERT INTO berths (a, b), which")
    figure = "tug-1 cpu rose from a normal 2 to 90 at 10:00 UTC, out of its range since 09:58"
    measured = candidate(f"{figure} (13 x its usual variation); tug-2 rose first", measured=5.0)
    assert told(measured) == "tug-1 cpu rose from a normal 2 to 90 at 10:00 UTC"


def thread(*texts: str) -> list[Evidence]:
    return [
        Evidence(f"E{n}", text, "ann", at=60.0 * n, message_ts=str(n))
        for n, text in enumerate(texts, 1)
    ]


def blamed(*texts: str) -> str:
    items = thread(*texts)
    judge = Judge("", items)
    change = change_before(rank(items, judge), judge)
    return change.text if change else ""


@pytest.mark.parametrize(
    ("texts", "change"),
    [
        (("Mail", "Deployed mailer 2.1", "Root cause: a full disk"), "Deployed mailer 2.1"),
        (("Mail", "Deployed mailer 2.1", "Hm, mail is a bit slow"), ""),
        (("Mail", "Mail fails with an error", "Deployed mailer 2.1"), ""),
        (
            ("Mail", "Deployed mailer 2.0", "Merged the route", "Mail fails with an error"),
            "Merged the route",
        ),
        (
            ("Mail", "Deployed mailer 2.1", "deploy mailer 2.1 finished", "Mail fails, an error"),
            "Deployed mailer 2.1",
        ),
        (
            (
                "Mail",
                "Merged the Keystone rule",
                "Moved a shelf",
                "Cause: a full disk",
                "Keystone reverted",
            ),
            "Merged the Keystone rule",
        ),
        (
            (
                "Mail",
                "Merged the Keystone rule",
                "Moved a shelf",
                "Mail fails",
                "Keystone reverted",
            ),
            "",
        ),
        (
            ("Mail", "Deployed mailer 2.1.0", "Mail fails with an error", "2.1.0 is ruled out"),
            "",
        ),
        (("Mail",), ""),
        ((), ""),
    ],
)
def test_the_change_that_is_blamed(texts: tuple[str, ...], change: str) -> None:
    assert blamed(*texts) == change


def test_a_change_of_yesterday_is_not_blamed() -> None:
    items = thread("Mail", "Deployed mailer 2.1", "Mail fails with an error")
    late = [*items[:2], Evidence("E3", items[2].text, "ann", at=9e4, message_ts="3")]
    judge = Judge("", late)
    assert change_before(rank(late, judge), judge) is None


@pytest.mark.parametrize(
    ("one", "is_one"),
    [
        (candidate("Dana merged the route"), True),
        (candidate("リレーの設定を変更した"), True),
        (candidate("릴레이 새 버전 배포"), True),
        (candidate("发布了中继的新版本"), True),
        (candidate("Deployed a fix"), False),
        (candidate("The deploy failed"), False),
        (candidate("Dana merged the route", signature=OOM), False),
        (candidate("Dana merged the route", measured=3.0), False),
        (candidate("Mail is late"), False),
    ],
)
def test_what_is_a_change(one: Candidate, is_one: bool) -> None:
    assert is_change(one) is is_one


def test_words_in_one_line_are_cut_between_words() -> None:
    assert clip("mail\n is   late", 40) == "mail is late"
    assert clip("mail is very late today", 15) == "mail is very…"


def test_what_a_title_adds_in_brackets_is_left_out() -> None:
    titled = [sign for sign in signatures.load() if sign.title.endswith(")")]
    assert titled
    assert not any("(" in worded(candidate("zzz", signature=one))[0][-30:] for one in titled)


def test_shares_make_one_and_follow_the_scores() -> None:
    ranked = [
        candidate("a", score=900.0),
        candidate("b", score=899.0),
        candidate("c", score=-900.0),
    ]
    sizes = shares(ranked)
    assert sum(sizes) == pytest.approx(1.0)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] / sizes[1] == pytest.approx(2.718, abs=0.01)
    assert shares([]) == []


@settings(deadline=None)
@given(st.lists(st.floats(min_value=-500, max_value=500), min_size=1, max_size=20))
def test_shares_of_any_scores_make_one(scores: list[float]) -> None:
    assert sum(shares([candidate("a", score=score) for score in scores])) == pytest.approx(1.0)


def test_what_says_the_same_is_told_once_and_each_failure_before_more_of_it() -> None:
    ranked = [
        candidate("relay one has no space left", signature=DISK),
        candidate("the relay one has no space left at all", signature=DISK),
        candidate("volume berths cannot grow", signature=DISK),
        candidate("mailer was killed for memory", signature=OOM),
        candidate("nobody looked"),
    ]
    texts = [one.text for one in distinct(ranked, 6)]
    assert texts == [ranked[n].text for n in (0, 3, 4, 2)]
    assert distinct(ranked, 1) == ranked[:1]
    assert distinct([], 6) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("the relay lost its lease", "The relay has lost its lease again", True),
        ("the relay lost its lease", "the mailer sends letters", False),
        ("リレーの証明書が切れた", "リレーの証明書が切れていた", True),
        ("릴레이 인증서가 만료", "데이터베이스 연결 고갈", False),
        ("中继证书过期", "中继证书过期了", True),
        ("", "the relay", False),
        ("a b", "a b", False),
    ],
)
def test_sentences_that_share_most_words(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is is_same(other, one) is same
