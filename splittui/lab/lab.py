"""The lab as a whole: a directory with sample people, the legacy system's export, an SSH server, a profile for it."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from secrets import token_urlsafe
from types import TracebackType

from splittui.lab.home import LEGACY_COMMANDS, Home, lay_out, write_commands
from splittui.lab.network import LEGACY_USER, OUTSIDE_USER, Network
from splittui.lab.people import Sample, fill
from splittui.lab.people_entries import DOMAIN, SERVER
from splittui.lab.postmaster import Postmaster
from splittui.lab.profile import profile
from splittui.lab.server import Address, LabServer, ServerError, User
from splittui.lab.world import Place, first_state

_LABEL = "lab.json"
_PATH = "/usr/local/bin:/usr/bin:/bin"


class LabError(Exception):
    """The lab cannot start; the text says why, and what to do."""


class Lab:
    """A running lab. ``Lab.start`` makes one, ``stop`` (or the end of a ``with`` block) ends it."""

    def __init__(
        self,
        directory: Path,
        sample: Sample,
        server: LabServer,
        address: Address,
        postmaster: Postmaster,
        temporary: bool,
    ) -> None:
        self.directory, self.sample, self.server, self.address = directory, sample, server, address
        self._postmaster = postmaster
        self._temporary = temporary

    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        accounts: int = 1200,
        seed: int = 7,
        role: str = "primary",
        empty: bool = False,
        zmprov_delay: float = 0.0,
    ) -> Lab:
        """Fill ``directory`` (None: a temporary one, removed at ``stop``) and serve it.

        A lab that is already in ``directory`` is used as it stands, with its people and its role; only
        ``zmprov_delay`` (seconds) is set anew. ``empty``: everybody is on the legacy system, and Zimbra just installed.
        Raises LabError.
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
                return cls._start(place, Sample(accounts, seed, role, empty), zmprov_delay, temporary)
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
            _write_world(home, sample)
        elif home.path.exists():
            raise LabError(f"{home.path} exists, but is no complete lab: remove it, or name another directory")
        else:
            _fill(home, sample)
            _write_label(label, sample)
        home.write_settings(replace(home.settings(), zmprov_delay=zmprov_delay))
        postmaster = Postmaster(home)
        server = LabServer(
            place, home.environment(), home.path, others=_others(home), connect=Network(postmaster).connect
        )
        try:
            address = server.start()
        except ServerError as error:
            raise LabError(str(error)) from error
        lab = cls(place, sample, server, address, postmaster, temporary)
        try:
            lab.config.write_text(profile(address, home, sample), encoding="utf-8")
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
        return self.world.people.path

    @property
    def world(self) -> Place:
        """What surrounds the emulated Zimbra; the functions of ``splittui.lab.world`` change it."""
        return Place.of(self.home)

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
        self._postmaster.close()
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


def _fill(home: Home, sample: Sample) -> None:
    lay_out(home, SERVER, token_urlsafe(16), token_urlsafe(16))
    there = Place.of(home)
    there.folder.mkdir(exist_ok=True)
    _write_world(home, sample)
    with home.directory() as directory:
        fill(directory, there.people.path, sample, home.path)


def _write_world(home: Home, sample: Sample) -> None:
    """A lab that was kept since before there was such a world gets one."""
    there = Place.of(home)
    if not there.file.exists():
        there.write(first_state(sample.role, empty=sample.empty))
    there.log_file.touch()
    commands = there.folder / "bin"
    commands.mkdir(exist_ok=True)
    for name in LEGACY_COMMANDS:
        (commands / name).unlink(missing_ok=True)
        (commands / name).symlink_to(home.path / "bin" / name)


def _others(home: Home) -> dict[str, User]:
    """Who logs in on the existing system's host, and on the machine outside. None of Zimbra's commands is there."""
    folder = Place.of(home).folder
    shared = {"SHELL": "/bin/sh", "LC_ALL": "C", "LANG": "C", "HOME": str(folder)}
    users = {LEGACY_USER: f"{folder / 'bin'}:{_PATH}", OUTSIDE_USER: _PATH}
    return {name: User({**shared, "PATH": path, "USER": name, "LOGNAME": name}, folder) for name, path in users.items()}


def _write_label(label: Path, sample: Sample) -> None:
    """Written last: its presence says that the lab is complete."""
    label.write_text(json.dumps(asdict(sample)) + "\n", encoding="utf-8")


def _read_label(label: Path) -> Sample:
    try:
        found = json.loads(label.read_text(encoding="utf-8"))
        return Sample(int(found["accounts"]), int(found["seed"]), str(found["role"]), bool(found.get("empty")))
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(f"{label} is damaged ({error}): remove that lab, or name another directory") from error
