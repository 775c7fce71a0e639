"""A task of a guide, as it stands now: what it is for, what was seen of it, what it would change, what it waits for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from splittui.planning.plan import Plan
from splittui.planning.route_change import HandWork
from splittui.planning.setup.seen import Fate, Standpoint


class State(StrEnum):
    """Where a task stands. ``no longer true``: it was seen done at an earlier time, and is not now."""

    TO_DO = "to do"
    BLOCKED = "blocked"
    DONE = "done"
    NO_LONGER = "no longer true"
    SKIPPED = "left out"


class LookKind(StrEnum):
    """How something is looked at; none of them changes anything."""

    RCPT = "SMTP, as far as RCPT TO"
    DNS = "DNS"
    POSTCONF = "postconf"
    POSTMAP = "postmap -q"
    BIND = "LDAP bind"
    TRACE = "the tracer"
    LOG = "the mail log"


@dataclass(frozen=True, slots=True)
class Look:
    """Something to be looked at: where, what (an address, a name, a setting), what is wanted, and asked from where."""

    kind: LookKind
    host: str
    subject: str
    wanted: str = ""
    asked_from: Standpoint = Standpoint.ZIMBRA


@dataclass(frozen=True, slots=True)
class Check:
    """What was seen of a task.

    ``missing`` says what is not so, or was not seen; ``obstacle`` what must be mended first, by other means than this
    task; ``looks`` what has to be looked at (again) before it can be judged.
    """

    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    obstacle: str = ""
    looks: tuple[Look, ...] = ()

    @property
    def done(self) -> bool:
        return not self.missing and not self.obstacle


@dataclass(frozen=True, slots=True)
class Need:
    """Another task that must be done before, and what would happen otherwise."""

    key: str
    because: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands at a change of the MX: the MX as it is seen, how long it is remembered, and what mail would do."""

    now: tuple[str, ...]
    ttl: int | None
    fates: tuple[Fate, ...]
    closed_by: tuple[str, ...]

    @property
    def open(self) -> bool:
        return not self.closed_by


@dataclass(frozen=True, slots=True)
class Task:
    """One task. ``what`` and ``why`` are a sentence each; ``undo`` says what taking it back means.

    ``means``: it only opens the way for others, and is not needed any more once those are done.
    """

    key: str
    title: str
    what: str
    why: str
    check: Check
    plan: Plan
    proof: tuple[Look, ...] = ()
    undo: str = ""
    needs: tuple[Need, ...] = ()
    optional: bool = False
    means: bool = False
    gate: Gate | None = None
    state: State = State.TO_DO
    because: str = ""

    def after(self, *needs: Need) -> Task:
        """The same task, which waits for others."""
        return replace(self, needs=(*self.needs, *needs))

    @property
    def words(self) -> tuple[str, ...]:
        """What the plan has a person do by hand, in exact words, ready to be handed on."""
        hands = (step.route for step in self.plan.steps if isinstance(step.route, HandWork))
        return tuple(line for hand in hands for line in hand.do)

    @property
    def settled(self) -> bool:
        """Whether others may go on: it is done, or left out on purpose."""
        return self.state in (State.DONE, State.SKIPPED)

    @property
    def free(self) -> bool:
        """Whether it can be carried out now."""
        return self.state in (State.TO_DO, State.NO_LONGER)
