"""LiteLLM's Router with one fallback; no retries, no cooldowns, its price map from the disk."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator

BEGAN = time.perf_counter()
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from litellm import Router  # noqa: E402 - timed
from measure import QUESTION, Contestant, run  # noqa: E402


async def prepare(url: str) -> Contestant:
    def deployment(name: str, path: str) -> dict[str, object]:
        parameters = {"model": "openai/m", "api_base": f"{url}/{path}/v1", "api_key": "k"}
        return {"model_name": name, "litellm_params": parameters}

    names = {words: f"words-{words}" for words in (5, 20, 1_020)}
    router = Router(
        model_list=[
            *(deployment(name, name) for name in names.values()),
            deployment("dead", "dead"),
        ],
        fallbacks=[{"dead": [names[5]]}],
        num_retries=0,
        disable_cooldowns=True,
    )
    messages = [{"role": "user", "content": QUESTION}]

    async def ask(words: int) -> str:
        answer = await router.acompletion(model=names[words], messages=messages)
        return answer.choices[0].message.content or ""

    async def told(name: str) -> AsyncIterator[str]:
        chunks = await router.acompletion(
            model=name, messages=messages, stream=True, stream_options={"include_usage": True}
        )
        async for chunk in chunks:
            for choice in chunk.choices:
                if choice.delta.content:
                    yield choice.delta.content

    return Contestant(ask, lambda words: told(names[words]), lambda: told("dead"))


run(BEGAN, prepare)
