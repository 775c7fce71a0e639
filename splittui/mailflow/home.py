"""Where an address is final, from its routes: what arrives where, whoever writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from splittui.mailflow.maps import VAM
from splittui.mailflow.resolve import Resolution, resolve
from splittui.mailflow.route import End, Outcome, Route
from splittui.mailflow.states import trouble_word
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ACCOUNT_STATUS, LOCAL_DELIVERY_OFF, Entry, EntryKind, Origin, System
from splittui.model.home import Home, Residence

_WHOSE = {Origin.INTERNET: "internet", Origin.ZIMBRA: "Zimbra users'", Origin.LEGACY: "legacy users'"}
_LISTS = (EntryKind.LIST, EntryKind.GROUP)
_WAITS_FOR_MAILBOX = "450 4.2.1"
"""What LMTP answers for an account in maintenance."""


def home(tracer: Tracer, address: str) -> Residence:
    """The home of an address. Its reason does not name the address, so that people in the same situation share it."""
    account = tracer.maps.account(address)
    if account is None and _is_list(tracer, address):
        return Residence(Home.ZIMBRA, "list", f"Zimbra: {tracer.world.zimbra} expands it for its members")
    routes = {route.origin: route for route in tracer.routes(address)}
    own = account.name if account is not None else address
    ends = {origin: _own_end(route, own) for origin, route in routes.items()}
    return _Verdict(tracer, address, account, routes, ends).residence()


def _is_list(tracer: Tracer, address: str) -> bool:
    entry = tracer.world.entries.get(address.lower())
    if entry is not None and entry.kind in _LISTS and entry.enabled:
        return True
    answer = tracer.maps.find(VAM, address)
    return answer is not None and all(found.kind in _LISTS for found, _ in answer.sources)


def _own_end(route: Route, own: str) -> End:
    """The end of the person's own copy; where they keep none and send all on, of what is sent on."""
    mine = next((end for end in route.ends if end.address.lower() == own.lower()), route.ends[0])
    others = [end for end in route.ends if end is not mine]
    if mine.outcome is not Outcome.DISCARDED or not others:
        return mine
    if any(end.outcome is Outcome.DELIVERED for end in others):
        return End(Outcome.DELIVERED, System.ZIMBRA, mine.host, mine.address)
    return others[0]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is known of one address: its account, if it has one, and for each origin the route and the person's end."""

    tracer: Tracer
    address: str
    account: Entry | None
    routes: Mapping[Origin, Route]
    ends: Mapping[Origin, End]

    def residence(self) -> Residence:
        outcomes = {end.outcome for end in self.ends.values()}
        homes = {end.system for end in self.ends.values() if _has_home(end)}
        arrives = outcomes == {Outcome.DELIVERED}
        if System.INTERNET in homes:
            return Residence(Home.ODD, "other host", f"odd: {self._told()}", arrives)
        if Outcome.DISCARDED in outcomes:
            return Residence(Home.ODD, "thrown away", f"odd: {self._told()}", False)
        if any(end.outcome is Outcome.UNKNOWN and not self._is_unread(end) for end in self.ends.values()):
            return Residence(Home.ODD, self._trouble(), f"odd: {self._told()}", False)
        if len(homes) > 1:
            return Residence(Home.BOTH, self._boxes(), f"both: {self._told()}", arrives)
        if not homes:
            return self._legacy_unknown() if Outcome.UNKNOWN in outcomes else self._nowhere(outcomes)
        return self._one_home(homes.pop())

    def _is_unread(self, end: End) -> bool:
        """Whether nothing is known of the end because of the existing system's half only a part was read."""
        return end.system is System.LEGACY and end.address.lower() not in self.tracer.world.legacy.routes

    @property
    def _keeps_no_copy(self) -> bool:
        return self.account is not None and self.account.one(LOCAL_DELIVERY_OFF).upper() == "TRUE"

    def _boxes(self) -> str:
        on_legacy = [origin for origin, end in self.ends.items() if _has_home(end) and end.system is System.LEGACY]
        return "old box" if on_legacy == [Origin.LEGACY] else "two boxes"

    def _legacy_unknown(self) -> Residence:
        return Residence(Home.LEGACY, "not known", f"{self._by_transport(System.LEGACY)}; {self._told()}")

    def _nowhere(self, outcomes: set[Outcome]) -> Residence:
        home_ = Home.ODD if outcomes == {Outcome.DEFERRED} else Home.NOWHERE
        return Residence(home_, self._trouble(), f"{home_}: {self._told()}", False)

    def _one_home(self, system: System) -> Residence:
        home_ = Home.ZIMBRA if system is System.ZIMBRA else Home.LEGACY
        reason = self._by_transport(system)
        others = self._told(lambda end: end.outcome is not Outcome.DELIVERED)
        known_bad = any(e.outcome not in (Outcome.DELIVERED, Outcome.UNKNOWN) for e in self.ends.values())
        if others:
            reason += f"; but {others}"
        state = self._trouble() if known_bad else self._calm_state(system)
        return Residence(home_, state, reason, not known_bad)

    def _by_transport(self, system: System) -> str:
        world, own = self.tracer.world, self.account.name if self.account is not None else self.address
        route = resolve(self.tracer.maps, self.tracer.settings, own)
        if system is System.ZIMBRA:
            end = next(end for end in self.ends.values() if _has_home(end) and end.system is system)
            if self._keeps_no_copy:
                return f"Zimbra: {end.host} keeps no copy and sends it on"
            return f"Zimbra ({route.mailer} to its own mail host {end.host})"
        if _goes_on(route):
            return f"legacy, by {route.by}"
        return f"legacy: {world.legacy.host} keeps its mail, and {world.zimbra} does not send it there"

    def _calm_state(self, system: System) -> str:
        """The word for a row whose mail arrives."""
        account = self.account
        if account is None:
            return "not on Zimbra"
        status = account.one(ACCOUNT_STATUS)
        if not account.enabled:
            return status if status in ("closed", "pending") else "mail off"
        if system is System.ZIMBRA:
            calm = "sent on" if self._keeps_no_copy else ""
            return calm if status == "active" else status
        return {"locked": "", "active": "not locked"}.get(status, status)

    def _trouble(self) -> str:
        ends = [end for end in self.ends.values() if end.outcome is not Outcome.DELIVERED]
        return trouble_word(self.tracer, self.address, self.account, ends)

    def _told(self, which: Callable[[End], bool] = lambda end: True) -> str:
        """What happens to mail from each origin, those together to whom the same happens."""
        told: dict[str, list[str]] = {}
        for origin, end in self.ends.items():
            if which(end):
                told.setdefault(self._fate(self.routes[origin], end), []).append(_WHOSE[origin])
        if len(told) == 1 and len(self.ends) == len(next(iter(told.values()))):
            return f"all mail {next(iter(told))}"
        return "; ".join(f"{' and '.join(whose)} mail {fate}" for fate, whose in told.items())

    def _fate(self, route: Route, end: End) -> str:
        said = f" ({_without(end.text, end.address, route.address)})" if end.text else ""
        if end.outcome is Outcome.LOOPED:
            return self._circle(route, end)
        fates = {
            Outcome.DELIVERED: f"arrives on {end.host}",
            Outcome.REJECTED: f"is refused by {end.host}{said}",
            Outcome.BOUNCED: f"is accepted and bounced by {end.host}{said}",
            Outcome.DEFERRED: f"waits on {end.host} until {end.until}{said}",
            Outcome.DISCARDED: f"is thrown away on {end.host}",
        }
        return fates.get(end.outcome, f"is handed to {end.host}, and what becomes of it there is not known")

    def _circle(self, route: Route, end: End) -> str:
        zimbra = self.tracer.world.zimbra
        hosts = sorted({hop.host for hop in route.hops[1:]}, key=lambda host: (host != zimbra, host))
        return f"loops between {' and '.join(hosts)}" if len(hosts) > 1 else f"loops back to {end.host}"


def _has_home(end: End) -> bool:
    """Whether the copy is where it shall stay, or waits for a mailbox that is only closed for a while."""
    return end.outcome is Outcome.DELIVERED or end.text.startswith(_WAITS_FOR_MAILBOX)


def _goes_on(route: Resolution) -> bool:
    return route.source is not None and route.mailer in ("smtp", "relay")


def _without(text: str, *addresses: str) -> str:
    for address in dict.fromkeys(addresses):
        text = text.replace(f"<{address}>: ", "")
    return text
