"""What is so in the lab beside Zimbra's directory: the existing mail system's settings, the MX, who answers at all.

All of it is one small file, and what a person would do by hand at a real site is a function here: the command
``legacy-admin`` calls them.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from splittui.lab.home import Home
from splittui.lab.legacy_people import LegacyPeople
from splittui.lab.people_entries import BACK_TO_ZIMBRA

ZIMBRA, LEGACY = "zimbra", "legacy"


class WorldError(Exception):
    """The file of the world cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class State:
    """How the surroundings of the lab's Zimbra are.

    ``accepts``: the existing system takes mail from Zimbra for its own people. ``relays``: also for other domains.
    ``sends_unknown``: it hands whom it does not know to Zimbra, instead of refusing them. ``mx`` is the side that the
    MX of the domain names, ``off`` are the sides whose MTA does not run, and ``firewall`` keeps all but the two
    systems from Zimbra's port 25.
    """

    accepts: bool = True
    relays: bool = True
    sends_unknown: bool = True
    mx: str = ZIMBRA
    off: tuple[str, ...] = ()
    firewall: bool = False


def first_state(role: str, *, empty: bool) -> State:
    """As a lab begins: in its role, or as it was before there was a Zimbra."""
    if empty:
        return State(accepts=False, relays=False, sends_unknown=False, mx=LEGACY)
    return State() if role == "primary" else State(sends_unknown=False, mx=LEGACY)


@dataclass(frozen=True, slots=True)
class Place:
    """The existing system's folder of a lab."""

    folder: Path

    @classmethod
    def of(cls, home: Home) -> Place:
        """The one beside a lab's ZIMBRA_HOME."""
        return cls(home.path.parent / "legacy")

    @property
    def file(self) -> Path:
        return self.folder / "world.json"

    @property
    def log_file(self) -> Path:
        """Its mail log, in which nothing ever stands: no mail passes in the lab."""
        return self.folder / "mail.log"

    @property
    def people(self) -> LegacyPeople:
        return LegacyPeople(self.folder / "people.csv")

    def state(self) -> State:
        """As it is now. Raises WorldError."""
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
            return State(**{**found, "off": tuple(found.get("off", ()))})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise WorldError(f"{self.file}: {error}") from error

    def write(self, state: State) -> None:
        """Takes effect with the next question that is asked in the lab."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(asdict(state)) + "\n", encoding="utf-8")
        os.replace(new, self.file)

    def change(self, how: Callable[[State], State]) -> None:
        """Some of it, also where somebody else changes something at the same time. Raises WorldError."""
        with open(self.file.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.write(how(self.state()))


def accept(place: Place) -> None:
    """The existing system takes mail from Zimbra for its own people."""
    place.change(lambda state: replace(state, accepts=True))


def accept_not(place: Place) -> None:
    """It takes nothing from Zimbra."""
    place.change(lambda state: replace(state, accepts=False, relays=False))


def relay(place: Place) -> None:
    """It takes mail for everybody from Zimbra."""
    place.change(lambda state: replace(state, accepts=True, relays=True))


def relay_not(place: Place) -> None:
    """It takes no mail for other domains from Zimbra."""
    place.change(lambda state: replace(state, relays=False))


def forward_unknown(place: Place) -> None:
    """It sends whom it does not know to Zimbra."""
    place.change(lambda state: replace(state, sends_unknown=True))


def refuse_unknown(place: Place) -> None:
    """It refuses whom it does not know."""
    place.change(lambda state: replace(state, sends_unknown=False))


def forward_all(place: Place) -> None:
    """It sends everybody to Zimbra, and has no mailbox any more."""
    place.people.put_all(BACK_TO_ZIMBRA)
    forward_unknown(place)


def route(place: Place, address: str) -> None:
    """It sends this address to Zimbra."""
    place.people.put(address.lower(), BACK_TO_ZIMBRA)


def keep(place: Place, address: str) -> None:
    """It keeps the mail of this address, in a mailbox that is there from now on."""
    place.people.put(address.lower(), "")


def exchanger(place: Place, side: str) -> None:
    """The MX of the domain names the host of that side."""
    place.change(lambda state: replace(state, mx=_side(side)))


def switch_off(place: Place, side: str) -> None:
    """The MTA of that side does not answer any more."""
    place.change(lambda state: replace(state, off=tuple(sorted({*state.off, _side(side)}))))


def switch_on(place: Place, side: str) -> None:
    """The MTA of that side answers."""
    place.change(lambda state: replace(state, off=tuple(each for each in state.off if each != _side(side))))


def firewall(place: Place, how: str) -> None:
    """``close``: only the two systems reach port 25 of Zimbra; ``open``: everybody does."""
    if how not in ("close", "open"):
        raise WorldError(f"the firewall is to open or to close, not to {how}")
    place.change(lambda state: replace(state, firewall=how == "close"))


def _side(text: str) -> str:
    if text not in (ZIMBRA, LEGACY):
        raise WorldError(f"{text} is neither {ZIMBRA} nor {LEGACY}")
    return text


ALONE: dict[str, Callable[[Place], None]] = {
    "accept": accept,
    "accept-not": accept_not,
    "relay": relay,
    "relay-not": relay_not,
    "forward-unknown": forward_unknown,
    "refuse-unknown": refuse_unknown,
    "forward-all": forward_all,
}
"""What is done without naming anything."""

NAMED: dict[str, tuple[str, Callable[[Place, str], None]]] = {
    "route": ("ADDRESS", route),
    "keep": ("ADDRESS", keep),
    "mx": ("zimbra|legacy", exchanger),
    "off": ("zimbra|legacy", switch_off),
    "on": ("zimbra|legacy", switch_on),
    "firewall": ("close|open", firewall),
}
"""What is done with what is named, or in one of two ways; the word for it comes first."""
