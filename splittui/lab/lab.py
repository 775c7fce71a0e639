"""The lab as a whole: a directory with sample people, the legacy system's export, an SSH server, a profile for it."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from secrets import token_urlsafe
from types import TracebackType

from splittui.lab.home import Home, lay_out, write_commands
from splittui.lab.people import Sample, fill
from splittui.lab.people_entries import DOMAIN, LEGACY, ON_LEGACY, SERVER
from splittui.lab.server import Address, LabServer, ServerError

PROFILE = "lab"

_LABEL = "lab.json"


class LabError(Exception):
    """The lab cannot start; the text says why, and what to do."""


class Lab:
    """A running lab. ``Lab.start`` makes one, ``stop`` (or the end of a ``with`` block) ends it."""

    def __init__(self, directory: Path, sample: Sample, server: LabServer, address: Address, temporary: bool) -> None:
        self.directory, self.sample, self.server, self.address = directory, sample, server, address
        self._temporary = temporary

    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        accounts: int = 1200,
        seed: int = 7,
        role: str = "primary",
        zmprov_delay: float = 0.0,
    ) -> Lab:
        """Fill ``directory`` (None: a temporary one, removed at ``stop``) and serve it.

        A lab that is already in ``directory`` is used as it stands, with its people and its role; only
        ``zmprov_delay`` (seconds) is set anew. Raises LabError.
        """
        if role not in ("primary", "secondary"):
            raise LabError(f"the lab's role is primary or secondary, not {role!r}")
        if accounts < 0:
            raise LabError(f"the lab cannot have {accounts} accounts")
        temporary = directory is None
        try:
            place = Path(tempfile.mkdtemp(prefix="splittui-lab-")) if directory is None else directory.absolute()
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                return cls._start(place, Sample(accounts, seed, role), zmprov_delay, temporary)
            except BaseException:
                if temporary:
                    shutil.rmtree(place, ignore_errors=True)
                raise
        except OSError as error:
            raise LabError(f"the lab cannot be set up: {error}") from error

    @classmethod
    def _start(cls, place: Path, sample: Sample, zmprov_delay: float, temporary: bool) -> Lab:
        home = Home(place / "zimbra")
        label = place / _LABEL
        if label.exists():
            sample = _read_label(label)
            write_commands(home)
        elif home.path.exists():
            raise LabError(f"{home.path} exists, but is no complete lab: remove it, or name another directory")
        else:
            _fill(place, home, sample)
            _write_label(label, sample)
        home.write_settings(replace(home.settings(), zmprov_delay=zmprov_delay))
        server = LabServer(place, home.environment(), home.path)
        try:
            address = server.start()
        except ServerError as error:
            raise LabError(str(error)) from error
        lab = cls(place, sample, server, address, temporary)
        try:
            lab.config.write_text(_profile(lab), encoding="utf-8")
        except BaseException:
            lab.stop()
            raise
        return lab

    @property
    def home(self) -> Home:
        """The emulated Zimbra's ZIMBRA_HOME, with its settings and its directory."""
        return Home(self.directory / "zimbra")

    @property
    def config(self) -> Path:
        """The configuration file whose default profile is this lab."""
        return self.directory / "splittui.toml"

    @property
    def legacy_csv(self) -> Path:
        """The legacy system's export of its people."""
        return _legacy_csv(self.directory)

    def info(self) -> dict[str, object]:
        """What ``splittui lab`` prints when it is ready, for ``json.dumps``."""
        return {
            "config": str(self.config),
            "ssh": {
                "host": self.address.host,
                "port": self.address.port,
                "user": self.address.user,
                "key_file": str(self.address.key_file),
                "known_hosts": str(self.address.known_hosts),
            },
            "zimbra_home": str(self.home.path),
            "legacy_csv": str(self.legacy_csv),
            "domain": DOMAIN,
            "role": self.sample.role,
        }

    def drop(self) -> None:
        """Cut all SSH connections, as a failing network would."""
        self.server.drop()

    def stop(self) -> None:
        """End the server and all that runs on it; remove the keys and the profile, or a temporary lab altogether.

        May be called twice.
        """
        self.server.stop()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
            return
        for path in (self.address.key_file, self.address.known_hosts, self.config):
            path.unlink(missing_ok=True)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _fill(place: Path, home: Home, sample: Sample) -> None:
    lay_out(home, SERVER, token_urlsafe(16), token_urlsafe(16))
    _legacy_csv(place).parent.mkdir(exist_ok=True)
    with home.directory() as directory:
        fill(directory, _legacy_csv(place), sample, home.path)


def _legacy_csv(place: Path) -> Path:
    return place / "legacy" / "people.csv"


def _write_label(label: Path, sample: Sample) -> None:
    """Written last: its presence says that the lab is complete."""
    label.write_text(json.dumps(asdict(sample)) + "\n", encoding="utf-8")


def _read_label(label: Path) -> Sample:
    try:
        found = json.loads(label.read_text(encoding="utf-8"))
        return Sample(int(found["accounts"]), int(found["seed"]), str(found["role"]))
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(f"{label} is damaged ({error}): remove that lab, or name another directory") from error


def _profile(lab: Lab) -> str:
    tables: tuple[tuple[str, dict[str, str | int]], ...] = (
        ("profile.lab", {"domain": DOMAIN, "role": lab.sample.role, "journal": str(lab.directory / "journal.db")}),
        (
            "profile.lab.zimbra",
            {
                "host": lab.address.host,
                "port": lab.address.port,
                "user": lab.address.user,
                "become": "direct",
                "key_file": str(lab.address.key_file),
                "known_hosts": str(lab.address.known_hosts),
                "home": str(lab.home.path),
                "name": SERVER,
            },
        ),
        ("profile.lab.legacy", {"name": LEGACY, "transport": ON_LEGACY}),
        ("profile.lab.legacy.directory", {"kind": "csv", "path": str(lab.legacy_csv)}),
        *(_router(lab) if lab.sample.role == "secondary" else ()),
    )
    text = f'default_profile = "{PROFILE}"\n'
    for table, values in tables:
        # A JSON string is a TOML one, too.
        lines = (f"{key} = {json.dumps(value)}" for key, value in values.items())
        text += f"\n[{table}]\n" + "\n".join(lines) + "\n"
    return text


def _router(lab: Lab) -> tuple[tuple[str, dict[str, str | int]], ...]:
    """How a move tells the existing system: as a secondary, no move is possible without."""
    route = f"{lab.home.path}/bin/legacy-route"
    commands: dict[str, str | int] = {
        "kind": "command",
        "show": f"{route} show {{address}}",
        "away": f"{route} set {{address}} {{nexthop}}",
        "here": f"{route} clear {{address}}",
        "reload": f"{route} reload",
    }
    login: dict[str, str | int] = {
        "host": lab.address.host,
        "port": lab.address.port,
        "user": lab.address.user,
        "key_file": str(lab.address.key_file),
        "known_hosts": str(lab.address.known_hosts),
    }
    return ("profile.lab.legacy.router", commands), ("profile.lab.legacy.ssh", login)
