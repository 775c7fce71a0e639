"""Where an undertaking of the guided set-up stands: both systems are read, and what its tasks ask for is looked at.

Nothing here changes anything, and nothing is remembered: whoever looks, from whatever machine, sees the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from splittui.execution.site import Site
from splittui.execution.standpoints import NoEntrance
from splittui.mailflow.danger import with_dangers
from splittui.mailflow.fates import fates
from splittui.mailflow.log_times import quiet_days
from splittui.mailflow.roster import Roster
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Origin, System
from splittui.model.dns import DnsView
from splittui.model.entries import Side
from splittui.model.home import Home
from splittui.planning.elsewhere import exchanger
from splittui.planning.plan import Plan
from splittui.planning.setup import (
    Bound,
    Choices,
    Goal,
    Guide,
    Look,
    LookKind,
    Probed,
    Seen,
    Standpoint,
    entrance_after,
    guide,
    version_of,
)
from splittui.planning.setup.names import Entrance, entrance, ip_addresses
from splittui.remote import RemoteError
from splittui.remote.postfix import Postfix, PostfixError
from splittui.remote.smtp.probe import probe

ROUNDS = 4
"""An answer can raise a further question; the guides' own depth is two."""

OUTSIDER = "postmaster@example.net"
"""An address elsewhere (RFC 2606), to ask whether a system relays; no mail is ever sent there."""

_ORIGINS = {
    Standpoint.OUTSIDE: Origin.INTERNET,
    Standpoint.ZIMBRA: Origin.ZIMBRA,
    Standpoint.LEGACY: Origin.LEGACY,
}
_SYSTEMS = {Side.ZIMBRA: System.ZIMBRA, Side.LEGACY: System.LEGACY}
_LIVES = (Home.ZIMBRA, Home.LEGACY, Home.BOTH)

SETTLING = 90.0
"""Seconds for which something that comes about by itself is waited for: zmconfigd writes settings once a minute."""

_BY_ITSELF = (LookKind.POSTCONF, LookKind.POSTMAP)

Tell = Callable[[str], None]
"""Told what is being looked at, in a few words."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an undertaking stands: the guide, and all that it was judged by."""

    guide: Guide
    seen: Seen
    found: Roster

    @property
    def settles(self) -> bool:
        """Whether something is not so yet that comes about by itself a while after a run."""
        waiting = (task for task in self.guide.tasks if task.free and not task.plan.steps)
        return any(look.kind in _BY_ITSELF for task in waiting for look in task.check.looks)

    def plan(self, key: str) -> Plan:
        """What that task would change, with what it would do to mail. Raises LockedError, and KeyError."""
        return self.judged(self.guide.plan(key))

    def judged(self, plan: Plan) -> Plan:
        """A plan with what it would do to mail as it comes in today."""
        return with_dangers(_as_seen(self.found.tracer, entrance(self.seen)).world, plan)


def _as_seen(tracer: Tracer, now: Entrance | None) -> Tracer:
    """With the MX that the DNS names; without one it is where the role wants it."""
    if now is None or now.side is None:
        return tracer
    return tracer.after(replace(tracer.world, mx=_SYSTEMS[now.side]))


