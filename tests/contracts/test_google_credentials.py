"""Tokens of a service account, by Google's own library, from a token server on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VENDORS_PYTHON = ROOT / ".venv-sdks" / "bin" / "python"
OPENSSL = shutil.which("openssl")

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(
        OPENSSL is None or not VENDORS_PYTHON.exists(), reason="needs openssl and .venv-sdks"
    ),
]


class TokenServer:
    """Hands out numbered tokens, or refuses with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.status != 200:
            told = {"error": "invalid_grant", "error_description": "secret text"}
            return web.json_response(told, status=self.status)
        token = {"access_token": f"token-{self.asked}", "expires_in": 3600}
        return web.json_response({**token, "token_type": "Bearer"})


@pytest.fixture
async def tokens() -> AsyncIterator[TokenServer]:
    server = TokenServer()
    app = web.Application()
    app.router.add_post("/token", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/token"
    yield server
    await runner.cleanup()


@pytest.fixture(scope="session")
def private_key() -> str:
    command = [str(OPENSSL), "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


@pytest.fixture
def account(tokens: TokenServer, private_key: str, tmp_path: Path) -> Path:
    file = tmp_path / "account.json"
    account = {
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "1",
        "private_key": private_key,
        "client_email": "bot@my-project.iam.gserviceaccount.com",
        "token_uri": tokens.url,
    }
    file.write_text(json.dumps(account))
    return file


async def ask(file: Path) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        str(VENDORS_PYTHON),
        str(HERE / "ask_google_credentials.py"),
        str(file),
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(50):
            out, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complaint.decode()[-2000:]
    told: list[dict[str, Any]] = json.loads(out)
    return told


async def test_a_token_is_kept_while_it_lasts_and_not_after_a_refusal(
    tokens: TokenServer, account: Path
) -> None:
    told = [headers["Authorization"] for headers in await ask(account)]
    assert told == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    assert tokens.asked == 2


async def test_an_account_that_is_refused(tokens: TokenServer, account: Path) -> None:
    tokens.status = 400
    told = await ask(account)
    assert {answer["kind"] for answer in told} == {"authentication"}
    assert "secret" not in str(told)


@pytest.mark.parametrize("text", [None, "{}", "not json"])
async def test_a_file_that_is_no_account(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "account.json"
    if text is not None:
        file.write_text(text)
    assert {answer["kind"] for answer in await ask(file)} == {"configuration"}
