"""The openai SDK as it is, without retries; it has no fallback."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

BEGAN = time.perf_counter()

from measure import QUESTION, Contestant, run  # noqa: E402
from openai import AsyncOpenAI  # noqa: E402 - timed


async def prepare(url: str) -> Contestant:
    clients: dict[int, AsyncOpenAI] = {}

    def client(words: int) -> AsyncOpenAI:
        if words not in clients:
            base_url = f"{url}/words-{words}/v1"
            clients[words] = AsyncOpenAI(base_url=base_url, api_key="k", max_retries=0)
        return clients[words]

    async def ask(words: int) -> str:
        answer = await client(words).chat.completions.create(
            model="m", messages=[{"role": "user", "content": QUESTION}]
        )
        return answer.choices[0].message.content or ""

    async def stream(words: int) -> AsyncIterator[str]:
        chunks = await client(words).chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in chunks:
            for choice in chunk.choices:
                if choice.delta.content:
                    yield choice.delta.content

    client(5)
    return Contestant(ask, stream)


run(BEGAN, prepare)
