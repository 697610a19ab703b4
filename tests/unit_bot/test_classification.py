"""A channel's name decides which providers may see what is said in it."""

from __future__ import annotations

import pytest

from bot.classification import Classes, class_of, strictest

CLASSES: Classes = {"restricted": ("sec-*", "inc-pci-*"), "internal": ("inc-*", "sec-*")}


@pytest.mark.parametrize(
    ("channel", "data_class"),
    [
        ("sec-breach", "restricted"),
        ("inc-pci-42", "restricted"),
        ("inc-shop", "internal"),
        ("general", ""),
        ("", "restricted"),
    ],
)
def test_the_first_class_that_fits_wins(channel: str, data_class: str) -> None:
    assert class_of(channel, CLASSES) == data_class


def test_without_classes_there_is_nothing_to_decide() -> None:
    assert (class_of("", {}), class_of("sec-breach", {}), strictest({})) == ("", "", "")
