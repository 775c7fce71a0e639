"""The administrator of the existing system, who does what the guide's words say, and a profile for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.accounts import OPERATOR, OUTSIDER, ZIMBRA_USER
from tests.servers.first_entries import ADMIN_PASSWORD
from tests.servers.hosts import CLIENT, DOMAIN, LDAP_PORT, LEGACY, ON_LEGACY, ZIMBRA
from tests.servers.lab import Lab
from tests.servers.legacy_mta import AWAY, HERE, NEXTHOP, TRANSPORT
from tests.servers.post import Origin
from tests.servers.profile import POSTFIX_ROUTER, SENDER, login_lines
from tests.servers.zimbra_home import ZimbraHome
from tests.servers.zimbra_mta import HOME


def write_profile(lab: Lab, folder: Path, *, router: bool = True, setup: str = "", role: str = "") -> Path:
    """A profile by which each standpoint of the guide is a host of its own; ``setup`` are lines of its choices."""
    url = f"ldap://{ZIMBRA.name}:{LDAP_PORT}"
    ZimbraHome(lab.capsule.path(HOME), url, ZIMBRA.name, ADMIN_PASSWORD).lay_out()
    folder.mkdir(parents=True, exist_ok=True)
    become = 'become = "sudo"\nrun_as = "root"\n'
    tables = (
        f'[profile.lab]\ndomain = "{DOMAIN}"\nrole = "{role or lab.role}"\njournal = "{folder}/journal.db"\n',
        f'[profile.lab.zimbra]\nname = "{ZIMBRA.name}"\n{login_lines(lab, ZIMBRA, ZIMBRA_USER)}',
        f'[profile.lab.legacy]\nname = "{LEGACY.name}"\ntransport = "{ON_LEGACY}"\n',
        '[profile.lab.legacy.directory]\nkind = "csv"\npath = "people.csv"\n',
        f"[profile.lab.legacy.ssh]\n{login_lines(lab, LEGACY, OPERATOR)}{become}",
        f"[profile.lab.legacy.router]\n{POSTFIX_ROUTER}" if router else "",
        f'[profile.lab.probe]\nsender = "{SENDER}"\n',
        f"[profile.lab.probe.outside]\n{login_lines(lab, CLIENT, OUTSIDER)}",
        f'[profile.lab.setup]\nsystem = "postfix"\n{setup}',
    )
    file = folder / "splittui.toml"
    file.write_text("# written by hand\n" + "\n".join(tables))
    return file


@dataclass
class Administrator:
    """Does by hand what the guide asks for, on the existing system and in the DNS, and keeps its export up to date.

    ``boxes`` are the local parts that the existing system keeps mail for, ``away`` those that it sends to Zimbra,
    ``origins`` from where mail can come.
    """

    lab: Lab
    export: Path
    boxes: set[str]
    away: set[str] = field(default_factory=set)
    everybody_else: str | None = None
    origins: tuple[Origin, ...] = tuple(Origin)

    def do(self, task: dict[str, Any]) -> None:
        """What this task's words say. Raises KeyError for one that there is no hand work for."""
        works: dict[str, Callable[[], None]] = {
            "legacy-accepts": self._trust,
            "legacy-relays": self._trust,
            "forward-unknown": lambda: self._unknown(AWAY),
            "forward-all": lambda: self._unknown(AWAY),
            "legacy-refuses": lambda: self._unknown(None),
            "legacy-routes": lambda: self._route(task["missing"]),
            "mailboxes-there": self._take_back,
            "everybody-here": self._give_up,
            "mx": lambda: self._publish(task),
            "legacy-off": lambda: self._stop(Origin.LEGACY),
            "zimbra-off": lambda: self._stop(Origin.ZIMBRA),
        }
        assert task["by_hand"], task
        works[task["task"]]()

    def moved(self, *locals_: str) -> None:
        """These were moved to Zimbra by splittui, which has changed the routes; the export follows."""
        self.boxes -= set(locals_)
        self.away |= set(locals_)
        self.write_export()

    def settle(self) -> None:
        """Makes the lists true, reloads, and exports anew."""
        ways = {**dict.fromkeys(self.boxes, HERE), **dict.fromkeys(self.away, AWAY)}
        self.lab.legacy.route(ways, self.everybody_else)
        self.lab.legacy.reload()
        self.write_export()

    def write_export(self) -> None:
        """The export names who is sent on, as a guide asks for."""
        lines = ["address,name,aliases,forwards_to"]
        aliases = {"baz": ["baz.alias"]}
        for local in sorted(self.boxes | self.away):
            if local == "baz.alias":
                continue
            own = " ".join(f"{alias}@{DOMAIN}" for alias in aliases.get(local, []))
            lines.append(f"{local}@{DOMAIN},{local.title()} Person,{own},{ZIMBRA.name if local in self.away else ''}")
        self.export.write_text("\n".join(lines) + "\n")

    def _stop(self, origin: Origin) -> None:
        {Origin.LEGACY: self.lab.legacy, Origin.ZIMBRA: self.lab.zimbra}[origin].stop()
        self.origins = tuple(one for one in self.origins if one is not origin)

    def _trust(self) -> None:
        self.lab.legacy.trust(LEGACY, ZIMBRA)
        self.lab.legacy.reload()

    def _as_routed(self) -> None:
        """What splittui has routed in the table meanwhile is known to whoever edits it."""
        for line in self.lab.capsule.path(TRANSPORT).read_text().splitlines():
            local, at, rest = line.partition("@")
            if at and local:
                here = rest.split()[1] == NEXTHOP[HERE]
                (self.boxes if here else self.away).add(local)
                (self.away if here else self.boxes).discard(local)

    def _unknown(self, way: str | None) -> None:
        self._as_routed()
        self.everybody_else = way
        self.settle()

    def _route(self, missing: list[str]) -> None:
        named = {word.partition("@")[0] for line in missing for word in line.replace(",", " ").split() if "@" in word}
        self.boxes -= named
        self.away |= named
        self.settle()

    def _take_back(self) -> None:
        self.boxes |= self.away
        self.away = set()
        self.settle()

    def _give_up(self) -> None:
        self.away |= self.boxes
        self.boxes = set()
        self.settle()

    def _publish(self, task: dict[str, Any]) -> None:
        words = " ".join(task["by_hand"])
        self.lab.publish(ZIMBRA if f"MX 10 {ZIMBRA.name}." in words else LEGACY)


@contextmanager
def empty_lab(role: str) -> Iterator[Lab]:
    """A lab before its set-up, with a zmconfigd at work."""
    with Lab(role, empty=True) as lab, lab.zimbra.zmconfigd():
        yield lab
