"""Secrets that are split over lines, escaped, encoded, or cut off are hidden whole."""

from __future__ import annotations

import base64
import json
import textwrap
from urllib.parse import quote

import pytest

from bot.analysis.redact import Redactor, contains_secret

# Put together here, so that no scanner takes this file for a leak.
LETTERS = "Zq7Xw2Lm9Rk4Tn8Vb3Hy6Jd1Fs5Gp0Cu"
LONG = "".join(LETTERS[at:] + LETTERS[:at] for at in range(0, 32, 3))
KEY = "PRIVATE " + "KEY"
BEGIN, END = f"-----BEGIN RSA {KEY}-----", f"-----END RSA {KEY}-----"
JWT = f"eyJ{LONG[:60]}.eyJ{LONG[60:200]}.{LONG[200:286]}"
TOKEN = LETTERS[:24]
LINES = textwrap.wrap(LONG, 64)
PEM = "\n".join([BEGIN, *LINES, END])
SPLIT = {
    "pem": PEM,
    "pem with carriage returns": PEM.replace("\n", "\r\n"),
    "pem in json": json.dumps({"key": PEM}),
    "pem in json in json": json.dumps({"log": json.dumps({"key": PEM})}),
    "pem in a yaml block": "tls:\n  key: |\n" + textwrap.indent(PEM, "    ") + "\n  port: 1",
    "pem quoted by a mail": textwrap.indent(PEM, "> "),
    "pem in log lines": "\n".join(f"2026-03-01 10:15:02 boot: {line}" for line in PEM.split("\n")),
    "pem without its end": "\n".join([BEGIN, "Proc-Type: 4,ENCRYPTED", "", *LINES]),
    "pem without its beginning": "\n".join([*LINES, END]),
    "pem in python bytes": repr(PEM.encode()),
    "wrapped jwt": "\n".join(textwrap.wrap(JWT, 64)),
    "wrapped and indented jwt": "token: >-\n"
    + textwrap.indent("\n".join(textwrap.wrap(JWT, 76)), "    "),
    "jwt in a shell": " \\\n".join(["curl", f"  -H 'Authorization: Bearer {JWT}'", "  https://a"]),
    "jwt with escaped breaks": json.dumps({"t": "\n".join(textwrap.wrap(JWT, 64))}),
    "folded header": f"Authorization:\n  Bearer {TOKEN}",
    "yaml value on the next line": f"db:\n  password:\n    {TOKEN}\n  port: 1",
    "yaml block value": f"api_key: |\n  {TOKEN}\nport: 1",
    "yaml folded value": f"secret: >-\n  {TOKEN}\n",
    "json value on the next line": f'{{"client_secret":\n    "{TOKEN}"}}',
    "container environment": f"env:\n- name: DB_PASSWORD\n  value: {TOKEN}\n",
    "container environment in json": f'{{"name": "API_TOKEN", "value": "{TOKEN}"}}',
    "described container": f"    Environment:\n      DB_PASSWORD:   {TOKEN}\n      PORT: 80",
    "flag on the next line": f"run --user shop \\\n  --password \\\n  {TOKEN}",
    "wrapped base64 in yaml": "client-key-data: >-\n" + "\n".join(f"  {line}" for line in LINES),
    "url encoded address": quote(f"postgres://shop:{TOKEN}@db/shop", safe=""),
    "url encoded assignment": "https://a/?next=" + quote(f"/b?access_token={TOKEN}", safe=""),
    "url query": f"GET /callback?state=1&access_token={TOKEN}&scope=a HTTP/1.1",
    "bearer in a url": f"GET /a?auth=Bearer%20{TOKEN}",
    "escaped json": json.dumps(json.dumps({"password": TOKEN})),
    "stack trace": f"ValueError: bad dsn\n    dsn = 'amqp://guest:{TOKEN}@mq/'\nat a.b(C.java:1)",
    "python repr": f"Request(headers=[('Authorization', 'Bearer {TOKEN}')])",
    "python tuple": f"[('user', 'shop'), ('password', '{TOKEN}')]",
    "go map": f"map[password:{TOKEN} user:shop]",
    "go header": f"map[Authorization:[Bearer {TOKEN}]]",
    "xml": f"<server><password>{TOKEN}</password></server>",
    "words in quotes": '"db_password": "correct horse 9 battery"',
    "words of every day": "'password': 'the cat sat on 9 mats'",
    "unknown scheme": f"Authorization: ApiToken {TOKEN}",
    "key of a certificate in base64": "  tls.key: "
    + base64.b64encode(f"{BEGIN}\n{LONG}".encode()).decode(),
    "single quotes": f"password='{TOKEN} with space'",
    "command": f"curl -u shop:{TOKEN} https://a",
    "mysql": f"mysql -h db -u root -p{TOKEN} shop",
    "putty": f"Private-Lines: 2\n{LINES[0]}\n{LINES[1]}\n",
    "said": f"the password is {TOKEN} now",
    "digest": f'Authorization: Digest username="a", realm="b", response="{LONG[:32]}"',
    "aws signature": f"Authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature={LONG[:64]}",
    "docker run": f"docker run -e DB_PASSWORD={TOKEN} -e A=b shop",
    "rest of the line": f"DB_PASSWORD={TOKEN[:6]},x;y&{TOKEN[6:20]}",
}


@pytest.mark.parametrize("text", SPLIT.values(), ids=SPLIT)
def test_nothing_of_it_is_left(text: str) -> None:
    hidden = Redactor().redact(text)
    encoded = base64.b64encode(f"{BEGIN}\n{LONG}".encode()).decode()
    secrets = (JWT, LONG, TOKEN, "correct horse 9 battery", "the cat sat on 9 mats", encoded)
    parts = {secret[at : at + 8] for secret in secrets for at in range(len(secret) - 7)}
    assert any(part in text for part in parts)
    assert not [part for part in sorted(parts) if part in hidden]
    assert not contains_secret(hidden)
    assert Redactor().redact(hidden) == hidden


def test_what_follows_a_wrapped_value_stays() -> None:
    hidden = Redactor().redact(f"{JWT}\nend of it\nERROR\n")
    assert hidden == "[SECRET:jwt:1]\nend of it\nERROR\n"


def test_what_follows_a_key_without_its_end_stays() -> None:
    text = "\n".join([BEGIN, *LINES, "2026-03-01 ERROR cannot read the key"])
    hidden = Redactor().redact(text)
    assert hidden == "[SECRET:private-key:1]\n2026-03-01 ERROR cannot read the key"
