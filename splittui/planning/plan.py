"""A plan: what will be changed, by which commands, in which order. Data only; nothing in it can be called.

A plan carries the values it saw (``expect``). At apply every entry is read again; a difference is a conflict for that
entry, never overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from splittui.model.entries import Role, Side
from splittui.model.zmprov_line import quote_line
from splittui.planning.route_change import RouteChange

MASK = "********"


class Act(StrEnum):
    """What a step does to its entry."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"
    ROUTE = "route"
    RELOAD = "reload"


class Target(StrEnum):
    """What kind of entry of Zimbra's directory a step changes; it decides how the entry is read back."""

    ACCOUNT = "account"
    DOMAIN = "domain"
    SERVER = "server"
    CONFIG = "config"

    @property
    def reads(self) -> str:
        """The zmprov command that reads such an entry; the one of the configuration takes a single attribute."""
        return {"account": "ga", "domain": "gd", "server": "gs", "config": "gcf"}[self.value]


class Severity(StrEnum):
    """How much a finding matters: an error stops the plan."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Fact:
    """An attribute with the values it has or must have; values of one attribute are compared without order."""

    attribute: str
    values: tuple[str, ...] = ()

    def holds(self, values: tuple[str, ...]) -> bool:
        return sorted(values) == sorted(self.values)


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute of one entry, before and after. ``implied``: Zimbra writes it by itself when the command runs."""

    entry: str
    attribute: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One command on one host.

    ``tokens`` are the words of a zmprov line (or, for a reload, of a program's command); at the positions in
    ``secrets`` stands nothing but a mask: a random value is made there at the moment of sending and kept nowhere. A
    change of the existing system's routing has ``route`` instead. ``expect`` must hold right before (for a creation:
    the entry must be absent), ``verify`` right after. ``undo`` is the line that takes the step back; a route knows its
    own. ``side`` is where the person goes, None for a step that concerns nobody alone.

    ``address`` is the account's; a step on a domain, a server or the global configuration has none, and ``entry`` names
    that domain or server (empty for the configuration). ``given`` names the secrets that the operator supplies at the
    moment of sending: one name for each position in ``secrets``, where it is not empty.
    """

    host: str
    act: Act
    tokens: tuple[str, ...]
    summary: str
    address: str = ""
    side: Side | None = None
    secrets: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    expect: tuple[Fact, ...] = ()
    verify: tuple[Fact, ...] = ()
    undo: tuple[str, ...] = ()
    route: RouteChange | None = None
    target: Target = Target.ACCOUNT
    entry: str = ""
    given: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The step on one line, as it is sent, with every secret masked."""
        return quote_line(self.tokens) if self.route is None else self.route.command

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is done, in exact words; one line for most steps."""
        return (self.command,) if self.route is None else self.route.lines


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know before the plan is run; ``addresses`` are those it concerns."""

    severity: Severity
    code: str
    message: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address that was asked for and is not in the plan, with the reason."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps with what was found while planning. ``made_at`` is in seconds since the epoch.

    ``ground`` is what the whole plan depends on, as it was seen (``planning.staleness``); empty where that is not kept.
    """

    domain: str
    role: Role
    made_at: float
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    ground: tuple[Fact, ...] = ()

    @property
    def dangers(self) -> tuple[str, ...]:
        """What was found that forbids the plan, unless somebody overrides it deliberately."""
        return tuple(f.message for f in self.findings if f.severity is Severity.ERROR)

    @property
    def people(self) -> tuple[str, ...]:
        """The addresses whose entries the plan changes, in order, each once."""
        return tuple(dict.fromkeys(step.address for step in self.steps if step.address))
