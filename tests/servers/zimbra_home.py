"""A ZIMBRA_HOME for the lab of real servers: zmprov on the real slapd, the real ldapsearch, the real Postfix.

What belongs to Postfix in it (``conf/ldap-*.cf``, ``common/sbin``, ``bin/postfix``) is ``zimbra_mta``'s. Whoever runs
the commands must be able to read this project and its Python, as everybody in a capsule is.
"""

from __future__ import annotations

import html
import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from splittui.lab.home import ADMIN_DN
from tests.servers.ground import unavailable

PROJECT = Path(__file__).parents[2]

_ZMPROV = 'import runpy; runpy.run_module("tests.servers.ldap_directory", run_name="__main__", alter_sys=True)'
_LAB_TOOL = 'from splittui.lab.tools.main import main; main("{name}")'
_LAB_TOOLS = ("zmlocalconfig", "zmhostname", "zmcontrol")
# zmmtactl makes the configuration files anew only without ``norewrite`` (zm-core-utils, src/bin/zmmtactl). The lab's
# zmconfigd is the test: it is asked where it is at work (``ZimbraMta.zmconfigd``). restart is a reload.
_ZMMTACTL = """\
case "$1" in
  start|stop|status) action=$1 ;;
  reload|restart) action=reload ;;
  *) echo "$0 start|stop|restart|reload|status"; exit 1 ;;
esac
case "$1 $2" in
  stop*|status*|*" norewrite") ;;
  *)
    if [ -d "$ZIMBRA_HOME/data/zmconfigd" ]; then
      : >"$ZIMBRA_HOME/data/zmconfigd/rewrite"
      n=0
      while [ -e "$ZIMBRA_HOME/data/zmconfigd/rewrite" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
    fi
    echo "Rewriting configuration files...done."
    ;;
esac
exec "$ZIMBRA_HOME/bin/postfix" "$action"
"""


@dataclass(frozen=True, slots=True)
class ZimbraHome:
    """``place`` is the folder as it is written to from here, ``name`` what its own commands call it.

    ``ldap_url`` is slapd's; ``password`` belongs to the directory's zimbra user, ``server`` is this server's host name.
    """

    place: Path
    ldap_url: str
    server: str
    password: str = field(repr=False)
    name: str = "/opt/zimbra"

    def lay_out(self) -> None:
        """Writes commands and configuration. The password can be read by root and the owner of ``place`` alone."""
        for folder in ("bin", "common/bin", "conf"):
            (self.place / folder).mkdir(parents=True, exist_ok=True)
        self._command("bin/zmprov", _python(_ZMPROV))
        for tool in _LAB_TOOLS:
            self._command(f"bin/{tool}", _python(_LAB_TOOL.format(name=tool)))
        self._command("bin/zmmtactl", _ZMMTACTL)
        self._command("common/bin/ldapsearch", _ldapsearch())
        keys = self.place / "conf/localconfig.xml"
        keys.touch(0o600)
        keys.write_text(self._localconfig())
        os.chown(keys, self.place.stat().st_uid, -1)

    def _command(self, path: str, script: str) -> None:
        file = self.place / path
        file.write_text(f"#!/bin/sh\nZIMBRA_HOME={shlex.quote(self.name)}\nexport ZIMBRA_HOME\n{script}")
        file.chmod(0o755)

    def _localconfig(self) -> str:
        values = {
            "ldap_is_master": "true",
            "ldap_master_url": self.ldap_url,
            "ldap_starttls_supported": "0",
            "ldap_url": self.ldap_url,
            "zimbra_home": self.name,
            "zimbra_ldap_password": self.password,
            "zimbra_ldap_userdn": ADMIN_DN,
            "zimbra_log_directory": f"{self.name}/log",
            "zimbra_server_hostname": self.server,
            "zimbra_user": "zimbra",
        }
        lines = (
            f'<key name="{name}">\n<value>{html.escape(value)}</value>\n</key>\n' for name, value in values.items()
        )
        return f"<localconfig>\n{''.join(lines)}</localconfig>\n"


def _python(code: str) -> str:
    # Without -P (Python 3.11) the working directory would stand first in the module path: it is replaced.
    whole = f"import sys; sys.path[0] = {str(PROJECT)!r}; {code}"
    return f'exec {shlex.quote(sys.executable)} -E -s -c {shlex.quote(whole)} "$@"\n'


def _ldapsearch() -> str:
    program = shutil.which("ldapsearch")
    if program is None:
        unavailable("ldap-utils is not installed")
    return f'exec {program} "$@"\n'
