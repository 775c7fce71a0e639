"""What a run tells while it goes on. Events are data: screens, the CLI and tests read the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from splittui.execution.verification import Check


class Outcome(StrEnum):
    """How one step ended.

    ``already``: the entry was right before. ``conflict``: it was changed since the plan was made and was left alone.
    ``unknown``: the answer was lost after the command was sent, and reading back could not settle it. ``skipped``: it
    was never sent.
    """

    DONE = "done"
    ALREADY = "already"
    CONFLICT = "conflict"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class LiveKind(StrEnum):
    """What a live line is: sent to zmprov, run as a program, received from the far end, or said by splittui."""

    SENT = "sent"
    RUN = "run"
    RECEIVED = "received"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run is journalled under ``run_id``; times are seconds since the epoch."""

    run_id: int
    steps: int
    at: float


@dataclass(frozen=True, slots=True)
class StepStarted:
    """``index`` counts the plan's steps from 0."""

    index: int
    at: float


@dataclass(frozen=True, slots=True)
class LiveLine:
    """One line of the dialogue with a host, secrets masked; raw text, to be cleaned before it is shown."""

    host: str
    kind: LiveKind
    text: str


@dataclass(frozen=True, slots=True)
class Asks:
    """The run waits: the operator does by hand what the words say, for the steps with these indexes, and answers.

    The answer goes to the run's Control.
    """

    indexes: tuple[int, ...]
    words: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class StepEnded:
    """``message`` is one sentence for the operator: what was read back, or what went wrong and what is certain."""

    index: int
    outcome: Outcome
    message: str
    at: float


@dataclass(frozen=True, slots=True)
class Verified:
    """After the end of a run: what both MTAs themselves make of those whose steps all came about.

    ``not_kept`` says why the answers could not be kept for the waves; empty where they were.
    """

    checks: tuple[Check, ...]
    not_kept: str = ""

    @property
    def wrong(self) -> tuple[Check, ...]:
        """The answers that are not as they should be."""
        return tuple(check for check in self.checks if not check.agrees and not check.trouble)

    @property
    def unanswered(self) -> tuple[Check, ...]:
        """The questions that could not be asked."""
        return tuple(check for check in self.checks if check.trouble)


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run is over. ``error`` says why it ended early, empty where it did not; ``stopped``: by the operator."""

    run_id: int
    outcomes: tuple[Outcome, ...]
    error: str
    stopped: bool
    at: float

    @property
    def clean(self) -> bool:
        """Whether everything planned is now so."""
        return not self.error and all(o in (Outcome.DONE, Outcome.ALREADY) for o in self.outcomes)

    def count(self, outcome: Outcome) -> int:
        return self.outcomes.count(outcome)


Event = RunStarted | StepStarted | LiveLine | Asks | StepEnded | RunEnded | Verified
