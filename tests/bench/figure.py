"""One measured figure beside its reference, and the aligned line that shows both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HEADER = f"{'figure':<34}{'measured':>11}{'reference':>11}{'ratio':>9}   {'goal':<27}{'':<8}reference is"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much each bench does. ``labs`` is where big labs are kept, so that benches can share them."""

    labs: Path
    accounts: int = 100_000
    moves: int = 1000
    planned: int = 10_000
    seconds: float = 8.0
    rounds: int = 9


class Kind(Enum):
    """What a goal is about."""

    RATIO = "ratio <= {}"
    FASTER = ">= {} times faster"
    MEASURED = "<= {}"
    BESIDE = "<= {} beside reference"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure shall reach."""

    kind: Kind
    limit: float


@dataclass(frozen=True, slots=True)
class Figure:
    """``measured`` and ``reference`` are in ``unit``: s, MB, % or nothing; ``against`` says what the reference is."""

    name: str
    measured: float
    reference: float
    against: str
    goal: Goal | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Measured over reference; for "times faster" the other way round."""
        faster = self.goal is not None and self.goal.kind is Kind.FASTER
        over, under = (self.reference, self.measured) if faster else (self.measured, self.reference)
        return over / under if under else float("inf")

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; true where there is none."""
        if self.goal is None:
            return True
        limit = self.goal.limit
        match self.goal.kind:
            case Kind.RATIO:
                return self.ratio <= limit
            case Kind.FASTER:
                return self.ratio >= limit
            case Kind.MEASURED:
                return self.measured <= limit
            case Kind.BESIDE:
                return self.measured - self.reference <= limit

    def line(self) -> str:
        """All of it in the columns of HEADER."""
        verdict = "" if self.goal is None else "ok" if self.reached else "MISSED"
        return (
            f"{self.name:<34}{_shown(self.measured, self.unit):>11}{_shown(self.reference, self.unit):>11}"
            f"{self.ratio:>9.3g}   {self._goal():<27}{verdict:<8}{self.against}"
        )

    def _goal(self) -> str:
        if self.goal is None:
            return ""
        bare = self.goal.kind in (Kind.RATIO, Kind.FASTER)
        return self.goal.kind.value.format(f"{self.goal.limit:g}" if bare else _shown(self.goal.limit, self.unit))


def _shown(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:,.2f} {unit}".rstrip() if unit == "s" else f"{value:,.4g} {unit}".rstrip()
