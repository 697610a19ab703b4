"""Each loopback server satisfies the vendor's own library first: the wires are not our idea."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
VENDORS_PYTHON = HERE.parents[1] / ".venv-sdks" / "bin" / "python"
OURS = {"anthropic", "bedrock", "openai", "azure", "vllm", "lmstudio"}
"""Their libraries are the product's own; vLLM, LM Studio and Azure are OpenAI's wire."""


def python_for(provider: str) -> str:
    if provider in OURS:
        return sys.executable
    if not VENDORS_PYTHON.exists():
        pytest.skip(f"no {VENDORS_PYTHON}: see requirements-sdks.txt")
    return str(VENDORS_PYTHON)


async def ask(wire: Any, server: Any) -> dict[str, Any]:
    is_openais = wire.chat_path.endswith("/chat/completions")
    vendor = "openai" if is_openais and wire.provider in OURS else wire.provider
    place = wire.chat_path.removesuffix("/chat/completions") if is_openais else ""
    process = await asyncio.create_subprocess_exec(
        python_for(wire.provider),
        str(HERE / "vendor_clients.py"),
        vendor,
        server.url + place,
        wire.model,
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
    report: dict[str, Any] = json.loads(out)
    return report


@pytest.mark.peer
async def test_the_vendors_own_client_reads_this_wire(
    wire: Any, server: Any, clean_environment: None
) -> None:
    server.answers(*wire.opening(), wire.text("Hello "), wire.text("障害"), *wire.closing())
    server.fails(429, wire.error_body("rate_limit_error"))
    server.answers(*wire.opening(), wire.text("Hel"), wire.in_band("server_error"))
    report = await ask(wire, server)
    text, stop, tokens = report["answer"]
    assert (text, stop in wire.stops) == ("Hello 障害", True)
    assert tokens in (5, 7)
    assert report["refused"]["status"] == 429
    assert [request.path for request in server.chats] == [wire.chat_path] * 3
    assert report["broken"]["name"]
