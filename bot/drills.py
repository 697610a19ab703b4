"""Prove each provider of the chain by a short real call, before it is needed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.chain import Chain
from bot.proved import read_proved, write_proved
from bot.settings import SettingsError
from providers.base import Attempt

_TODO = {
    "configuration": "set its key and address, see .env.example",
    "authentication": "make a new key, or allow it this model",
    "quota": "add credit to the account",
    "model_not_found": "name a model that it has: see its list with rca-bot doctor",
    "invalid_request": "name a model that takes plain questions",
    "first_content_timeout": "wait longer for it: RCA_PROVIDER_CLOCKS=name:first_content=60",
    "unreachable": "check its address, the network and the proxy",
    "rate_limited": "ask for a higher limit, or drill at another time",
}


def key_of(chain: Chain, name: str) -> str:
    """Return under what a provider's proof is kept: another model has to be proved anew."""
    return f"{name}:{chain.manager.get_provider_health_status()[name]['model']}"


def remember(chain: Chain, folder: Path) -> None:
    """Tell the chain when its providers were proved in earlier runs."""
    known = read_proved(folder)
    for name in chain.names:
        at = _last(known, key_of(chain, name))
        if at is not None:
            chain.manager.proved(name, at)


async def drill(
    chain: Chain, folder: Path, clock: Callable[[], float] = time.time
) -> AsyncIterator[tuple[Attempt, str]]:
    """Ask one provider after the other; yield how it went, and that in words for a person.

    What was proved is kept in `folder` at once: whoever stops half-way keeps the first half.
    Raises SettingsError, before anybody is asked, where nothing can be kept there.
    """
    _try_to_keep(folder)
    for name in chain.names:
        before = read_proved(folder)
        earlier = when(_last(before, key_of(chain, name)))
        attempt = await chain.manager.drill(name)
        if attempt.outcome == "ok":
            # The key again: a local server may only now have said which model it has.
            write_proved(folder, {**before, key_of(chain, name): clock()})
        yield attempt, f"{_sentence(attempt)} (last proved before: {earlier})"


def _try_to_keep(folder: Path) -> None:
    try:
        write_proved(folder, read_proved(folder))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError([f"RCA_DATA_DIR: {folder} cannot be written: {reason}"]) from error


def _last(proved: Mapping[str, float], key: str) -> float | None:
    """Return when the provider and model of a key were proved.

    A local server that has not been asked yet has no model: any of its proofs will do.
    """
    if not key.endswith(":"):
        return proved.get(key)
    return max((at for name, at in proved.items() if name.startswith(key)), default=None)


def when(at: float | None) -> str:
    """Return a time for a person; "never" for None."""
    return "never" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _sentence(attempt: Attempt) -> str:
    name = f"{attempt.provider} {attempt.model}".strip()
    if attempt.outcome != "ok":
        todo = _TODO.get(attempt.outcome, "try again, and look at the provider's status page")
        return f"PROBLEM  {name} {attempt.phrase or attempt.outcome}: {todo}"
    tokens = attempt.usage.total_tokens
    about = "about " if attempt.usage.estimated else ""
    spent = f", {about}{tokens:,} tokens" if tokens is not None else ""
    cost = "" if attempt.cost_usd is None else f", ${attempt.cost_usd:.6f}"
    return f"ok       {name} proved in {attempt.seconds:.1f} s{spent}{cost}"
