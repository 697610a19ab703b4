"""Faults that a test asks for: what goes wrong, on which method, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal[
    "rate_limited", "status", "drop_after_accept", "drop_before", "slow", "not_ok", "html"
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault:
    """One kind of trouble for one method.

    `method` is a Web API method, "files" for downloads, "response_url" for replies, or "*".
    It strikes `times` calls (None: for ever) once `after` calls have gone through. `seconds`
    belong to "slow", `status` to "status" and "html", `error` to "not_ok".
    """

    method: str
    kind: FaultKind
    times: int | None = 1
    after: int = 0
    retry_after: int = 1
    status: int = 500
    error: str = "internal_error"
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"no such fault: {self.kind!r}; there are {', '.join(FAULT_KINDS)}")

    def strikes(self, method: str) -> bool:
        """Tell whether this call is hit, and count it."""
        if self.method not in (method, "*") or self.times == 0:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults in force; the first that strikes a call decides it."""

    pending: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.pending.append(fault)

    def clear(self) -> None:
        self.pending.clear()

    def next_for(self, method: str) -> Fault | None:
        return next((fault for fault in self.pending if fault.strikes(method)), None)
