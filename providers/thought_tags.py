"""Thinking that a local model marks in its answer, as `<think>…</think>`, told from the rest."""

from __future__ import annotations

from dataclasses import dataclass

_TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "[THINK]": "[/THINK]",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what a model said: a thought, or a part of its answer."""

    text: str
    thought: bool = False


class ThoughtTags:
    """Fed with pieces that may end anywhere; a tag counts only where the answer begins with it.

    Further on it is a word like any other: an answer may well speak of such tags.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""
        self._read = self._read_beginning

    def feed(self, piece: str) -> list[Part]:
        """Return what can be told so far; what may be the beginning of a tag is held back."""
        self._held += piece
        return self._read()

    def rest(self) -> list[Part]:
        """Return what was held back, when no more will come."""
        return self._all(thought=self._read == self._read_thought)

    def _read_beginning(self) -> list[Part]:
        begun = self._held.lstrip()
        if any(tag != begun and tag.startswith(begun) for tag in _TAGS):
            return []
        tag = next((tag for tag in _TAGS if begun.startswith(tag)), None)
        if tag is None:
            self._read = self._all
            return self._read()
        self._closing, self._held = _TAGS[tag], begun.removeprefix(tag)
        self._read = self._read_thought
        return self._read()

    def _read_thought(self) -> list[Part]:
        thought, closed, answer = self._held.partition(self._closing)
        if closed:
            self._held, self._read = answer, self._read_gap
            return [*_parts(thought, thought=True), *self._read()]
        kept = _length_of_beginning(self._closing, thought)
        self._held = thought[len(thought) - kept :]
        return _parts(thought[: len(thought) - kept], thought=True)

    def _read_gap(self) -> list[Part]:
        # The blank lines between both belong to neither.
        self._held = self._held.lstrip()
        if self._held:
            self._read = self._all
        return self._all()

    def _all(self, *, thought: bool = False) -> list[Part]:
        held, self._held = self._held, ""
        return _parts(held, thought=thought)


def _parts(text: str, *, thought: bool) -> list[Part]:
    return [Part(text, thought)] if text else []


def _length_of_beginning(tag: str, text: str) -> int:
    """Return how many characters at the text's end may be the tag's first ones."""
    lengths = range(min(len(tag) - 1, len(text)), 0, -1)
    return next((length for length in lengths if text.endswith(tag[:length])), 0)
