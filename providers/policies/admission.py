"""Whether a provider may be sent this request now: deadline, window, budget, limits, breaker."""

from __future__ import annotations

from dataclasses import dataclass

from providers.base import RequestScope
from providers.errors import ProviderError
from providers.policies.attempt import Question
from providers.policies.candidates import Candidates
from providers.policies.clocks import Deadline, DeadlineExceededError
from providers.policies.route import Pass, Route
from providers.policies.rules import Rules
from providers.prompts import packed_for
from providers.tokens import estimate_prompt

BREAKER_OPEN = "breaker_open"
LIMIT = "limit"
BUDGET = "budget"
CONTEXT_WINDOW = "context_window"
DATA_POLICY = "data_policy"


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a provider was not asked: a kind, and words for a reader."""

    outcome: str
    phrase: str


_TOO_OFTEN = Skip(BREAKER_OPEN, "failed too often just now")
_TAKEN_OUT = Skip(BREAKER_OPEN, "was taken out of the chain by hand")
_BUSY = Skip(LIMIT, "has as many requests as it is allowed")
_TOO_SMALL = Skip(CONTEXT_WINDOW, "takes too short a prompt for this question")
_TOO_LONG = Skip(CONTEXT_WINDOW, "takes no longer prompt than the one before")
_NOT_ALLOWED = Skip(DATA_POLICY, "may not see this kind of text")
_TOO_LATE = Skip(DeadlineExceededError.kind, DeadlineExceededError.phrase)
_NO_TIME = Skip(DeadlineExceededError.kind, "could not begin in the time that is left")


def user_of(scope: RequestScope | None) -> str:
    """Return whom a request is charged to; nobody where the caller is not known."""
    return f"{scope.tenant}:{scope.user}" if scope and scope.user else ""


def may_see(route: Route, rules: Rules, scope: RequestScope | None) -> Skip | None:
    """Return why a provider may not see text of this class; goes before everything else."""
    allowed = rules.data_policy.get(scope.data_class) if scope else None
    if allowed is None or allowed & {route.name, route.provider.name}:
        return None
    return _NOT_ALLOWED


class Admission:
    """Decides for one call; the answers change while it goes on."""

    def __init__(
        self, rules: Rules, question: Question, deadline: Deadline, candidates: Candidates
    ) -> None:
        self._rules = rules
        self._messages = question.messages
        self._user = user_of(question.scope)
        self._deadline = deadline
        self._candidates = candidates

    async def admit(self, route: Route) -> Pass | Skip:
        """Open the provider if need be, and return leave or the reason why not."""
        objection = self._objection(route)
        if objection is not None:
            return objection
        try:
            await route.initialize()
        except ProviderError as error:
            return Skip(error.kind, error.phrase)
        return await self.grant(route, patience=self._patience)

    async def grant(
        self, route: Route, *, patience: float, last_resort: bool = False
    ) -> Pass | Skip:
        """Pack the prompt, wait for the provider's limits, at most so long, and ask its breaker."""
        if not (route.breaker.admits or last_resort):
            return _closed(route)
        window = route.window
        messages = await packed_for(self._messages, window)
        if not messages and self._messages:
            return _TOO_SMALL
        tokens = estimate_prompt(messages)
        began = self._rules.clock()
        limiter = route.limiter
        wait = limiter.wait(tokens)
        if wait > patience:
            return _BUSY
        limiter.take(tokens)
        if wait > 0:
            await self._rules.sleep(wait)
        if not await limiter.slot(patience - wait):
            limiter.undo(tokens)
            return _BUSY
        permit = route.acquire(last_resort=last_resort)
        if permit is None:
            limiter.leave()
            limiter.undo(tokens)
            return _closed(route)
        return Pass(permit, messages, window, self._rules.clock() - began, tokens)

    def _objection(self, route: Route) -> Skip | None:
        if self._deadline.spent:
            return _TOO_LATE
        usual = route.health.first_token_average
        if usual is not None and usual > self._deadline.share(self._candidates.usable):
            return _NO_TIME
        if not self._candidates.fits(route):
            return _TOO_LONG
        refusal = "" if route.provider.local else self._rules.budget.refusal(self._user)
        return Skip(BUDGET, f"was not asked: {refusal}") if refusal else None

    @property
    def _patience(self) -> float:
        # Who can be asked at once goes before who has to be waited for.
        return 0.0 if self._candidates.usable else self._deadline.spare


def _closed(route: Route) -> Skip:
    return _TAKEN_OUT if route.breaker.cause == "by_hand" else _TOO_OFTEN
