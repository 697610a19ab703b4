"""The words by which people and programs speak of causes, changes, symptoms and recovery."""

from __future__ import annotations

import re

# How strongly a phrase says that a cause follows. Japanese has no word boundaries to ask for.
_CAUSE_WEIGHTS: tuple[tuple[float, str], ...] = (
    (10.0, r"root[ -]cause|根本原因|真因|直接原因"),
    (
        9.0,
        r"caused by|culprit|原因特定|原因判明|が原因|原因は|cause (?:was|is|identified|found)"
        r"|(?:is|was|were|are) the cause|underlying (?:issue|problem|cause)|根因|원인",
    ),
    (
        7.0,
        r"conclud(?:e|ed|es|ing)\b|due to|because|attributed to|resulted from|turned out|起因|判明"
        r"|introduced by|causing",
    ),
    (
        5.0,
        r"identified|discovered|pinpointed|traced (?:back )?to|triggered by|the reason|realised"
        r"|realized|特定|led to|caused|as a result of|misconfigur\w{0,4}|the problem (?:is|was)"
        r"|the issue (?:is|was)|によるもの|understood that|unexpectedly|accidental(?:ly)?\b"
        r"|inadvertent(?:ly)?|mistaken(?:ly)?|by mistake|erroneous(?:ly)?|unintended|wrongly|forgot"
        r"|誤って|想定外|意図せず",
    ),
    (3.0, r"found (?:that|a|an|the|out)|not(?:ed|iced) that|appears to|確認|により|のため|ことで"),
)
_CAUSES = tuple((weight, re.compile(source, re.IGNORECASE)) for weight, source in _CAUSE_WEIGHTS)

