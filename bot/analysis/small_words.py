"""Words that carry a question and name nothing: what is left without them is what it is about."""

from __future__ import annotations

import re

# Chinese, Japanese and Korean write them without spaces around.
GRAMMAR = re.compile(
    r"什么时候|什麼時候|为什么|為什麼|是不是|会不会|什么|什麼|怎么样|怎么|怎麼|问题|問題"
    r"|原因|開始|开始|何时|何時|变更|變更|変更|部署|发布|关系|关于|現在|现在|情况|状況"
    r"|報告|报告|分析|请问|可以|有没有|没有|有关|根拠|依据|说明|説明|要約|总结|解释|重新"
    r"|再来|再分析|再実行|再度|全部|全文|全体|完整|詳細|详细|更新|最新|関係|直前|此前|직전"
    r"|[何誰谁哪吗呢吧的了是有在和与跟把被这那次下一步多久几点时候由因]|디플로이|언제|누가"
    r"|무엇|무슨|어떻게|어때|어디|왜|원인|관련|때문|배포|변경|시작|문제|다음|다시|전체"
    r"|전부|근거|설명|요약|이유|분석해?|보고서|(?:해 ?)?주세요|해 ?줘|인가요|인가|인지"
    r"|입니까|습니까|했나요|됐나요|하나요|있나요|나요|デプロイ|リリース|レポート"
)
PARTICLE = re.compile(r"(?<=[\uac00-\ud7af])(?:은|는|이|가|을|를|의|도|에서|에|와|과|로|으로)$")
_STOP = """
a about above actually after again against all already also am an analyse analysis analyze and
anew answer any anybody anyone anything are as ask at be because been before began begin behind
being blame bot but by can cause caused causes change changed changes changing check come
complete could culprit did do does doing done down due during each else entire everything
evidence exactly explain fault fine first fix for from full get give go going good great had
happen help helped helps happened happening happens has have hey hello hi him how i idea if in
incident into involved is isn it its just know last latest less let like long look made make
makes many maybe me might mitigate more most much must my need new news next no not nothing now
of off ok okay on once one only or other our out over please possible possibly prevent problem
really reason refresh related report rerun re-run resolve responsible retry right root rule
ruled run said say says see seen shall she should show shows since so solve some somebody
someone something start started starts status still stop stopped sure tell than thank thanks
that the their them then there these they thing things think this those time to too touched true
try until up update updated updates us verify very was wasn way we well went were what when
where whether which while who whole whose why will with without wonder would wrong yes yet you
your summarise summarize summary confirm rca issue mean means broke break breaks fail failed
fails failing failure today yesterday current currently far who's what's it's that's isn't
wasn't didn't doesn't don't can't won't i'm let's
"""
_SMALL_TALK = """
and any anything are current currently going good great happened happening hello hey hi how is
it latest look looks new news no now ok okay on please so still status thank thanks the there
things today update updates updated well what what's yes you
"""

STOP = frozenset(_STOP.split())
SMALL_TALK = frozenset(_SMALL_TALK.split())
"""What is left of "and now?", "any update?", "thanks!": no question of its own."""
