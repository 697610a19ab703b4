"""Every signature matches its example and leaves its counter-example alone."""

from __future__ import annotations

import pytest

from bot.analysis import signatures
from bot.analysis.signatures import Signature

ALL = signatures.load()


@pytest.mark.parametrize("signature", ALL, ids=lambda signature: signature.id)
def test_examples(signature: Signature) -> None:
    assert signature.matches(signature.example)
    assert not signature.matches(signature.counter_example)


@pytest.mark.parametrize("signature", ALL, ids=lambda signature: signature.id)
def test_every_signature_says_what_it_means_and_what_to_do(signature: Signature) -> None:
    assert signature.title
    assert signature.means
    assert signature.check
    assert signature.role in {"cause", "symptom"}


def test_ids_are_unique() -> None:
    assert len({signature.id for signature in ALL}) == len(ALL) >= 100


def test_a_cause_is_named_before_a_symptom() -> None:
    found = signatures.matching("Back-off restarting failed container: OOMKilled")
    assert [signature.id for signature in found][:1] == ["oom-killed"]
    assert "crash-loop" in [signature.id for signature in found]


@pytest.mark.parametrize("text", ["a" * 20_000, "node " * 4_000, "quota " * 3_000, " " * 20_000])
def test_long_lines_do_not_blow_up(text: str) -> None:
    """Returns at all: the suite's own time-out is the judge."""
    signatures.matching(text)