UNSURE = re.compile(
    r"unclear|unknown|not (?:yet )?(?:known|found|clear|sure)|(?:do|does|did)(?:n't| not) know"
    r"|(?:investigat|look|search|debug)\w{0,5} (?:for |into |the |what |why )|no idea|could be"
    r"|might be"
    r"|maybe|perhaps|still (?:investigating|looking)|what (?:is|was) (?:the|causing)|why (?:is"
    r"|are|did|do)"
    r"|不明|調査中|原因調査|原因究明|かもしれ|疑い|疑う|切り分け|を調査",
    re.IGNORECASE,
)
RULED_OUT = re.compile(
    r"(?:is|was|were|are)(?:n't| not) (?:the |a )?(?:root )?(?:cause|related|relevant|problem"
    r"|issue)"
    r"|nobody (?:changed|touched)|nothing (?:was )?changed|no (?:deploys?|changes?) (?:since|today)"
    r"|has nothing to do with|(?:is|are|looks?|seems?) (?:fine|normal|ok)\b"
    r"|\bno (?:\w{1,20} ){0,3}(?:issues?|problems?|errors?) (?:were |was )?"
    r"(?:found|identified|seen)"
    r"|ruled out|unrelated|red herring|eliminated|not (?:caused|due|related)|no evidence"
    r"|false lead"
    r"|ではない|ではなかった|無関係|関係ない|除外",
    re.IGNORECASE,
)
# A repair that names what it took back, or made anew.
TAKEN_BACK = re.compile(
    r"roll(?:ed|ing)?[ -]?back|rollback|revert|re-?attach|switched back|back to v?\d|undid|undone"
    r"|restored|renewed|ロールバック|切り戻|戻した|差し戻",
    re.IGNORECASE,
)
WITHOUT_EFFECT = re.compile(
    r"(?:did|does|has)(?:n't| not) (?:help|change|fix|improve)|no (?:effect|improvement|difference)"
    r"|without (?:effect|success)|still (?:failing|broken|the same|down)|as \w{2,20} as before"
    r"|made no difference|効果(?:は)?な|変わらず|改善せず|改善しな",
    re.IGNORECASE,
)
CHANGE = re.compile(
    r"deploy|roll(?:ed|ing|s)?[ -]?out|releas(?:e|ed|ing)|upgrad(?:e|ed|ing)|updat(?:e|ed|ing)"
    r"|migrat|modif(?:y|ied|ies|ying)|re-?triggered|cordon|reconfigur"
    r"|config(?:uration)? change|feature flag|\bflag\b|merged?\b|bump|new version|replac(?:e|ed"
    r"|ing)"
    r"|enabled|disabled|changed|switch(?:ed|ing)|rotat(?:e|ed|ion)|provision|terraform|helm"
    r"|maintenance"
    r"|scaled|resiz|introduc|applied|デプロイ|リリース|変更|設定|更新|移行|導入|切り替え|適用|マージ|バージョン"
    r"|发布|变更|升级|배포|변경",
    re.IGNORECASE,
)
# A change as somebody's deed: what would stand in a change log.
DEED = re.compile(
    r"\bdeploy(?:ed|ing|s)?\b (?!(?:\w+ ){1,3}(?:finished|healthy|done))|\broll(?:ed|ing)?[ -]?out"
    r"|\b(?:upgrad|modif|migrat|switch|replac|enabl|disabl|resiz|rotat|merg|bump|appl|reconfigur"
    r"|chang|rais|lower|increas|decreas)(?:e[ds]?|ied|ies|ying|ing|g?ed|ped)\b"
    r"|\b(?:was|were|been|has) (?:updated|changed|released|scaled)|config(?:uration)? change"
    r"|\b(?:release|version) v?\d|v?\d+(?:\.\d+)+ ?(?:->|→|to) ?v?\d|pull request"
    r"|デプロイ|リリース|変更|更新|移行|導入|切り替え|適用|マージ|发布|变更|升级|배포|변경",
    re.IGNORECASE,
)
FIX = re.compile(
    r"roll(?:ed|ing)?[ -]?back|revert|\bfix(?:ed|es|ing)?\b|hotfix|mitigat|restor|restarted"
    r"|resolved"
    r"|recover|workaround|back to normal|remediat|repaired"
    r"|修正|復旧|緩和|対応|ロールバック|再起動|解消|回復",
    re.IGNORECASE,
)
SYMPTOM = re.compile(
    r"error|fail(?:ed|ing|ure|s)?|time[d]?[ -]?out|timeout|unavailable|refused|crash|slow|latenc"
    r"|\b5\d\d\b"
    r"|oom|panic|exception|denied|forbidden|unauthorized|\bfull\b|exceed|unreachable|degraded"
    r"|unhealthy"
    r"|not ?ready|evict|pending|backoff|back-off|missing|not found|no such|invalid|expired"
    r"|exhaust|saturat"
    r"|throttl|deadlock|corrupt|killed|lost|broken|reject|stuck|leak|conflict|mismatch|partition"
    r"|outage"
    r"|down\b|失敗|エラー|遅延|遅い|停止|障害|タイムアウト|落ち|不能|異常|枯渇|不足|超過|劣化|欠落|拒否|不在"
    r"|错误|失败|超时|실패|오류",
    re.IGNORECASE,
)
FAILED = re.compile(r"\bfail(?:ed|ure)|\berror|\brefused|\bcrash|失敗|エラー", re.IGNORECASE)
ALWAYS_FIRING = re.compile(
    r"always (?:be )?firing|watchdog|dead ?man'?s? ?(?:switch|snitch)|heartbeat alert"
    r"|this is a test(?: alert)?"
    r"|test alert|テストアラート|fire ?drill",
    re.IGNORECASE,
)
FALSE_ALARM = re.compile(
    r"false (?:alarm|positive)|not an (?:incident|issue)|non-issue|nothing (?:is )?wrong|spurious"
    r"|working as (?:intended|designed)|expected behavio|no (?:active|ongoing) (?:incident"
    r"|failure|problem|issue)"
    r"|誤検知|誤報|問題なし|問題ありません|正常動作",
    re.IGNORECASE,
)
HEALTHY = re.compile(
    r"(?<!un)(?<!not )healthy|recovered|returned to (?:ready|normal)|back to normal"
    r"|no (?:further|new|recent) (?:restarts?|errors?|failures?|warnings?)|operational"
    r"|all (?:pods|replicas|checks|monitors|systems) \w{0,12} ?(?:ready|healthy|ok|running)"
    r"|all \d+ (?:pods|replicas)|sustained normal|self-resolved|started cleanly|transient"
    r"|without (?:an? |any )?errors?|stable (?:since|for)"
    r"|has since been|graceful shutdown|rollout (?:completed|cleanup)"
    r"|during rollout|_state\": \"OK|unavailable\": 0|正常|復旧済",
    re.IGNORECASE,
)
# Advice of a monitor, a row of a table, a definition: words about failures, not a failure.
NOT_EVIDENCE = re.compile(
    r"^[^\n]{0,60}(?:[A-Za-z_ ()/\"-]{3,60},){4}|^(?:[^,\n]{0,80},(?! )){5}"
    r"|\b(?:check|investigate) (?:recent|downstream|the (?:logs|dep))"
    r"|^\s{0,40}\"(?:query|name|tags|type|reason|service|host|date|time|timestamp)\":"
    r"|^\s{0,40}\"[\w:.-]{2,60}\",?$|^\s{0,40}\"\w{1,60}\":\s?[\[{]"
    r"|(?-i:^`?(?:kubectl|aws|docker|helm|curl|journalctl) [^\n]{1,300}$)",
    re.IGNORECASE,
)
# How an incident is run, not why it happened.
PROCESS = re.compile(
    r"investigation|takes priority|informed|notif(?:y|ied)|declared|as a result of alerts"
    r"|communicat|status ?page|reported (?:in|by|that)|delayed|meeting|regroup|escalat|joined"
    r"|incident (?:is |was )?(?:created|declared|opened|repaired|resolved|closed)|on[- ]call"
    r"|周知|共有|連絡|起票|報告",
    re.IGNORECASE,
)
# What a healthy cluster prints, whatever words are in it.
ROUTINE = re.compile(
    r"^\s{0,40}Normal\s|RollingUpdateStrategy|\d+ desired \||:NoExecute|:NoSchedule"
    r"|\b(\d{1,4})/\1 {1,16}(?:Running|Completed) |\d/\d {1,16}Completed "
    r"|^\s{0,8}(?:Annotations|Labels|Selector|StrategyType|Replicas|Tolerations|Node-Selectors"
    r"|Priority|MinReadySeconds|Conditions|Volumes|Controlled By): {1,20}"
    r"|QoS Class|session (?:opened|closed)|^;; "
)
# Words that point at a cause without being one.
_POINTERS = re.compile(
    r"\b(?:root|cause|culprit|identified|found|later|the|was|were|is|has|been|issue|problem|and"
    r"|potential|an?|fix|investigation|discovered|of|planned)\b"
    r"|根本原因|原因|特定|判明|確認|調査|検知|ログ分析|により|[をがのは後]",
    re.IGNORECASE,
)
_LEAST_WORDS = 8


def cause_weight(text: str) -> float:
    """Return how strongly the text states a cause: 0 where it does not, or where it doubts."""
    weight = max((w for w, pattern in _CAUSES if pattern.search(text)), default=0.0)
    if weight and (RULED_OUT.search(text) or is_empty(text)):
        return 0.0
    if weight and (UNSURE.search(text) or PROCESS.search(text)):
        return weight * 0.3
    return weight


def is_empty(text: str) -> bool:
    """Say whether a sentence points at a cause, and nothing else is left of it."""
    rest, pointers = _POINTERS.subn("", text)
    # A Chinese or Japanese character says about as much as three letters.
    size = sum(3 if char > "\u2e80" else 1 for char in rest if char.isalnum())
    return pointers > 0 and size < _LEAST_WORDS
