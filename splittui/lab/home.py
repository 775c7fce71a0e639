"""The lab's ZIMBRA_HOME: where things lie in it, its commands and its configuration files."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import splittui
from splittui.lab.directory import Directory

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LDAP_URL = "ldap://{server}:389"
ADMIN_DN = "uid=zimbra,cn=admins,cn=zimbra"
POSTFIX_DN = "uid=zmpostfix,cn=appaccts,cn=zimbra"

LEGACY_COMMANDS = ("legacy-route", "legacy-admin")
"""The commands of the existing mail system's host."""

_COMMANDS = {
    "bin": ("zmprov", "zmlocalconfig", "zmmtactl", "zmcontrol", "zmhostname", "postfix", "postconf", *LEGACY_COMMANDS),
    "common/bin": ("ldapsearch",),
    "common/sbin": ("postmap", "postconf", "postqueue", "postfix"),
}
_KEY = re.compile(r'<key name="([^"]+)">\s*<value>(.*?)</value>', re.DOTALL)
_RUN = {
    "zmprov": 'import runpy; runpy.run_module("splittui.lab.zmprov", run_name="__main__", alter_sys=True)',
}

# The Postfix maps as Zimbra writes them (zm-core-utils, src/libexec/zmmtainit): filter, and lines about the result.
_MAPS = {
    "vmm": (
        "(&(zimbraMailDeliveryAddress=%s)(zimbraMailStatus=enabled))",
        ("result_attribute = zimbraMailDeliveryAddress",),
    ),
    "vmd": (
        "(&(zimbraDomainName=%s)(zimbraDomainType=local)(zimbraMailStatus=enabled))",
        ("result_attribute = zimbraDomainName",),
    ),
    "vam": (
        "(&(|(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraOldMailAddress=%s)(zimbraMailCatchAllAddress=%s))"
        "(zimbraMailStatus=enabled))",
        (
            "result_attribute = zimbraMailDeliveryAddress,zimbraMailForwardingAddress,"
            "zimbraPrefMailForwardingAddress,zimbraMailCatchAllForwardingAddress",
            "special_result_attribute = member",
        ),
    ),
    "vad": (
        "(&(zimbraDomainName=%s)(zimbraDomainType=alias)(zimbraMailStatus=enabled))",
        ("result_attribute = zimbraDomainName",),
    ),
    "canonical": (
        "(&(|(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraMailCatchAllAddress=%s))"
        "(zimbraMailStatus=enabled))",
        ("result_attribute = zimbraMailCanonicalAddress,zimbraMailCatchAllCanonicalAddress",),
    ),
    "transport": (
        "(&(|(zimbraMailDeliveryAddress=%s)(zimbraDomainName=%s))(zimbraMailStatus=enabled))",
        ("result_attribute = zimbraMailTransport",),
    ),
    "slm": (
        "(&(|(uid=%s)(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraMailCatchAllAddress=%s)"
        "(zimbraAllowFromAddress=%s))(zimbraMailStatus=enabled))",
        (
            "result_format = %u, %s",
            "result_attribute = uid,zimbraMailDeliveryAddress,zimbraMailForwardingAddress,"
            "zimbraPrefMailForwardingAddress,zimbraMailCatchAllForwardingAddress,zimbraMailAlias,"
            "zimbraAllowFromAddress",
        ),
    ),
    "splitdomain": (
        "(&(|(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraMailCatchAllAddress=%s))"
        "(zimbraMailStatus=enabled))",
        (
            "result_attribute = zimbraMailDeliveryAddress,zimbraMailForwardingAddress,zimbraPrefMailForwardingAddress",
            "result_filter = OK",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What makes the lab slow or ill; it can be changed while the lab runs.

    ``zmprov_delay``: seconds that a start of zmprov takes (the real one's JVM needs about 2). ``mailboxd``, ``ldap``:
    whether they answer. ``ldap_size_limit``: entries after which a search ends with LDAP result 4 (0: no limit).
    """

    zmprov_delay: float = 0.0
    mailboxd: bool = True
    ldap: bool = True
    ldap_size_limit: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """A ZIMBRA_HOME of the lab."""

    path: Path

    @classmethod
    def current(cls) -> Home:
        """The one that the environment names, as for Zimbra's own commands."""
        return cls(Path(os.environ.get("ZIMBRA_HOME", "/opt/zimbra")))

    @property
    def directory_file(self) -> Path:
        return self.path / "lab" / "directory.db"

    @property
    def settings_file(self) -> Path:
        return self.path / "lab" / "settings.json"

    @property
    def localconfig_file(self) -> Path:
        return self.path / "conf" / "localconfig.xml"

    @property
    def log_file(self) -> Path:
        return self.path / "log" / "zimbra.log"

    def directory(self) -> Directory:
        """The lab's LDAP. Raises DirectoryError."""
        return Directory(self.directory_file)

    def settings(self) -> Settings:
        """As they are now; a missing file or key means the default."""
        values = _mapping(self.settings_file)
        return Settings(
            zmprov_delay=float(values.get("zmprov_delay", 0.0)),
            mailboxd=bool(values.get("mailboxd", True)),
            ldap=bool(values.get("ldap", True)),
            ldap_size_limit=int(values.get("ldap_size_limit", 0)),
        )

    def write_settings(self, settings: Settings) -> None:
        """Takes effect for every command that starts afterwards."""
        new = self.settings_file.with_suffix(".new")
        new.write_text(json.dumps(asdict(settings)), encoding="utf-8")
        new.replace(self.settings_file)

    def localconfig(self) -> dict[str, str]:
        """Zimbra's local configuration: host names, LDAP address, passwords."""
        try:
            text = self.localconfig_file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        return {name: html.unescape(value) for name, value in _KEY.findall(text)}

    def environment(self) -> dict[str, str]:
        """All that a command of user zimbra sees of the environment."""
        own = ":".join(str(self.path / folder) for folder in _COMMANDS)
        return {
            "HOME": str(self.path),
            "ZIMBRA_HOME": str(self.path),
            "PATH": f"{own}:{SYSTEM_PATH}",
            "USER": "zimbra",
            "LOGNAME": "zimbra",
            "SHELL": "/bin/sh",
            "LC_ALL": "C",
            "LANG": "C",
        }


def lay_out(home: Home, server: str, admin_secret: str, postfix_secret: str) -> None:
    """Make the folders, commands and configuration files of a Zimbra server of that name. Raises OSError."""
    for folder in (*_COMMANDS, "conf", "lab", "log"):
        (home.path / folder).mkdir(parents=True, exist_ok=True)
    write_commands(home)
    home.write_settings(Settings())
    _write(home.localconfig_file, _localconfig(home, server, admin_secret, postfix_secret), 0o600)
    for name, (query, result) in _MAPS.items():
        lines = (
            f"server_host = {LDAP_URL.format(server=server)}",
            "server_port = 389",
            "search_base =",
            f"query_filter = {query}",
            *result,
            "version = 3",
            "start_tls = no",
            "bind = yes",
            f"bind_dn = {POSTFIX_DN}",
            f"bind_pw = {postfix_secret}",
            "timeout = 30",
        )
        _write(home.path / "conf" / f"ldap-{name}.cf", "\n".join(lines) + "\n", 0o640)
    home.log_file.touch()


def write_commands(home: Home) -> None:
    """Make every command start the running interpreter with this very package. Raises OSError."""
    for folder, names in _COMMANDS.items():
        for name in names:
            _write(home.path / folder / name, _launcher(home, name), 0o755)


def _launcher(home: Home, name: str) -> str:
    package = str(Path(splittui.__file__).resolve().parent.parent)
    run = _RUN.get(name, f'from splittui.lab.tools.main import main; main("{name}")')
    # Without -P (Python 3.11) the working directory would stand first in the module path: it is replaced.
    code = f"import sys; sys.path[0] = {package!r}; {run}"
    return (
        "#!/bin/sh\n"
        f"ZIMBRA_HOME={shlex.quote(str(home.path))}\n"
        "export ZIMBRA_HOME\n"
        f'exec {shlex.quote(sys.executable)} -E -s -c {shlex.quote(code)} "$@"\n'
    )


def _localconfig(home: Home, server: str, admin_secret: str, postfix_secret: str) -> str:
    url = LDAP_URL.format(server=server)
    values = {
        "av_notify_user": "admin@example.com",
        "command_line_editing_enabled": "true",
        "ldap_host": server,
        "ldap_is_master": "true",
        "ldap_master_url": url,
        "ldap_port": "389",
        "ldap_postfix_password": postfix_secret,
        "ldap_starttls_required": "false",
        "ldap_starttls_supported": "0",
        "ldap_url": url,
        "mailboxd_directory": f"{home.path}/mailboxd",
        "postfix_setgid_group": "postdrop",
        "zimbra_home": str(home.path),
        "zimbra_ldap_password": admin_secret,
        "zimbra_ldap_userdn": ADMIN_DN,
        "zimbra_log_directory": f"{home.path}/log",
        "zimbra_server_hostname": server,
        "zimbra_user": "zimbra",
        "zimbra_zmprov_default_to_ldap": "false",
        "zmprov_safeguarded_attrs": "zimbraServiceEnabled,zimbraServiceInstalled",
    }
    keys = "".join(
        f'  <key name="{name}">\n    <value>{html.escape(value)}</value>\n  </key>\n' for name, value in values.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n\n<localconfig>\n{keys}</localconfig>\n'


def _write(path: Path, text: str, mode: int) -> None:
    path.touch(mode=mode)
    path.chmod(mode)
    path.write_text(text, encoding="utf-8")


def _mapping(path: Path) -> dict[str, str | int | float | bool]:
    try:
        values: dict[str, str | int | float | bool] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return values
