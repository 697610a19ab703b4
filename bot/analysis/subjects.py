"""What a thing that people ask about is called in logs: "the database" is `postgres` there."""

from __future__ import annotations

import re

# Each line is one subject: the words that people say for it, and how logs and people name it too.
_SUBJECTS: tuple[tuple[str, str], ...] = (
    (
        "database databases db sql データベース データーベース 数据库 資料庫 데이터베이스 디비",
        r"database|\bdbs?\b|[\w]-db\b|\bdb-\w|postgres|mysql|mariadb|\bsql\b|sqlstate|innodb|mongo"
        r"|oracle|データベース|数据库|資料庫|데이터베이스",
    ),
    (
        "network networking ネットワーク 网络 網路 네트워크",
        r"network|packet|\bmtu\b|no route|unreachable|connection reset|tcp\b|firewall"
        r"|ネットワーク|网络|네트워크",
    ),
    ("dns resolver 名前解決", r"\bdns\b|resolv|no such host|nxdomain|servfail|名前解決"),
    (
        "memory ram heap メモリ メモリー 内存 記憶體 메모리",
        r"memory|\boom|heap|\brss\b|out of mem|evict|メモリ|内存|메모리",
    ),
    (
        "disk disks storage volume ディスク ストレージ 磁盘 硬盘 디스크",
        r"\bdisks?\b|storage|volume|no space|inode|\bpvc?\b|\bio wait|ディスク|磁盘|디스크",
    ),
    ("cpu プロセッサ", r"\bcpu\b|throttl|load average"),
    (
        "cache caching キャッシュ 缓存 快取 캐시",
        r"\bcach|redis|memcache|キャッシュ|缓存|캐시",
    ),
    (
        "queue queues kafka rabbitmq キュー 队列 큐",
        r"queue|kafka|rabbit|\bsqs\b|consumer lag|backlog|broker|キュー|队列",
    ),
    (
        "certificate certificates cert certs tls ssl 証明書 证书 인증서",
        r"certificate|\bcerts?\b|\btls\b|\bssl\b|x509|証明書|证书|인증서",
    ),
    (
        "deployment deploy deploys deployed release rollout デプロイ リリース",
        r"deploy|releas|roll(?:ed|ing|s)?[ -]?out|デプロイ|リリース|部署|发布|배포",
    ),
    (
        "pool pools connections プール 连接池 連接池 커넥션풀",
        r"\bpool|connections?\b[^\n]{0,20}(?:slots|left|exhaust|limit)|max_connections"
        r"|too many (?:clients|connections)|プール|连接池|連接池",
    ),
    (
        "kubernetes k8s pods pod node nodes cluster クラスタ ポッド 集群 클러스터",
        r"kube|\bk8s\b|\bpods?\b|\bnodes?\b|cluster|クラスタ|集群|클러스터",
    ),
    (
        "auth login logins authentication credentials permission permissions 認証 登录 로그인",
        r"\bauth|login|sign-?in|credential|token|permission|denied|forbidden|401|403|認証|登录",
    ),
    (
        "config configuration settings flag 設定 配置 설정",
        r"config|setting|\bflags?\b|設定|配置|설정",
    ),
)
_BY_WORD = {word: pattern for words, pattern in _SUBJECTS for word in words.split()}
_LATIN = re.compile(r"[A-Za-zÀ-ɏ0-9]")


def called(name: str) -> re.Pattern[str]:
    """Return what finds a name in a line: as a word, in the plural too, or by its other names."""
    lowered = name.lower()
    if known := _BY_WORD.get(lowered):
        return re.compile(rf"{known}|(?<![a-z0-9]){re.escape(lowered)}", re.IGNORECASE)
    if not _LATIN.match(name):
        return re.compile(re.escape(name))
    stem = lowered[:-1] if len(lowered) > 4 and lowered.endswith("s") else lowered
    # A short name must stand alone: "api" is no part of "capital".
    end = r"(?![a-z0-9])" if len(stem) < 4 else ""
    return re.compile(rf"(?<![a-z0-9]){re.escape(stem)}{end}", re.IGNORECASE)
