"""Whether a prompt that was too long for one model may fit another."""

from __future__ import annotations

from collections.abc import Sequence

from providers.capabilities import capabilities_of


def window_of(model: str) -> int | None:
    """Return how many tokens a model takes; None where that is not known."""
    return capabilities_of(model).context_tokens


def fits(window: int | None, overflown: Sequence[int | None], *, is_packed: bool = False) -> bool:
    """Say whether a window is worth a try after these were too small.

    An unknown one counts as larger, and that an unknown one was too small tells nothing. A prompt
    that `is_packed` for each window is another one in a smaller window.
    """
    if window is None:
        return True
    return all(
        small is None or window > small or (is_packed and window < small) for small in overflown
    )
