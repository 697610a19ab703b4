"""The rules' own phrases, in the language of the thread; what they cite is never translated.

They stand in `voices/`, a file a language, named by its code. A language without one gets English.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import yaml

from bot.analysis.language import Language
from bot.analysis.report import Confidence


@dataclass(frozen=True, slots=True)
class Voice:
    """The phrases of one language, as `voices/en.yaml` has them; {fields} are to be filled in."""

    nothing_read: str
    no_incident: str
    all_quiet: str
    unclear: str
    just_before: str
    confirmed_by: str
    refuted_by: str
    send_evidence: str
    logs_needed: str
    no_change_before: str
    earliest: str
    first_sign: str
    change_before: str
    in_cause: str
    in_another: str
    against: str
    untimed: str
    not_over: str
    no_change: str
    no_ground: str
    no_check: str
    name_it: str
    unmentioned: str
    between_names: str
    mention_needed: str
    mention_needed_around: str
    supported: str
    plausible: str
    insufficient: str

    def sure(self, confidence: Confidence) -> str:
        """Return in words how sure a cause is."""
        match confidence:
            case Confidence.SUPPORTED:
                return self.supported
            case Confidence.PLAUSIBLE:
                return self.plausible
            case Confidence.INSUFFICIENT:
                return self.insufficient


def _voices() -> dict[str, Voice]:
    """Read all languages. Raises TypeError where a phrase is missing, or one is not known."""
    folder = resources.files("bot.analysis.voices")
    return {
        file.name.removesuffix(".yaml"): Voice(**yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    }


# Now, not when they are needed: a phrase must not be missing first in the middle of an incident.
VOICES = _voices()
ENGLISH = VOICES["en"]


def voice_of(language: Language) -> Voice:
    """Return the phrases of a language, English where there are none."""
    return VOICES.get(language.code, ENGLISH)
