"""aiohttp and json, and no judgement at all: what the wire itself costs."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

BEGAN = time.perf_counter()

import aiohttp  # noqa: E402 - timed
from measure import QUESTION, Contestant, run  # noqa: E402


async def prepare(url: str) -> Contestant:
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    def body(stream: bool) -> dict[str, object]:
        messages = [{"role": "user", "content": QUESTION}]
        return {"model": "m", "messages": messages, "stream": stream}

    async def ask(words: int) -> str:
        address = f"{url}/words-{words}/v1/chat/completions"
        async with session.post(address, json=body(False)) as response:
            answer = await response.json()
        return str(answer["choices"][0]["message"]["content"])

    async def stream(words: int) -> AsyncIterator[str]:
        address = f"{url}/words-{words}/v1/chat/completions"
        async with session.post(address, json=body(True)) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        if text := choice["delta"].get("content"):
                            yield text

    return Contestant(ask, stream)


run(BEGAN, prepare)
