"""Steps on the settings of Zimbra's MTA, global and of single servers, and how they are made to take effect.

A server's own value hides the global one. zmconfigd writes a changed setting to main.cf within a minute by itself.
"""

from __future__ import annotations

from enum import StrEnum

from splittui.model.entries import Server
from splittui.model.split import Split
from splittui.planning.entry_change import Values, modified
from splittui.planning.plan import Act, Step, Target


class Restart(StrEnum):
    """How changed settings are made to take effect at once."""

    ZMMTACTL = "zmmtactl restart"
    POSTFIX = "postfix stop, postfix start"


def globally(split: Split, seen: Values, wished: Values, summary: str) -> Step | None:
    """Gives the global configuration these values; None where it has them. Raises UnquotableError."""
    return modified(split.zimbra, Target.CONFIG, "", seen, wished, summary)


def on_server(split: Split, server: Server, wished: Values, summary: str) -> Step | None:
    """Gives a server values of its own; an empty one lets the global value through. Raises UnquotableError."""
    return modified(split.zimbra, Target.SERVER, server.name, server.settings, wished, summary)


def reload(split: Split) -> Step:
    """Makes the MTA forget what it has looked up: routes, and domains that it has refused (smtpd(8) keeps those)."""
    words = (f"{split.zimbra_home}/bin/zmmtactl", "reload", "norewrite")
    return Step(host=split.zimbra, act=Act.RELOAD, tokens=words, summary="Postfix forgets the old routes")


def take_effect(split: Split, restart: Restart) -> Step:
    """Makes the MTA of the split's host work by the changed settings at once.

    ``zmmtactl restart`` writes main.cf anew and reloads, so no mail is refused meanwhile. The other one stops it, in
    one command, since a run that ends between the two would leave it stopped.
    """
    home = split.zimbra_home
    words: tuple[str, ...] = (f"{home}/bin/zmmtactl", "restart")
    if restart is Restart.POSTFIX:
        words = ("/bin/sh", "-c", f"{home}/bin/postfix stop; {home}/bin/postfix start")
    return Step(host=split.zimbra, act=Act.RELOAD, tokens=words, summary="the changed settings take effect")