class Guidance:
    """One undertaking at one site."""

    def __init__(self, site: Site, goal: Goal, choices: Choices) -> None:
        self._site, self._goal, self._choices = site, goal, choices

    def look(
        self, found: Roster, version: str, at: float, tell: Tell, once_done: Collection[str] = frozenset()
    ) -> Stand:
        """The undertaking as of now. ``found`` is what was just read, ``version`` what ``zmcontrol -v`` printed.

        What cannot be asked counts as not seen, so that nothing is taken for done because of it. ``once_done`` are the
        keys of the tasks that were seen done earlier.
        """
        split = found.split
        seen = Seen(
            split,
            found.snapshot,
            found.people,
            f"nobody-{secrets.token_hex(6)}@{split.domain}",
            OUTSIDER,
            at=at,
            choices=self._choices,
            version=version_of(version),
        )
        asked: set[Look] = set()
        for _ in range(ROUNDS):
            looks = [look for look in guide(self._goal, seen).looks if look not in asked]
            if not looks:
                break
            asked.update(looks)
            seen = self._answered(seen, looks, tell)
        seen = self._with_fates(seen, found, tell)
        return Stand(guide(self._goal, seen, once_done), seen, found)

    def _answered(self, seen: Seen, looks: Sequence[Look], tell: Tell) -> Seen:
        names = {look.subject for look in looks if look.kind is LookKind.DNS}
        if names:
            tell(f"the DNS, for {', '.join(sorted(names))}")
            seen = replace(seen, views=(*seen.views, *self._views(seen, names)))
        settings = [look.subject for look in looks if look.kind is LookKind.POSTCONF]
        if settings:
            tell(f"postconf on {seen.split.zimbra}")
            seen = replace(seen, postconf=self._settings(seen.postconf, settings))
        if any(look.kind is LookKind.POSTMAP for look in looks):
            tell(f"the addresses that Postfix on {seen.split.zimbra} knows")
            seen = replace(seen, listed=self._listed(seen))
        binds = {look.host for look in looks if look.kind is LookKind.BIND}
        if binds:
            tell(f"a bind to {', '.join(sorted(binds))}")
            seen = replace(seen, binds=(*seen.binds, *self._binds(binds)))
        if any(look.kind is LookKind.LOG for look in looks):
            tell(f"the mail log of {seen.split.zimbra}")
            seen = replace(seen, quiet_days=self._quiet_days(seen))
        probes = self._probes(seen, [look for look in looks if look.kind is LookKind.RCPT], tell)
        return replace(seen, probes=(*seen.probes, *probes))

    def _views(self, seen: Seen, names: Iterable[str]) -> list[DnsView]:
        """The DNS as seen from here and from both hosts, with the two hosts, and the exchangers of every name."""
        wanted = {*names, seen.split.domain, seen.split.zimbra, seen.split.legacy}
        views = []
        for origin in Origin:
            if origin is not Origin.INTERNET and self._site.standpoints.vantage(origin) is None:
                continue
            try:
                first = self._site.standpoints.dns(wanted, origin)
                hosts = {host for answer in first.answers.values() for _, host in answer.mx if host.strip(".")}
                more = self._site.standpoints.dns(hosts - wanted, origin) if hosts - wanted else None
            except RemoteError:
                continue
            answers = {**first.answers, **(more.answers if more is not None else {})}
            views.append(replace(first, answers=answers))
        return views

    def _settings(self, known: Mapping[str, str] | None, names: Sequence[str]) -> Mapping[str, str] | None:
        try:
            return {**(known or {}), **self._mta.settings(*names)}
        except (RemoteError, PostfixError):
            return known

    def _listed(self, seen: Seen) -> frozenset[str] | None:
        """Which of the existing system's addresses Postfix on the Zimbra host knows by itself."""
        there = seen.snapshot.legacy.accounts.values()
        wanted = sorted({address for account in there for address in (account.address, *account.aliases)})
        try:
            maps = self._mta.settings("virtual_alias_maps").get("virtual_alias_maps", "")
            answers = self._mta.look_up(maps, wanted) if wanted else {}
        except (RemoteError, PostfixError):
            return None
        return frozenset(address for address in wanted if answers[address].value)

    def _binds(self, urls: Collection[str]) -> list[Bound]:
        """Each directory is bound to from the Zimbra host, as Zimbra will do it."""
        # The console stands before anything that speaks LDAP is loaded.
        from splittui.remote.ldap.connection import LdapConnection
        from splittui.remote.ldap.errors import INVALID_CREDENTIALS, LdapFault

        bound = []
        for server in self._site.profile.setup.directories:
            if server.url not in urls:
                continue
            try:
                password = self._site.passwords.of(server)
                with LdapConnection(server, password, self._site.standpoints.vantage(Origin.ZIMBRA)):
                    pass
            except RemoteError as error:
                if isinstance(error, LdapFault) and error.code == INVALID_CREDENTIALS:
                    self._site.passwords.forget(server)
                bound.append(Bound(server.url, server.bind_dn, str(error)))
            else:
                bound.append(Bound(server.url, server.bind_dn))
        return bound

    def _quiet_days(self, seen: Seen) -> int | None:
        """For how many days no mail has passed between the two, by the logs; None where they cannot be read."""
        legacy = seen.split.legacy
        try:
            lines = self._mta.last_mail([f"{legacy}[", *(f"[{one}]" for one in ip_addresses(seen, legacy))])
        except (RemoteError, PostfixError):
            return None
        return quiet_days(lines.oldest, lines.newest, datetime.fromisoformat(lines.now))

    @property
    def _mta(self) -> Postfix:
        return self._site.standpoints.zimbra_mta

    def _probes(self, seen: Seen, looks: Sequence[Look], tell: Tell) -> list[Probed]:
        """Each server is asked on one connection from each standpoint; as far as RCPT TO, and no further."""
        together: dict[tuple[Standpoint, Side], list[str]] = {}
        for look in looks:
            side = Side.ZIMBRA if look.host == seen.split.zimbra else Side.LEGACY
            together.setdefault((look.asked_from, side), []).append(look.subject)
        found: list[Probed] = []
        for (asked_from, side), addresses in together.items():
            host = seen.split.host_of(side)
            tell(f"{host} by SMTP, from {asked_from.value}: {len(addresses):,} addresses")
            found += self._asked(asked_from, side, addresses)
        return found

    def _asked(self, asked_from: Standpoint, side: Side, addresses: Sequence[str]) -> list[Probed]:
        points = self._site.standpoints
        vantage = points.vantage(_ORIGINS[asked_from])
        if vantage is None:
            return [Probed(asked_from, side, one, 0, "the profile has no login there") for one in addresses]
        try:
            told = probe(vantage, points.server(_SYSTEMS[side]), addresses, points.probing.sender)
        except (RemoteError, NoEntrance) as error:
            return [Probed(asked_from, side, one, 0, str(error)) for one in addresses]
        probed = []
        for address in addresses:
            answer = told.answer(address)
            code = answer.reply.code if answer is not None else 0
            text = str(answer.reply).removeprefix(f"{code} ") if answer is not None else told.trouble
            probed.append(Probed(asked_from, side, address, code, text))
        return probed

    def _with_fates(self, seen: Seen, found: Roster, tell: Tell) -> Seen:
        """What the change of the MX would do to everybody's mail, where the guide comes to one."""
        now = entrance(seen)
        if now is None or not now.hosts or not any(task.gate for task in guide(self._goal, seen).tasks):
            return seen
        tell("what mail would do after a change of the MX")
        side = entrance_after(self._goal)
        step = exchanger(seen.split, side, now.hosts, now.ttl)
        valid = [address for address, person in found.people.items() if person.home in _LIVES]
        return replace(seen, fates=fates(_as_seen(found.tracer, now), step, side, valid, seen.nobody))
