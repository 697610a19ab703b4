"""The verdict: a cause, no incident, or not enough; the same story in four languages."""

from __future__ import annotations

import pytest

from bot.analysis.preparing import prepare
from bot.analysis.report import Confidence, Report, Verdict
from bot.analysis.voice import VOICES
from bot.incident import Attachment, Incident, Message

START = 1767268800  # 2026-01-01T12:00:00Z
QUIET = "\n".join(f"2026-01-01 12:00:{n % 60:02d} INFO tide {n} written" for n in range(60))


def report(*texts: str, log: str = "", question: str = "") -> Report:
    messages = [Message(f"{START + 60 * n}.000000", "ann", text) for n, text in enumerate(texts)]
    if log:
        file = Attachment("app.log", log)
        messages.append(Message(f"{START + 3600}.000000", "ben", "log", attachments=(file,)))
    return prepare(Incident(tuple(messages), question)).rules


STORIES = {
    "English": (
        "Alert: ferry-booking answers with errors",
        "Deployed ferry-booking 3.4 at noon",
        "Bookings fail with timeouts for everybody",
        "Root cause: ferry-booking 3.4 opens a new connection for each berth, so the pool of "
        "harbour-db is exhausted",
        "Rolled back ferry-booking to 3.3, bookings work again",
    ),
    "Japanese": (
        "アラート：ferry-booking がエラーを返している",
        "正午に ferry-booking 3.4 をデプロイした",
        "予約が全員タイムアウトで失敗する",
        "根本原因：ferry-booking 3.4 が桟橋ごとに接続を開き、harbour-db の接続プールが枯渇した",
        "ferry-booking を 3.3 にロールバックし、予約が復旧した",
    ),
    "Chinese": (
        "告警：ferry-booking 返回错误",
        "中午发布了 ferry-booking 3.4",
        "所有人的预订都超时失败",
        "根本原因：ferry-booking 3.4 为每个泊位新建连接，导致 harbour-db 的连接池耗尽",
        "已将 ferry-booking 回滚到 3.3，预订恢复",
    ),
    "Korean": (
        "알림: ferry-booking 오류 발생",
        "정오에 ferry-booking 3.4 배포",
        "모든 예약이 타임아웃으로 실패",
        "근본 원인: ferry-booking 3.4가 선석마다 새 연결을 열어 harbour-db 연결 풀이 고갈됨",
        "ferry-booking을 3.3으로 롤백하여 예약 복구",
    ),
}
MECHANISM = {
    "English": "exhausted",
    "Japanese": "接続プールが枯渇",
    "Chinese": "连接池耗尽",
    "Korean": "연결 풀이 고갈",
}


@pytest.mark.parametrize("language", STORIES)
def test_the_stated_cause_is_told_with_its_mechanism_and_cited(language: str) -> None:
    found = report(*STORIES[language])
    assert found.verdict is Verdict.CAUSE
    assert found.confidence is Confidence.SUPPORTED
    assert "ferry-booking 3.4" in found.cause.text
    assert "harbour-db" in found.cause.text
    assert MECHANISM[language] in found.cause.text
    assert found.cause.evidence[0] == "E4"
    assert STORIES[language][3] in "\n".join(found.quotes)
    assert any("E2" in change.evidence for change in found.changes)


@pytest.mark.parametrize("language", STORIES)
def test_where_nobody_states_it_the_change_is_told(language: str) -> None:
    opening, change, symptom, _, back = STORIES[language]
    found = report(opening, change, symptom, back)
    assert found.verdict is Verdict.CAUSE
    assert "3.4" in found.cause.text
    assert "E2" in found.cause.evidence


@pytest.mark.parametrize(
    "texts",
    [
        ("Alert: ferry-booking is slow", "Looking at it", "A false alarm of the new probe"),
        ("アラート：ferry-booking が遅い", "確認します", "新しい監視の誤検知でした"),
        ("告警：ferry-booking 变慢", "正在看", "这是新监控的误报"),
        ("알림: ferry-booking 느림", "보고 있습니다", "새 모니터의 오탐이었습니다"),
        ("アラート：ferry-booking", "確認の結果、問題なし"),
        ("알림: ferry-booking", "확인 결과, 문제 없음"),
        ("[FIRING:1] Watchdog (none)",),
        ("This is a test alert, please ignore",),
        ("本日の訓練アラートです",),
        ("今天是演练，请忽略",),
        ("모의 훈련입니다",),
    ],
)  # fmt: skip
def test_no_incident(texts: tuple[str, ...]) -> None:
    found = report(*texts)
    assert found.verdict is Verdict.NO_INCIDENT
    begun = [voice.no_incident.format(seen=texts[-1][:8]) for voice in VOICES.values()]
    assert found.cause.text.startswith(tuple(begun))


