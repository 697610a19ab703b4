"""What must stay: a placeholder where none belongs costs the analysis what it lives on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.redact import Redactor, contains_secret

HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
ORDINARY = [
    "2026-03-01T10:15:02.123456Z ERROR payment 5021 took 1845 ms",
    "I0301 10:15:02.123456 1 controller.go:42] synced 4242424242 objects",
    "ts=1775452950.642117 id=1775452950642117 seq=4111111111111112",
    "Mar  1 10:15:02 web-1 kernel: [123456.789012] eth0: link is up",
    '10.0.0.7 - - [01/Mar/2026:10:15:02 +0000] "GET /a?page=2&sort=key HTTP/1.1" 200 4523',
    "commit 0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccdd",
    "deployed 0f1e2d3 (was a9b8c7d)",
    "image registry.local/shop@sha256:" + HEX * 2,
    f"trace_id={HEX} span_id={HEX[:16]} request_id={UUID}",
    f"traceparent: 00-{HEX}-{HEX[:16]}-01",
    f"X-Request-Id: {UUID}",
    f"idempotency_key={UUID} cache_key=user:42:profile partition_key=orders-2026-03",
    f"cache key {HEX} not found, key={HEX}",
    "pod web-6d8f9b7c5-h9k2m on 10.244.5.10:8080",
    "arn:aws:iam::123456789012:role/shop-payments",
    "i-0f1e2d3c4b5a69788 in vpc-0a1b2c3d4e5f67890 is unreachable",
    "at com.example.shop.payment.PaymentGatewayClientFactory$Inner.lambda$create$0(A.java:12)",
    "/var/lib/kubelet/pods/" + UUID + "/volumes/kubernetes.io~secret/db",
    "open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory",
    "RAS KERNEL INFO generating core.2275 0x0fe426c8 00000000 deadbeef cafebabe",
    "1117838570 2005.06.03 R02-M1-N0-C:J12-U11 instruction cache parity error corrected",
    "r00=0x00000000 r01=0x1eeeeeee r02=0x0fe426c8 lr:00544eb8 cr:24244448 xer:00000002",
    "0000: 4111 1111 2222 3333 4444 5555 6666 7777 8888",
    'http_requests_total{code="500"} 4.111111111111111e+15 1772359200000',
    "cpu 0.4111111111111111,mem 4111.1111,p99 1845.25",
    "unexpected token: identifier in line 4",
    "Unexpected token < in JSON at position 0",
    "secret: not found",
    'secret "foo-tls" not found',
    "secretName: foo-tls",
    "secret=shop/db-credentials reason=NotFound",
    'MountVolume.SetUp failed for volume "creds" : secret "default-token-x7k2p" not found',
    "kubectl create secret generic shop --from-file=a",
    "secretKeyRef: {name: db-credentials, key: password}",
    "DB_PASSWORD:  <set to the key 'password' in secret 'db-credentials'>",
    "password=null token=${TOKEN} secret=<none> api_key=*** password: [REDACTED]",
    "password=$DB_PASSWORD token={{ .Values.token }} secret=%s key=$(cat key.pem)",
    'FATAL: password authentication failed for user "shop"',
    "Access denied for user 'root'@'localhost' (using password: YES)",
    "token expired at 10:15:02",
    "the token is expired, the password is wrong",
    "invalid token: expired",
    "jwt: token is malformed: token contains an invalid number of segments",
    "password: required",
    '{"password": "is too short", "email": "must not be empty"}',
    "PWD=/srv/app OLDPWD=/root pwd: /var/lib",
    "tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUN6akNDQWJhZ0F3SUJBZ0lR",
    "authorization: failed for user shop",
    "max_tokens=4096 prompt_tokens: 1234 next_token=page-2",
    "tokens: 8192",
    "token_type=bearer token_count=17 tokenizer=cl100k",
    "authorization header missing",
    "Authorization: required",
    "authentication: disabled",
    "bearer token missing",
    "WWW-Authenticate: Bearer realm=shop",
    "cookie: not found",
    "the key is rotated every week",
    "key=value where the value is a plain word",
    "primary key violation: duplicate key value violates unique constraint orders_pkey",
    "keys=17 hot_key=cart public_key=/etc/ssl/public.pem key_id=abc123def456",
    "foreign_key: order_items.order_id",
    "KeyError: 'customer_id'",
    "ssh-keygen -t ed25519; chown root:root /etc/ssl/key.pem",
    "react@18.2.0 lodash@4.17.21 @types/node@22.1.0 icon@2x.png",
    "user@1000.service: Main process exited",
    "rabbit@rabbitmq-0.rabbitmq-headless.shop.svc.cluster.local is down",
    "git@github.com:shop/web.git",
    "http://shop.internal:8080/a@b/c",
    "jdbc:mysql://db-1:3306,db-2:3306/shop?user=app",
    "redis://cache-0:6379,cache-1:6379",
    "postgres://shop@db.internal/shop",
    "postgres://shop:${DB_PASSWORD}@db/shop",
    "sk-learn and risk-based task-queue-of-the-shop-frontend-team-in-berlin",
    "task-queue-worker-deployment-for-payments",
    "pypi-mirror npm_config_cache=/tmp/npm hf_home=/models",
    "the base64 of a word is d29yZA==",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "+0000 +02:00 +12 -5 +1234567 rows",
    "offset 1772359200000000000 lag +1772359200",
    "接続プールが枯渇した",
    "パスワードが間違っています",
    "密码错误",
    "no of errors: 3, secrets: 4, credentials: none",
    "login failed: password incorrect",
    "pass: 12 fail: 3",
    "tests pass=12 fail=3 skip=1",
    "the deploy of shop-web v1.2.3 (build 20260301.4) is basic but fine",
    "Basic authentication is off",
    "size=-us14 region us-east-1 zone eu-west-1b",
    "ULID 01ARZ3NDEKTSV4RRFFQ69G5FAV",
    'etag W/"0815-AbCdEf"',
    "sessionid: 0x14ede63a5a70002",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    redactor = Redactor()
    assert redactor.redact(text) == text
    assert redactor.count == 0


@given(
    st.from_regex(r"[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{16}", fullmatch=True),
    st.sampled_from(
        ["commit {}", "trace_id={}", "sha256:{}", '{{"id": "{}"}}', "key {}", "at 0x{}"]
    ),
)
def test_hashes_and_ids_stay(digest: str, frame: str) -> None:
    assert not contains_secret(frame.format(digest))


@given(st.uuids(), st.sampled_from(["request {}", "id={}", "pod web-{}", "cache_key: {}"]))
def test_uuids_stay(name: object, frame: str) -> None:
    assert not contains_secret(frame.format(name))


@given(st.floats(allow_nan=False, allow_infinity=False), st.datetimes())
def test_figures_and_times_stay(figure: float, time: object) -> None:
    assert not contains_secret(f"{time} value={figure} {figure!r},{figure}")
