"""The existing mail system's MTA, where it is a Postfix."""

from __future__ import annotations

from splittui.remote.login import Login
from splittui.remote.postfix import Postfix, runner


def mta(login: Login, host: str, log: str = "") -> Postfix:
    """The Postfix in the path; ``log`` is its log where that lies in an unusual place."""
    return Postfix(host, runner(login), "", (log,) if log else ("/var/log/mail.log", "/var/log/maillog"))
