"""Secrets never survive redaction, ordinary text always does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.redact import Redactor, contains_secret

# Put together here, so that no scanner takes this file for a leak.
LETTERS = "Zq7Xw2Lm9Rk4Tn8Vb3Hy6Jd1Fs5Gp0Cu" * 4
HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEY_LINE = "PRIVATE " + "KEY"
SECRETS = {
    "private-key": f"-----BEGIN {KEY_LINE}-----\n{LETTERS}\n{LETTERS}\n-----END {KEY_LINE}-----",
    "jwt": f"eyJ{LETTERS[:20]}.eyJ{LETTERS[:30]}.{LETTERS[:40]}",
    "aws-key": "AKIA" + "QWERTYUIOPASDFGH",
    "github-token": "ghp_" + LETTERS[:36],
    "github-fine-token": "github_pat_" + LETTERS[:50],
    "gitlab-token": "glpat-" + LETTERS[:20],
    "slack-token": "xoxb-" + "123456789012-" + LETTERS[:24],
    "slack-app-token": "xapp-1-" + LETTERS[:24],
    "openai-key": "sk-proj-" + LETTERS[:40],
    "anthropic-key": "sk-ant-api03-" + LETTERS[:40],
    "stripe-key": "sk_live_" + LETTERS[:24],
    "google-key": "AIza" + LETTERS[:35],
    "google-token": "ya29." + LETTERS[:40],
    "npm-token": "npm_" + LETTERS[:36],
    "pypi-token": "pypi-" + LETTERS[:60],
    "huggingface-token": "hf_" + LETTERS[:34],
    "sendgrid-key": f"SG.{LETTERS[:22]}.{LETTERS[:43]}",
    "vault-token": "hvs." + LETTERS[:24],
    "twilio-key": "SK" + HEX,
    "databricks-key": "dapi" + HEX,
}
IN_PLACE = {
    "url password": ("postgres://shop:{}@db.internal:5432/shop", "pg-Pass-9921"),
    "redis url": ("redis://:{}@cache:6379/0", "r3dis-word"),
    "authorization header": ("Authorization: Bearer {}", LETTERS[:30]),
    "basic authorization": ("authorization: Basic {}", "c2hvcDpzaG9wMTIz"),
    "bearer in prose": ("curl with bearer {} failed", LETTERS[:30]),
    "cookie": ("Cookie: {}", "session=abc123def456; theme=dark"),
    "set-cookie": ("Set-Cookie: {}", "sid=8877665544; Path=/"),
    "env assignment": ("DB_PASSWORD={}", "hunter2-and-more"),
    "json field": ('{{"client_secret": "{}"}}', "plainlookingvalue"),
    "yaml field": ("api_key: {}", "abc123def456"),
    "japanese": ("パスワード：{}", "himitsu-123"),
    "signed url": ("GET /file?x-amz-signature={}&a=1", HEX),
    "storage account": ("AccountKey={}", LETTERS[:44]),
    "webhook": ("https://hooks.slack.com/services/{}", "T000/B000/" + LETTERS[:24]),
    "email": ("reported by {}", "jane.doe+ops@mail.example.com"),
    "phone": ("call {} now", "+44 20 7946 0958"),
    "card": ("card {} declined", "4111 1111 1111 1111"),
}
ORDINARY = [
    "2026-03-01T10:15:02.123456Z ERROR payment 5021 took 1845 ms",
    "I0301 10:15:02.123456 1 controller.go:42] synced 4242424242 objects",
    "ts=1775452950.642117 id=1775452950642117 seq=4111111111111112",
    "unexpected token: identifier in line 4",
    "secret: not found",
    "pod web-6d8f9b7c5-h9k2m on 10.244.5.10:8080",
    "kubectl create secret generic shop --from-file=a",
    "password=null token=${TOKEN} secret=<none>",
    "commit 0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccdd",
    "image registry.local/shop@sha256:" + HEX * 2,
    "接続プールが枯渇した",
]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("frame", ["{}", "x {} y", '{{"k": "{}"}}', "at app.py:3\n  {}\nend"])
def test_a_vendor_secret_is_hidden_wherever_it_stands(secret: str, frame: str) -> None:
    hidden = Redactor().redact(frame.format(secret))
    assert secret not in hidden
    assert "[SECRET:" in hidden
    assert not contains_secret(hidden)


@pytest.mark.parametrize(("frame", "secret"), IN_PLACE.values(), ids=IN_PLACE)
def test_a_value_in_a_telling_place_is_hidden(frame: str, secret: str) -> None:
    hidden = Redactor().redact(frame.format(secret))
    assert secret not in hidden
    assert "[SECRET:" in hidden


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    redactor = Redactor()
    assert redactor.redact(text) == text
    assert redactor.count == 0


def test_the_same_secret_has_the_same_placeholder_within_a_run() -> None:
    redactor = Redactor()
    one, other = SECRETS["github-token"], SECRETS["aws-key"]
    first = redactor.redact(f"{one} and {other}")
    assert first == "[SECRET:github-token:1] and [SECRET:aws-key:2]"
    assert redactor.redact(f"again {other}") == "again [SECRET:aws-key:2]"
    assert redactor.count == 2


def test_overlapping_secrets_are_hidden_as_one() -> None:
    hidden = Redactor().redact(f"Authorization: Bearer {SECRETS['jwt']}")
    assert hidden == "Authorization: Bearer [SECRET:jwt:1]"


@pytest.mark.parametrize(
    "seed",
    ["eyJ", "eyJaaaaaaaaaaa.", "sk-", "cookie:", "x://a:", "a@", "bearer ", "4111 ", "-----BEGIN "],
)
def test_a_hostile_repetition_comes_to_rest(seed: str) -> None:
    """Returns at all, and leaves no tail of what it hid: the suite's own time-out is the judge."""
    assert not contains_secret(Redactor().redact(seed * (100_000 // len(seed))))


def test_a_long_secret_leaves_no_tail() -> None:
    secret = LETTERS * 60
    assert Redactor().redact(f"Authorization: Bearer {secret} end").endswith(":1] end")


def test_a_private_key_without_its_end_is_hidden_too() -> None:
    cut = SECRETS["private-key"].split("-----END")[0]
    assert LETTERS not in Redactor().redact(cut)


planted = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(sorted(SECRETS.values())),
        st.sampled_from([frame.format(secret) for frame, secret in IN_PLACE.values()]),
        st.sampled_from(
            ["[SECRET:jwt:1]", "password=", "Cookie: ", "Bearer ", "://a:", "@", "\x00"]
        ),
    ),
    max_size=8,
)


@given(planted, st.sampled_from(["", " ", "\n", '"', "="]))
def test_redaction_is_idempotent_and_complete(parts: list[str], joint: str) -> None:
    hidden = Redactor().redact(joint.join(parts))
    assert Redactor().redact(hidden) == hidden
    assert not contains_secret(hidden)
