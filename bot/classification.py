"""Which class of data a channel's text is of; the operator names the classes, strictest first."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence

Classes = Mapping[str, Sequence[str]]
"""The patterns of channel names (without #) by class; the strictest class is the first."""


def strictest(classes: Classes) -> str:
    """Return the class of what nobody knows the channel of; "" where there are no classes."""
    return next(iter(classes), "")


def class_of(channel_name: str, classes: Classes) -> str:
    """Return the first class with a pattern that fits; "" where none does: anybody may see it.

    Without a name nobody could have ruled on the channel, be it a direct message or one that
    Slack does not tell: that counts as the strictest, for too strict can be seen and mended.
    """
    if not channel_name:
        return strictest(classes)
    for data_class, patterns in classes.items():
        if any(fnmatch.fnmatchcase(channel_name, pattern) for pattern in patterns):
            return data_class
    return ""
