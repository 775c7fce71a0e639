"""Profiles: one TOML file that describes the operator's split domains. No secret is ever in it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from splittui.model.address import AddressError, parse_domain
from splittui.model.entries import Role
from splittui.model.router import Router, TemplateError, words
from splittui.model.split import Split
from splittui.model.transport import TransportError, parse_transport

BECOME = ("direct", "sudo", "runuser", "su")
_LOGIN_KEYS = ("host", "port", "user", "become", "run_as", "key_file", "known_hosts")


class ConfigError(Exception):
    """The configuration cannot be used; the text names file, key, what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class SshLogin:
    """How a host is logged in to. ``become`` is one of direct, sudo, runuser, su, and leads to ``run_as``.

    ``known_hosts`` is read beside the operator's own files, and keys that are accepted here are written there.
    """

    host: str
    known_hosts: Path
    port: int | None = None
    user: str | None = None
    become: str = "direct"
    run_as: str = "root"
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ZimbraHost:
    """Zimbra's host: its name on screen, its login, ZIMBRA_HOME there, and the server for people who have none."""

    name: str
    ssh: SshLogin
    home: str = "/opt/zimbra"
    mail_host: str = ""


@dataclass(frozen=True, slots=True)
class LegacySystem:
    """The existing mail system: its name on screen, the transport that leads there, and who is on it (a CSV export).

    ``router`` holds the commands that show and change its routing, which are run by ``ssh``; None: by hand.
    """

    name: str
    transport: str
    people: Path
    router: Router | None = None
    ssh: SshLogin | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be changed without a typed confirmation: people in one plan, and percent of a side."""

    people: int = 50
    percent: int = 30


_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Profile:
    """One split domain. ``journal`` is where its runs are journalled; None: in the operator's state directory."""

    name: str
    file: Path
    domain: str
    role: Role
    zimbra: ZimbraHost
    legacy: LegacySystem
    limits: Limits
    journal: Path | None = None

    @property
    def split(self) -> Split:
        return Split(
            self.domain,
            self.role,
            self.zimbra.name,
            self.legacy.name,
            self.legacy.transport,
            self.zimbra.home,
            self.zimbra.mail_host,
            self.legacy.router,
        )


def default_file() -> Path:
    """Where the configuration is looked for without ``--config``."""
    return platformdirs.user_config_path("splittui") / "splittui.toml"


def default_known_hosts() -> Path:
    """Where host keys go that the operator accepts in splittui itself."""
    return default_file().parent / "known_hosts"


def load(file: Path | None = None, profile: str | None = None) -> Profile:
    """The profile of that name, or the file's default one. Raises ConfigError."""
    path = file or default_file()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file. Write a profile there, name another file with --config, "
            "or try splittui demo, which needs none."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    top = _Table(path, "", data, ("default_profile", "profile"))
    profiles = top.table("profile", None)
    names = profiles.keys()
    wanted = profile or top.text("default_profile", "") or (names[0] if len(names) == 1 else "")
    if not wanted:
        raise ConfigError(f"{path}: has {len(names)} profiles; name one with --profile: {', '.join(names)}")
    if wanted not in names:
        raise ConfigError(f"{path}: has no profile {wanted!r}; there are: {', '.join(names) or 'none'}")
    return _profile(path, wanted, profiles.table(wanted, ("domain", "role", "zimbra", "legacy", "limits", "journal")))


def _profile(path: Path, name: str, table: _Table) -> Profile:
    try:
        domain = parse_domain(table.text("domain"))
    except AddressError as error:
        raise table.error("domain", str(error)) from error
    zimbra = table.table(
        "zimbra",
        (*_LOGIN_KEYS, "name", "home", "mail_host"),
    )
    legacy = table.table("legacy", ("name", "transport", "directory", "router", "ssh"))
    directory = legacy.table("directory", ("kind", "path"))
    directory.choice("kind", ("csv",))
    limits = table.table("limits", ("people", "percent"), required=False)
    transport = legacy.text("transport")
    try:
        parse_transport(transport)
    except TransportError as error:
        raise legacy.error("transport", str(error)) from error
    host = zimbra.text("host")
    return Profile(
        name=name,
        file=path,
        domain=domain,
        role=Role(table.choice("role", tuple(role.value for role in Role))),
        zimbra=ZimbraHost(
            name=zimbra.text("name", host),
            ssh=_login(zimbra, "zimbra"),
            home=zimbra.text("home", "/opt/zimbra").rstrip("/"),
            mail_host=zimbra.text("mail_host", ""),
        ),
        legacy=LegacySystem(
            name=legacy.text("name"),
            transport=transport,
            people=directory.path("path") or directory.missing("path"),
            router=_router(legacy),
            ssh=_login(legacy.table("ssh", _LOGIN_KEYS), "root") if "ssh" in legacy else None,
        ),
        limits=Limits(
            people=limits.number("people", _LIMITS.people, 1, 1_000_000) or _LIMITS.people,
            percent=limits.number("percent", _LIMITS.percent, 1, 100) or _LIMITS.percent,
        ),
        journal=table.path("journal"),
    )


def _router(legacy: _Table) -> Router | None:
    if "router" not in legacy:
        return None
    table = legacy.table("router", ("kind", "show", "away", "here", "reload"))
    table.choice("kind", ("command",))
    for key in ("show", "away", "here"):
        try:
            found = words(table.text(key), address="{address}")
        except TemplateError as error:
            raise table.error(key, str(error)) from error
        if not any("{address}" in word for word in found):
            raise table.error(key, "has no {address} in it")
    if "ssh" not in legacy:
        raise legacy.error("ssh", "is missing: the router's commands are run over SSH")
    return Router(table.text("show"), table.text("away"), table.text("here"), table.text("reload", ""))


def _login(table: _Table, run_as: str) -> SshLogin:
    return SshLogin(
        host=table.text("host"),
        port=table.number("port", None, 1, 65535),
        user=table.text("user", "") or None,
        become=table.choice("become", BECOME, "direct"),
        run_as=table.text("run_as", run_as),
        key_file=table.path("key_file"),
        known_hosts=table.path("known_hosts") or default_known_hosts(),
    )


class _Table:
    """A table of the file whose keys are known beforehand; every complaint names file, table and key."""

    def __init__(self, file: Path, where: str, data: Mapping[str, object], known: Sequence[str] | None) -> None:
        self._file, self._where, self._data = file, where, data
        for key in data:
            if known is not None and key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
                raise self.error(key, f"is not a setting; {hint}")

    def error(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"{self._file}: {'.'.join(filter(None, (self._where, key)))}: {what}")

    def missing(self, key: str) -> Path:
        raise self.error(key, "is missing")

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def keys(self) -> list[str]:
        return list(self._data)

    def table(self, key: str, known: Sequence[str] | None, required: bool = True) -> _Table:
        value = self._data.get(key)
        if value is None and not required:
            value = {}
        if not isinstance(value, Mapping):
            raise self.error(key, "is missing: a table is needed" if value is None else "must be a table")
        return _Table(self._file, ".".join(filter(None, (self._where, key))), value, known)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._data.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str):
            raise self.error(key, f"must be text, not {value!r}")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.error(key, f"is {value!r}; it can be {', '.join(choices)}")
        return value

    def number(self, key: str, default: int | None, low: int, high: int) -> int | None:
        value = self._data.get(key, default)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}, not {value!r}")
        return value

    def path(self, key: str) -> Path | None:
        """A file name; ``~`` is the home directory, and a relative one starts at the configuration's own folder."""
        value = self.text(key, "")
        return self._file.parent / Path(value).expanduser() if value else None
