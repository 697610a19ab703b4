"""What a further question wants, in four languages, and the names that it uses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.questions import Intent, intent, terms
from bot.analysis.subjects import called

AGAIN, FULL, WHEN, NEXT = Intent.AGAIN, Intent.FULL, Intent.WHEN, Intent.NEXT
WHY, SUSPECT, CHANGED, ABOUT = Intent.WHY, Intent.SUSPECT, Intent.CHANGED, Intent.ABOUT


@pytest.mark.parametrize(
    ("question", "wanted", "names"),
    [
        ("", AGAIN, []),
        ("again", AGAIN, []),
        ("rerun please", AGAIN, []),
        ("and now?", AGAIN, []),
        ("what's new?", AGAIN, []),
        ("thanks!", AGAIN, []),
        ("what happened since then?", AGAIN, []),
        ("<https://acme.slack.com/archives/C1/p1767268800000000>", AGAIN, []),
        ("もう一度お願いします", AGAIN, []),
        ("再実行して", AGAIN, []),
        ("再来一次", AGAIN, []),
        ("다시 분석해 주세요", AGAIN, []),
        ("full", FULL, []),
        ("show me the whole report again, please", FULL, []),
        ("全部", FULL, []),
        ("전체 보고서", FULL, []),
        ("is the whole cluster down?", ABOUT, ["cluster"]),
        ("全部のポッドが落ちた？", ABOUT, ["ポッド"]),
        ("when did it start?", WHEN, []),
        ("and since when?", WHEN, []),
        ("when was orders deployed?", WHEN, ["orders", "deployed"]),
        ("is it fixed?", WHEN, ["fixed"]),
        ("いつから始まりましたか？", WHEN, []),
        ("什么时候开始的？", WHEN, []),
        ("언제 시작했나요?", WHEN, []),
        ("what should we check next?", NEXT, []),
        ("how do we fix it?", NEXT, []),
        ("下一步怎么办？", NEXT, []),
        ("다음은?", NEXT, []),
        ("why?", WHY, []),
        ("why do you think it's the pool?", WHY, ["pool"]),
        ("why did checkout fail again?", WHY, ["checkout"]),
        ("what is the root cause?", WHY, []),
        ("なぜプールだと思いますか？", WHY, ["プール"]),
        ("为什么是连接池？", WHY, ["连接池"]),
        ("왜?", WHY, []),
        ("is the network the cause?", SUSPECT, ["network"]),
        ("what about the database?", SUSPECT, ["database"]),
        ("データベースはどうですか？", SUSPECT, ["データベース"]),
        ("是不是网络的问题？", SUSPECT, ["网络"]),
        ("데이터베이스 때문인가요?", SUSPECT, ["데이터베이스"]),
        ("was that the cause?", WHY, []),
        ("what changed?", CHANGED, []),
        ("who deployed?", CHANGED, ["deployed"]),
        ("誰がデプロイしましたか？", CHANGED, []),
        ("谁部署的？", CHANGED, []),
        ("누가 배포했나요?", CHANGED, []),
        ("was the deploy the cause?", SUSPECT, ["deploy"]),
        ("which pods are affected?", ABOUT, ["pods", "affected"]),
        ("nginx", ABOUT, ["nginx"]),
        ("数据库有问题吗？", ABOUT, ["数据库"]),
        ("who is on it?", ABOUT, []),
    ],
)
def test_a_question_is_known_by_its_words(question, wanted, names):
    assert intent(question) is wanted
    assert [term.word for term in terms(question)] == names


@pytest.mark.parametrize(
    ("name", "line", "found"),
    [
        ("database", "orders-db: FATAL slots are reserved", True),
        ("数据库", "postgres: too many clients", True),
        ("データベース", "MySQL server has gone away", True),
        ("api", "capital is low", False),
        ("api", "the API is slow", True),
        ("orders", "order 17 failed", True),
        ("pool", "connection slots left: 0", True),
        ("pool", "spool is full", False),
        ("メモリ", "OOMKilled", True),
        ("プール", "プールが枯渇", True),
        ("net", "netflow", False),
    ],
)
def test_a_thing_is_found_by_its_other_names(name, line, found):
    assert (called(name).search(line) is not None) is found


@given(st.text(max_size=3_000))
def test_whatever_is_asked_has_an_intent(question):
    assert intent(question) in set(Intent)
    assert len({term.word.lower() for term in terms(question)}) == len(terms(question))


def test_a_long_question_costs_no_more_than_its_beginning():
    assert len(terms("word " * 100_000 + "pool")) == 1
