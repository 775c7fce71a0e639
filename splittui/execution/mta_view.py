"""Asks both MTAs what they make of an address: by Postfix's own look-ups, by the router's, and by SMTP."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from splittui.execution.standpoints import Standpoints
from splittui.execution.verification import Check, Question, Topic, check, unanswered
from splittui.legacy.routers.errors import RouteError
from splittui.mailflow.world import Origin, System
from splittui.model.entries import Side
from splittui.planning.route_change import HandWork, RouteCommand, TableLine
from splittui.remote import RemoteError, readable
from splittui.remote.postfix import Postfix, PostfixError, split_maps
from splittui.remote.smtp.probe import probe

Run = Callable[[tuple[str, ...]], tuple[int, str]]
"""Runs a program on the existing system's host: exit status and output. Raises RemoteError and RouteError."""

_SYSTEMS = {Side.ZIMBRA: System.ZIMBRA, Side.LEGACY: System.LEGACY}
_KNOWING = ("virtual_alias_maps", "virtual_mailbox_maps")
_ROUTING = ("transport_maps", "virtual_alias_maps")
_MAPS = ("transport_maps", *_KNOWING)


class MtaView:
    """Answers questions about addresses. Nothing is raised: what could not be asked is a check with trouble in it."""

    def __init__(self, standpoints: Standpoints, on_legacy: Run | None) -> None:
        """``on_legacy`` is None where the profile has no login on the existing system."""
        self._standpoints, self._on_legacy = standpoints, on_legacy
        self._settings: dict[str, Mapping[str, str]] = {}

    def answer(self, questions: Iterable[Question]) -> tuple[Check, ...]:
        """All of them, those of one kind in one go. Blocks."""
        self._settings.clear()
        kinds: dict[tuple[Side, Topic], list[Question]] = {}
        order: dict[str, int] = {}
        for question in questions:
            kinds.setdefault((question.side, question.topic), []).append(question)
            order.setdefault(question.address, len(order))
        checks = [check for (side, topic), asked in kinds.items() for check in self._answer(side, topic, asked)]
        return tuple(sorted(checks, key=lambda check: order[check.address]))

    def _answer(self, side: Side, topic: Topic, asked: Sequence[Question]) -> list[Check]:
        try:
            if topic is Topic.ROUTE:
                return self._routes(asked)
            if topic is Topic.RCPT:
                return self._take_mail(side, asked)
            names = ("transport_maps",) if topic is Topic.TRANSPORT else _KNOWING
            return self._look_up(self._standpoints.zimbra_mta, names, asked)
        except (PostfixError, RemoteError) as error:
            host = self._standpoints.split.host_of(side)
            return [unanswered(question, host, topic.value, str(error)) for question in asked]

    def _look_up(self, mta: Postfix, names: Sequence[str], asked: Sequence[Question]) -> list[Check]:
        settings = self._maps(mta)
        return _in_maps(mta, " ".join(settings.get(name, "") for name in names), " ".join(names), asked)

    def _maps(self, mta: Postfix) -> Mapping[str, str]:
        """The lists of maps that are in force, asked for once."""
        if mta.host not in self._settings:
            self._settings[mta.host] = mta.settings(*_MAPS)
        return self._settings[mta.host]

    def _routes(self, asked: Sequence[Question]) -> list[Check]:
        """Where the existing system sends each: by its Postfix's maps in force, or else by its router's own command.

        One that is told by an attribute of an entry is not asked: that was read back, and shows nothing of the MTA.
        """
        by_table: dict[str, list[Question]] = {}
        checks: list[Check] = []
        for question in asked:
            change = question.step.route
            if isinstance(change, TableLine) and self._standpoints.legacy_mta is not None:
                # What the line holds is the MTA's answer, whatever the route is called in the plan.
                told = replace(question, expected=(change.after,) if change.after else ())
                by_table.setdefault(change.table, []).append(told)
            elif isinstance(change, RouteCommand | HandWork) and change.show and self._on_legacy is not None:
                checks.append(_shown(self._on_legacy, change.show, question))
        for table, questions in by_table.items():
            if self._standpoints.legacy_mta is not None:
                checks += self._by_table(self._standpoints.legacy_mta, table, questions)
        return checks

    def _by_table(self, mta: Postfix, table: str, asked: Sequence[Question]) -> list[Check]:
        for name, maps in self._maps(mta).items():
            if name in _ROUTING and table in (one.removeprefix("proxy:") for one in split_maps(maps)):
                return _in_maps(mta, maps, name, asked)
        trouble = f"{table} is not in use there: neither {' nor '.join(_ROUTING)} names it"
        return [unanswered(question, mta.host, f"postconf {' '.join(_ROUTING)}", trouble) for question in asked]

    def _take_mail(self, side: Side, asked: Sequence[Question]) -> list[Check]:
        """The new home is asked as the other system would hand mail over to it."""
        points = self._standpoints
        server = points.server(_SYSTEMS[side])
        other = Origin.LEGACY if side is Side.ZIMBRA else Origin.ZIMBRA
        vantage = points.vantage(other) or points.vantage(Origin.INTERNET)
        if vantage is None:
            return []
        told = probe(vantage, server, [question.address for question in asked], points.probing.sender)
        host = points.split.host_of(side)
        checks = []
        for question in asked:
            words = f"RCPT TO:<{question.address}> at {server}, from {vantage.name}"
            answer = told.answer(question.address)
            if answer is None:
                checks.append(unanswered(question, host, words, told.trouble))
            else:
                checks.append(check(question, host, words, ("accepted",) if answer.accepted else (str(answer.reply),)))
        return checks


def _in_maps(mta: Postfix, maps: str, name: str, asked: Sequence[Question]) -> list[Check]:
    """What a list of maps, from the setting ``name``, says of the addresses."""
    found = mta.look_up(maps, [question.address for question in asked])
    checks = []
    for question in asked:
        answer = found[question.address]
        words = f"postmap -q {question.address} {answer.map or name}"
        checks.append(check(question, mta.host, words, (answer.value,) if answer.value else ()))
    return checks


def _shown(run: Run, show: tuple[str, ...], question: Question) -> Check:
    """What the router's own command prints."""
    host, words = question.step.host, shlex.join(show)
    try:
        status, printed = run(show)
    except (RemoteError, RouteError) as error:
        return unanswered(question, host, words, str(error))
    if status != 0:
        return unanswered(question, host, words, f"it ended with {status}: {readable(printed) or 'it said nothing'}")
    return check(question, host, words, (printed.strip(),) if printed.strip() else ())
