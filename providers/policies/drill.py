"""A short real request that proves a fallback before it is needed."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, cast

from providers.base import Attempt, LLMMessage
from providers.errors import ProviderError
from providers.policies.attempt import LiveAttempt, Question
from providers.policies.clocks import Deadline
from providers.policies.route import Pass, Route
from providers.policies.rules import Rules
from providers.tokens import estimate_prompt

_QUESTION = Question((LLMMessage("user", "Reply with the one word: ready"),), None)
_TOKENS = estimate_prompt(_QUESTION.messages)


async def drill(route: Route, rules: Rules) -> Attempt:
    """Return how it went; an answer closes the breaker, a failure counts as any other does."""
    try:
        await route.initialize()
    except ProviderError as error:
        return Attempt(route.name, route.provider.model, error.kind, phrase=error.phrase)
    permit = route.breaker.bypass()
    # Counted, but not held up by our own limits: whoever drills wants to know now.
    route.limiter.take(_TOKENS)
    deadline = Deadline(rules.clocks, rules.clock)
    live = LiveAttempt(
        route,
        Pass(permit, _QUESTION.messages, tokens=_TOKENS, slot=False),
        _QUESTION,
        rules=rules,
        deadline=deadline,
        following=0,
        reason="drill",
    )
    settled = False
    try:
        async with aclosing(cast("Any", live.events())) as events:
            async for _ in events:
                pass
        attempt, settled = live.record("ok"), True
        route.succeeded(live.granted, attempt)
    except ProviderError as error:
        attempt, settled = live.record(error.kind, error.phrase), True
        route.failed(live.granted, attempt, error)
    finally:
        if not settled:
            route.abandoned(live.granted, live.record("cancelled"))
    rules.budget.add("", attempt.cost_usd)
    rules.tell(rules.observer.attempt_ended, attempt)
    return attempt
