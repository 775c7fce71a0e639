"""What zmprov finds in its ZIMBRA_HOME: the localconfig keys that it obeys, and the lab's settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from splittui.lab.home import Home

_SAFEGUARDED = "zimbraServiceEnabled,zimbraServiceInstalled"
_LDAP_URL = "ldap://127.0.0.1:389"


@dataclass(frozen=True)
class Surroundings:
    """``delay``: seconds a start takes; ``mailboxd``, ``ldap``: whether they answer; the rest are localconfig keys."""

    path: Path
    history: Path
    delay: float
    mailboxd: bool
    ldap: bool
    ldap_host: str
    local_server: str
    line_editing: bool
    safeguarded: frozenset[str]


def look_around(home: Home) -> Surroundings:
    """The settings in force. Missing files and keys have Zimbra's defaults. Raises OSError, ValueError."""
    keys = home.localconfig()
    settings = home.settings()
    return Surroundings(
        path=home.path,
        history=home.path / ".zmprov_history",
        delay=settings.zmprov_delay,
        mailboxd=settings.mailboxd,
        ldap=settings.ldap,
        ldap_host=keys.get("ldap_url", _LDAP_URL).split()[0].partition("://")[2].rstrip("/"),
        local_server=keys.get("zimbra_server_hostname", ""),
        line_editing=keys.get("command_line_editing_enabled", "true").lower() == "true",
        safeguarded=frozenset(keys.get("zmprov_safeguarded_attrs", _SAFEGUARDED).lower().split(",")),
    )
