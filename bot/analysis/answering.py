"""One stream of a model, folded into drafts and an answer; only checked lines are ever shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.analysis import claims
from bot.analysis.checking import LineCheck
from bot.analysis.fitting import IncidentPrompt, Prepared
from bot.analysis.ground import Ground
from bot.analysis.report import Report, Statement
from providers.base import (
    Attempt,
    AttemptStarted,
    Finished,
    Restarted,
    StopReason,
    StreamEvent,
    TextDelta,
)
from providers.errors import AllProvidersFailedError, ProviderError, StreamInterruptedError
from providers.policies.rejection import REJECTED, way_to

_CUT_SHORT = Statement("The model's answer was cut off at its length limit.")
_MOST_CHARS = 20_000
_MOST_ROWS = 150
"""Of an answer; the form that is asked for takes a third of it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done, in words for a reader."""

    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A partial report; it has passed the same check as the final one."""

    report: Report


@dataclass(frozen=True, slots=True)
class Answer:
    """The end: `finished` is None where the rules answered, and `reason` then says why."""

    report: Report
    finished: Finished | None
    attempts: tuple[Attempt, ...]
    reason: str = ""


AnalysisEvent = Stage | Draft | Answer


class Run:
    """Folds the streams of one question; holds only complete lines back for showing.

    `prepared` is what whoever answers was shown, `earlier` the attempts of a call that is over,
    `rejected` an answer that did not pass the check.
    """

    def __init__(self, prepared: Prepared) -> None:
        self.finished: Finished | None = None
        self.earlier: tuple[Attempt, ...] = ()
        self.rejected: Finished | None = None
        self._failed = ""
        self._objection = ""
        told = prepared.briefing
        said = (told.question, *(line.text for line in told.rules.hypotheses))
        self._ground = Ground(prepared.evidence, said=said)
        self.begin(prepared)

    def begin(self, prepared: Prepared) -> None:
        """Start anew, with other evidence."""
        self.prompt = IncidentPrompt(prepared)
        self._shown_to: dict[str, Prepared] = {}
        self._show(prepared)

    async def take(self, event: StreamEvent) -> Stage | Draft | None:
        if isinstance(event, AttemptStarted):
            self._show(await self.prompt.at(event.window))
            self._shown_to[event.provider] = self.prepared
            asking = f"asking {event.provider}"
            return Stage(f"{self._failed}, {asking}" if self._failed else asking)
        if isinstance(event, Restarted):
            self._text = ""
            if event.reason != REJECTED:
                self._failed = f"{event.provider} {event.phrase}"
        elif isinstance(event, TextDelta):
            if self._is_full:
                return None
            self._text += event.text[:_MOST_CHARS]
            return self._draft() if "\n" in event.text else None
        elif isinstance(event, Finished):
            self.finished = event
            text = self._text
            self._show(self._shown_to.get(event.provider, self.prepared))
            self._text = text
        return None

    def reject(self) -> Finished | None:
        """Return an answer that did not pass the check, for somebody else to be asked; once."""
        if self.finished is None or self.rejected:
            return None
        self._objection = self._examined(self._text).objection
        if not self._objection:
            return None
        self.rejected, self.finished = self.finished, None
        self._failed = f"{self.rejected.provider}'s answer did not pass the check"
        return self.rejected

    def answer(self) -> Answer:
        """Return the checked answer, or the rules' where the model's cannot stand."""
        finished = self.finished
        if finished is None:
            raise StreamInterruptedError("no terminal event")
        examined = self._examined(self._text)
        report = examined.report
        if report is None or examined.objection:
            return self._unusable(finished, examined.objection)
        if finished.stop_reason is StopReason.LENGTH:
            report = replace(report, gaps=(*report.gaps, _CUT_SHORT))
        return Answer(report, finished, (*self.earlier, *finished.attempts))

    def fallen_back(self, error: ProviderError) -> Answer:
        """Return the rules' answer, and why no model's could be had."""
        attempts = (*self.earlier, *error.attempts)
        return Answer(self.prepared.rules, None, attempts, self._reason(error))

    def _reason(self, error: ProviderError) -> str:
        failures = _failures(error)
        if self.rejected is not None:
            whose = self.rejected.provider
            reason = f"the answer of {whose} did not pass the check: {self._objection}"
            return ", ".join([reason, *failures])
        if isinstance(error, AllProvidersFailedError):
            return f"all providers failed: {', '.join(failures) or 'none could be asked'}"
        return failures[0]

    def _unusable(self, finished: Finished, objection: str) -> Answer:
        both = (self.rejected, finished) if self.rejected else (finished,)
        names = list(dict.fromkeys(one.provider for one in both))
        whose = f"answers of {' and '.join(names)}" if len(names) > 1 else f"answer of {names[0]}"
        reason = f"the {whose} did not pass the check: {objection}"
        attempts = (*self.earlier, *way_to(finished))
        return Answer(self.prepared.rules, None, attempts, reason)

    @property
    def _is_full(self) -> bool:
        """Whether there is more than an answer in the form can have: nobody reads on."""
        return len(self._text) > _MOST_CHARS or self._text.count("\n") > _MOST_ROWS

    def _show(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self._text = ""
        shown = {item.id for item in prepared.shown}
        self._lines = LineCheck(self._ground.showing(shown))

    def _draft(self) -> Draft | None:
        examined = self._examined(self._text[: self._text.rfind("\n") + 1])
        return None if examined.objection or not examined.report else Draft(examined.report)

    def _examined(self, text: str) -> claims.Examined:
        prepared = self.prepared
        return claims.examine(
            text, prepared.rules, prepared.judge, self._lines, whole=prepared.whole
        )


def _failures(error: ProviderError) -> list[str]:
    """Return how each provider failed at last, in words for a reader."""
    if not isinstance(error, AllProvidersFailedError):
        return [f"{error.provider or 'the model'} {error.phrase}"]
    last = {one.provider: one for one in error.attempts if one.outcome != REJECTED}
    return [f"{name} {one.phrase or one.outcome}" for name, one in last.items()]
