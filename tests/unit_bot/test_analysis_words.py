"""The words of each language: what is meant by them, and what only looks like them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analysis import phrases
from bot.analysis.phrases import kinds_in

LISTS: dict[str, dict[str, list[str]]] = {
    file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in resources.files("bot.analysis.words").iterdir()
    if file.name.endswith(".yaml")
}
PATTERNS = [
    (kind, re.compile(source))
    for lists in LISTS.values()
    for kind, some in lists.items()
    for source in some
]

MEANT = {
    "en": {
        "cause_1": ["Root cause: the lease of shard 7 ran out", "Culprit: a stale route table"],
        "cause_2": ["It was caused by a full disk", "The new proxy is the culprit"],
        "cause_3": ["Uploads stop because the bucket is gone", "Turned out the key was old"],
        "cause_4": ["We pinpointed the relay", "A wrong path led to an empty list"],
        "cause_5": ["We noticed that the pool is small", "All of it points to the relay"],
        "leads_on": [
            "This caused a jam",
            "As a result, mail waits",
        ],
        "unsure": ["It is unclear so far", "We are still investigating"],
        "wonders": ["Could it be the relay?", "Anyone know this queue?"],
        "ruled_out": [
            "The relay is not the cause",
            "The proxy has no errors",
            "Unlikely to be DNS",
            "Nothing changed",
            "DNS is ruled out",
            "no failover.",
            "The certificate isn't expired",
            "not the relay, it is idle",
            "I don't think it's the queue",
        ],
        "taken_back": ["We rolled back mailer", "Reverted the rule", "Certificate renewed"],
        "without_effect": ["The restart did not help", "It is still failing"],
        "change": ["Deployed mailer 2.1", "helm upgrade of the relay", "We changed the route"],
        "deed": ["Dana merged the route", "Relay was updated", "mailer 2.0.1 -> 2.1.0"],
        "fix": ["We applied a hotfix", "The queue recovered", "Restarted the relay"],
        "symptom": [
            "Requests time out",
            "A bug in the parser",
            "HTTP 503 for all",
            "OOM in mailer",
        ],
        "failed": ["The job failed", "Connection refused"],
        "healthy": [
            "All pods are healthy",
            "Back to normal",
            "The relay is operational",
        ],
        "false_alarm": ["This was a false alarm", "There is nothing wrong"],
        "always_firing": ["[FIRING:1] Watchdog", "This is a test alert", "Fire drill at noon"],
        "unknown": ["The cause is still unknown", "We never found out why"],
        "absent": ["The logs were rotated", "no traces from that night", "Not reproducible"],
        "plans": ["Checking the relay", "ok, let me look", "Can someone restart it"],
        "process": ["Dana joined the call", "We are investigating an issue with mail"],
        "pointers": ["Root cause identified"],
        "mechanism": [
            "The worker opens a socket for each call instead of one for all",
            "The new relays have not been given a key",
            "Every mailer retries without a pause",
            "That label is gone in 2.1",
        ],
        "over": ["Errors are at zero", "Queue is empty", "Mail is flowing"],
        "remedy": ["Moved both relays", "ok, we're lowering the limit", "Now I rolled it out"],
        "past": ["The rule changed at 11:03", "Dana moved it last night", "We paid 3 weeks ago"],
    },
    "ja": {
        "cause_1": ["根本原因はリレーの証明書切れ"],
        "cause_2": ["リレーの証明書切れが原因", "原因：プールの枯渇"],
        "cause_3": ["接続数の上限に達したと判明", "設定ミスが停止を引き起こした"],
        "cause_4": ["誤ってキーを消した", "リレーと特定した"],
        "cause_5": ["プールの枯渇を確認", "ログにより上限超過"],
        "leads_on": ["これにより配送が止まった", "その結果、行列が伸びた"],
        "unsure": ["原因は不明", "現在調査中"],
        "wonders": ["リレーかな？", "設定でしょうか", "これは仕様ですか"],
        "ruled_out": ["リレーは無関係", "DNSが原因ではない"],
        "taken_back": ["前の版に切り戻した", "ロールバック完了"],
        "without_effect": ["再起動しても変わらず", "効果なし"],
        "change": ["設定を変更した", "新しい版をリリース"],
        "deed": ["リレーの証明書を更新", "新しい版をデプロイ"],
        "fix": ["リレーを再起動", "修正を入れた"],
        "symptom": ["注文が失敗する", "サーバーが落ちた", "応答が遅い"],
        "failed": ["送信エラーが続く"],
        "healthy": ["全ノード正常", "復旧を確認"],
        "false_alarm": ["監視の誤検知だった", "確認の結果、問題なし"],
        "always_firing": ["テストアラートです", "本日は訓練です"],
        "unknown": ["原因は不明のまま", "原因がわからない"],
        "absent": ["当時のログが残っていない", "再現しない"],
        "plans": ["ログを確認します", "見てみます"],
        "process": ["関係者に周知", "チケットを起票"],
        "pointers": ["原因を特定"],
        "mechanism": ["古い鍵のままだった", "毎回接続を開く"],
        "over": ["サービスが復旧しました", "元に戻った"],
        "past": ["昨夜の変更", "11時に適用"],
    },
    "zh": {
        "cause_1": ["根本原因：中继证书过期", "根因是连接池太小"],
        "cause_2": ["原因是连接池太小", "由证书过期引起"],
        "cause_3": ["证书过期导致登录失败", "因为磁盘满了"],
        "cause_4": ["误删了密钥", "定位到中继"],
        "cause_5": ["发现连接池太小", "日志显示上限已到"],
        "leads_on": ["这导致邮件排队", "因此服务变慢"],
        "unsure": ["原因尚未查到", "仍在排查中"],
        "wonders": ["是不是中继的问题", "是中继坏了吗？", "是中繼壞了嗎"],
        "ruled_out": ["与中继无关", "已排除网络"],
        "taken_back": ["已回滚到旧版本", "已還原設定"],
        "without_effect": ["重启后没有改善", "重启无效"],
        "change": ["发布了新版本", "修改了路由"],
        "deed": ["升级了中继", "迁移了数据库"],
        "fix": ["已修复", "重启后恢复"],
        "symptom": ["请求超时", "服务崩溃"],
        "failed": ["任务失败"],
        "healthy": ["所有节点正常", "服务已恢复"],
        "false_alarm": ["这是误报", "虚惊一场"],
        "always_firing": ["这是测试告警", "今天是演练"],
        "unknown": ["原因仍不明"],
        "absent": ["没有日志", "无法复现"],
        "plans": ["我看一下日志", "麻烦重启一下"],
        "process": ["已通知值班同学", "已上报"],
        "pointers": ["原因已定位"],
        "mechanism": ["超时没有设置", "每次请求都新建连接"],
        "over": ["服务恢复了", "错误归零"],
        "past": ["昨晚改的配置", "11点左右部署"],
    },
    "ko": {
        "cause_1": ["근본 원인: 인증서 만료"],
        "cause_2": ["원인은 연결 풀 크기", "원인: 디스크 가득 참"],
        "cause_3": ["인증서 만료로 인해 로그인 실패", "디스크 때문에 멈춤"],
        "cause_4": ["실수로 키를 지움", "설정이 누락됨"],
        "cause_5": ["풀 고갈 확인", "로그에서 발견"],
        "leads_on": ["이로 인해 메일이 멈춤", "그 결과 대기열이 늘어남"],
        "unsure": ["현재 조사 중", "릴레이로 의심"],
        "wonders": ["릴레이가 아닐까", "배포 때문인가요?", "언제 되나요？"],
        "ruled_out": ["릴레이가 원인이 아님", "네트워크와 무관"],
        "taken_back": ["이전 버전으로 롤백", "설정을 되돌림"],
        "without_effect": ["재시작해도 효과 없음", "여전히 느림"],
        "change": ["새 버전 배포", "설정을 변경"],
        "deed": ["릴레이 업그레이드", "DB를 새 클러스터로 이전"],
        "fix": ["복구 완료", "긴급 조치"],
        "symptom": ["요청 실패", "서버 다운", "응답 지연"],
        "failed": ["전송 오류"],
        "healthy": ["모든 노드 정상", "복구 완료"],
        "false_alarm": ["모니터 오탐", "확인 결과, 문제 없음"],
        "always_firing": ["테스트 알림입니다", "모의 훈련"],
        "unknown": ["원인은 알 수 없음"],
        "absent": ["로그가 없음", "재현되지 않음"],
        "plans": ["로그를 확인해 보겠습니다", "재시작 부탁드립니다"],
        "process": ["팀에 공유", "고객사 보고"],
        "pointers": ["원인 파악"],
        "mechanism": ["제한 없이 재시도", "요청마다 연결을 연다"],
        "over": ["서비스가 복구됐습니다", "정상으로 돌아왔다"],
        "past": ["어젯밤 변경", "11시에 배포"],
    },
}

NOT_MEANT = [
    ("cause_4", "mailer failed to connect to the relay"),
    ("cause_4", "replicas were scaled to nine"),
    ("cause_1", "Why? Cause for concern at most"),
    ("symptom", "the parser runs in debug mode"),
    ("change", "the relay is overwhelmed by letters"),
    ("change", "a pattern emerged in the graphs"),
    ("change", "the figures are unchanged"),
    ("fix", "the ticket is not resolved"),
    ("healthy", "the target is unhealthy"),
    ("healthy", "the relay is not operational"),
    ("false_alarm", "nothing wrong with the database, so it is the relay"),
    ("always_firing", "latest alert: mailer is down"),
    ("always_firing", "watchdog: BUG: soft lockup - CPU#3 stuck for 23s"),
    ("always_firing", "systemd[1]: relay.service: Watchdog timeout (limit 30s)!"),
    ("always_firing", "this is a testimony to good logs"),
    ("cause_4", "特定のユーザーだけに出る"),
    ("wonders", "明らかな遅れがある"),
    ("wonders", "満杯ですから書けません"),
    ("symptom", "数字は落ち着いた"),
    ("healthy", "ポッドが正常に起動しない"),
    ("healthy", "プロセスが正常に終了せず"),
    ("false_alarm", "ネットワークは問題なし"),
    ("always_firing", "訓練ジョブが止まった"),
    ("healthy", "프로세스 비정상 종료"),
    ("symptom", "파일 다운로드 화면"),
    ("deed", "이전 버전을 보고 있음"),
    ("false_alarm", "네트워크는 문제 없음"),
    ("always_firing", "모델 훈련 작업이 멈춤"),
    ("healthy", "节点不正常"),
    ("without_effect", "收到无效的令牌"),
    ("wonders", "吗啡"),
    ("mechanism", "Restarted the relay without success"),
    ("mechanism", "All 200 without errors"),
    ("over", "The route to the relay is back-hauled"),
    ("remedy", "The vendor changed what its endpoint returns"),
    ("cause_2", "The connection comes from an office"),
    ("leads_on", "Mail waits, and so does the relay"),
    ("leads_on", "so the relay and its queue wait for each other"),
    ("ruled_out", "no space left on the relay"),
    ("ruled_out", "not found in the store"),
]


@pytest.mark.parametrize("language", MEANT)
def test_what_is_meant(language: str) -> None:
    said = [(kind, text) for kind, texts in MEANT[language].items() for text in texts]
    assert [(kind, text) for kind, text in said if kind not in kinds_in(text)] == []


@pytest.mark.parametrize(("kind", "text"), NOT_MEANT)
def test_what_only_looks_like_it(kind: str, text: str) -> None:
    assert kind not in kinds_in(text)


@pytest.mark.parametrize("language", LISTS)
def test_every_kind_of_a_language_has_an_example(language: str) -> None:
    assert set(LISTS[language]) == set(MEANT[language])


@pytest.mark.parametrize("language", LISTS)
def test_every_pattern_compiles_and_matches_no_empty_text(language: str) -> None:
    sources = [source for some in LISTS[language].values() for source in some]
    assert [source for source in sources if re.compile(source).search("")] == []


@pytest.mark.parametrize("language", LISTS)
def test_no_pattern_repeats_a_repeat_without_a_bound(language: str) -> None:
    sources = [source for some in LISTS[language].values() for source in some]
    assert [source for source in sources if list(_nested(parser.parse(source), 0))] == []


def _nested(tree: Any, depth: int) -> Iterator[str]:
    """Yield each repeat without a bound that stands in another one."""
    for code, value in tree:
        is_open = code in _REPEATS and value[1] == codes.MAXREPEAT
        if is_open and depth:
            yield str(value)
        for inner in _inside(code, value):
            yield from _nested(inner, depth + is_open)


def _inside(code: Any, value: Any) -> list[Any]:
    if code in _REPEATS:
        return [value[2]]
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.BRANCH:
        return list(value[1])
    return [value[1]] if code in (codes.ASSERT, codes.ASSERT_NOT) else []


_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)


def test_a_nested_repeat_would_be_seen() -> None:
    assert list(_nested(parser.parse("(?:a+b)*"), 0))
    assert not list(_nested(parser.parse("(?:a{1,9}b)*|c+"), 0))


def searched_one_by_one(text: str) -> set[str]:
    return {kind for kind, pattern in PATTERNS if pattern.search(text.lower())}


def test_one_pass_finds_what_one_by_one_finds() -> None:
    texts = [text for kinds in MEANT.values() for some in kinds.values() for text in some]
    texts += [text for _, text in NOT_MEANT]
    assert [text for text in texts if kinds_in(text) != searched_one_by_one(text)] == []


pieces = st.sampled_from(
    [text for kinds in MEANT.values() for some in kinds.values() for text in some]
    + ["İ", "ﬁ", "\n", " ", ": ", "não", "0", "?"]
)


@settings(deadline=None, max_examples=50)
@given(st.lists(pieces, max_size=4), st.text(max_size=20))
def test_one_pass_finds_the_same_in_any_text(parts: list[str], more: str) -> None:
    text = "".join(parts) + more
    assert kinds_in(text) == searched_one_by_one(text)


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("Root cause: it was caused by the relay", 1),
        ("It was caused by the relay because of a rule", 2),
        ("Mail stops due to the relay", 3),
        ("The relay failed to start", 0),
        ("根本原因：証明書", 1),
        ("원인은 인증서", 2),
        ("因为证书", 3),
        ("", 0),
    ],
)
def test_the_plainest_words_for_a_cause_count(text: str, tier: int) -> None:
    assert phrases.cause_tier(text) == tier


@pytest.mark.parametrize(
    ("text", "is_empty"),
    [
        ("Root cause identified.", True),
        ("The cause was found", True),
        ("The cause of the outage was the relay", False),
        ("原因特定。", True),
        ("原因はリレーの証明書", False),
        ("已定位原因", True),
        ("원인 확인", True),
        ("Mail is late", False),
    ],
)
def test_a_sentence_that_points_at_a_cause_and_names_none(text: str, is_empty: bool) -> None:
    assert phrases.is_empty(text) is is_empty


@pytest.mark.parametrize(
    ("text", "states", "calm"),
    [
        ("All is healthy", False, True),
        ("All is healthy because the relay is back", True, False),
        ("It is healthy, so it is not the cause", False, True),
        ("Mail is late", False, False),
    ],
)
def test_calm_words_that_blame_nothing(text: str, states: bool, calm: bool) -> None:
    assert phrases.states_cause(text) is states
    assert phrases.is_calm(text) is calm


@pytest.mark.parametrize("text", ["no " * 5_000, "cause " * 3_000, "a " * 9_000, "由" * 9_000])
def test_long_texts_come_back(text: str) -> None:
    """Returns at all: the suite's own time-out is the judge."""
    assert isinstance(kinds_in(text), frozenset)