def test_three_words_of_health_are_needed_where_nobody_calls_it_false() -> None:
    healthy = ("all pods are healthy", "no further errors", "it is back to normal")
    assert report("ferry-booking restarted", *healthy).verdict is Verdict.NO_INCIDENT
    assert report("ferry-booking restarted", *healthy[:2]).verdict is not Verdict.NO_INCIDENT


@pytest.mark.parametrize(
    "said",
    [
        "Root cause: a full disk on harbour-db",
        "It was caused by a full disk",
        "原因はディスクの枯渇",
        "原因是磁盘满了",
        "원인은 디스크 부족",
        "FATAL: No space left on device",
    ],
)
def test_a_cause_or_a_failure_outweighs_words_of_health(said: str) -> None:
    found = report("ferry-booking fails", said, "a false alarm? no", "it is healthy", "recovered")
    assert found.verdict is Verdict.CAUSE


def test_a_quiet_log_is_no_incident_unless_people_state_a_cause() -> None:
    assert report("ferry-booking?", log=QUIET).verdict is Verdict.NO_INCIDENT
    stated = "Root cause: the certificate of the gate has expired"
    found = report("ferry-booking fails", stated, log=QUIET)
    assert found.verdict is Verdict.CAUSE
    assert "certificate of the gate" in found.cause.text
    failed = QUIET.replace("INFO tide 7 written", "INFO renewal of the lease failed: no answer")
    assert report("ferry-booking?", log=failed).verdict is not Verdict.NO_INCIDENT
    short = "\n".join(QUIET.splitlines()[:9])
    assert report("hello", log=short).verdict is not Verdict.NO_INCIDENT


@pytest.mark.parametrize(
    "texts",
    [
        ("Latest alert: harbour-db refuses connections", "It was caused by a full disk"),
        ("watchdog: BUG: soft lockup - CPU#3 stuck", "It was caused by a full disk"),
        ("모델 훈련 작업 실패", "원인은 디스크 부족"),
        ("訓練ジョブが失敗", "原因はディスクの枯渇"),
        ("Bookings fail", "nothing wrong with the network", "A wrong path led to a full disk"),
        ("予約が失敗", "ネットワークは問題なし", "誤って harbour-db の索引を消した"),
        ("예약 실패", "네트워크는 문제 없음", "실수로 harbour-db 인덱스를 삭제"),
    ],
)
def test_what_only_looks_like_no_incident(texts: tuple[str, ...]) -> None:
    assert report(*texts).verdict is Verdict.CAUSE


@pytest.mark.parametrize(
    "texts",
    [
        ("Bookings fail", "Root cause identified."),
        ("予約が失敗する", "原因特定。"),
        ("预订失败", "已定位原因"),
        ("예약 실패", "원인 확인"),
        ("hello", "hm"),
        ("Is anybody here?",),
    ],
)
def test_a_cause_that_is_claimed_and_not_named_or_nothing_at_all(texts: tuple[str, ...]) -> None:
    found = report(*texts)
    assert found.verdict is Verdict.UNCLEAR
    assert found.confidence is Confidence.INSUFFICIENT
    assert found.cause.text in [voice.unclear.format(known=texts[0]) for voice in VOICES.values()]


def test_a_link_alone_leads_to_a_line_that_is_not_empty() -> None:
    found = report("Alert", "https://graphs.example/d/ferry-booking-errors")
    assert len(found.cause.text) > 10


GIVEN_UP = {
    "English": ("Alert: berth API slow", "It is fast again", "The cause is still unknown"),
    "Japanese": ("アラート：応答が遅い", "自然に直った", "原因はわからないまま"),
    "Chinese": ("告警：响应变慢", "自己好了", "原因仍不明"),
    "Korean": ("알림: 응답 지연", "저절로 나아짐", "원인은 알 수 없음"),
}


@pytest.mark.parametrize("language", GIVEN_UP)
def test_what_people_gave_up_on_is_not_made_up_for_them(language: str) -> None:
    assert report(*GIVEN_UP[language]).verdict is Verdict.UNCLEAR


def test_where_all_that_would_tell_is_missing_nothing_is_told() -> None:
    found = report("berth API restarts", "the logs were rotated", "no traces from that night")
    assert found.verdict is Verdict.UNCLEAR
    known = report(
        "berth API restarts",
        "the logs were rotated",
        "no traces from that night",
        "found it: that was me, I halved its memory",
    )
    assert known.verdict is Verdict.CAUSE
    assert "halved its memory" in known.cause.text
