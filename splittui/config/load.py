"""Reads the operator's configuration: one TOML file with a profile for each split domain."""

from __future__ import annotations

import tomllib
from pathlib import Path

from splittui.config import directory, login, probes, router, setup
from splittui.config.profile import LegacySystem, Profile, ZimbraHost
from splittui.config.table import ConfigError, Table
from splittui.model.address import AddressError, parse_domain
from splittui.model.entries import Role, Side
from splittui.model.transport import TransportError, parse_transport
from splittui.planning.brake import Limits

_LIMITS = Limits()
_LIMIT_KEYS = ("people", "percent", "per_run", "per_minute", "failures", "plan_hours")


def load(file: Path | None = None, profile: str | None = None) -> Profile:
    """The profile of that name, or the file's default one. Raises ConfigError."""
    path = file or login.default_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file. Write a profile there with splittui connect, name another file with "
            "--config, or try splittui demo, which needs none."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return parse(path, text, profile)


def parse(path: Path, text: str, profile: str | None = None) -> Profile:
    """The same out of a text, as if it stood in that file. Raises ConfigError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    top = Table(path, "", data, ("default_profile", "profile"))
    profiles = top.table("profile", None)
    names = profiles.keys()
    wanted = profile or top.text("default_profile", "") or (names[0] if len(names) == 1 else "")
    if not wanted:
        raise ConfigError(f"{path}: has {len(names)} profiles; name one with --profile: {', '.join(names)}")
    if wanted not in names:
        raise ConfigError(f"{path}: has no profile {wanted!r}; there are: {', '.join(names) or 'none'}")
    return _profile(
        path,
        wanted,
        profiles.table(wanted, ("domain", "role", "zimbra", "legacy", "limits", "journal", "probe", "setup")),
    )


def _profile(path: Path, name: str, table: Table) -> Profile:
    try:
        domain = parse_domain(table.text("domain"))
    except AddressError as error:
        raise table.error("domain", str(error)) from error
    zimbra = table.table(
        "zimbra",
        (*login.KEYS, "name", "home", "mail_host", "directory"),
    )
    legacy = table.table("legacy", ("name", "transport", "directory", "router", "ssh"))
    logins = (Side.ZIMBRA, *((Side.LEGACY,) if "ssh" in legacy else ()))
    limits = table.table("limits", _LIMIT_KEYS, required=False)
    transport = legacy.text("transport")
    try:
        parse_transport(transport)
    except TransportError as error:
        raise legacy.error("transport", str(error)) from error
    people = directory.directory(legacy.table("directory", directory.ALL_KEYS), logins)
    routing, routing_server = router.router(legacy, logins, people)
    host = zimbra.text("host")
    return Profile(
        name=name,
        file=path,
        domain=domain,
        role=Role(table.choice("role", tuple(role.value for role in Role))),
        zimbra=ZimbraHost(
            name=zimbra.text("name", host),
            ssh=login.login(zimbra, "zimbra"),
            home=zimbra.text("home", "/opt/zimbra").rstrip("/"),
            mail_host=zimbra.text("mail_host", ""),
            directory=(
                directory.server(zimbra.table("directory", directory.SERVER_KEYS), logins)
                if "directory" in zimbra
                else None
            ),
        ),
        legacy=LegacySystem(
            name=legacy.text("name"),
            transport=transport,
            directory=people,
            router=routing,
            router_server=routing_server,
            ssh=login.login(legacy.table("ssh", login.KEYS), "root") if "ssh" in legacy else None,
        ),
        limits=Limits(
            people=limits.number("people", _LIMITS.people, 1, 1_000_000) or _LIMITS.people,
            percent=limits.number("percent", _LIMITS.percent, 1, 100) or _LIMITS.percent,
            per_run=limits.number("per_run", None, 1, 1_000_000),
            per_minute=limits.number("per_minute", None, 1, 1_000_000),
            failures=limits.number("failures", _LIMITS.failures, 1, 1_000_000) or _LIMITS.failures,
            plan_hours=limits.number("plan_hours", _LIMITS.plan_hours, 1, 8760) or _LIMITS.plan_hours,
        ),
        journal=table.path("journal"),
        probing=probes.probing(table.table("probe", probes.KEYS, required=False)),
        setup=setup.setup(table.table("setup", setup.KEYS, required=False), logins),
    )
