"""How a site is probed: points of view, where mail is handed in, where the mail logs lie, who sends proof mails."""

from __future__ import annotations

from splittui.config import login
from splittui.config.profile import Probing
from splittui.config.table import Table
from splittui.model.address import AddressError, parse_address
from splittui.model.transport import TransportError, parse_transport

_SERVERS = ("internet", "zimbra", "legacy")
KEYS = ("sender", *_SERVERS, "zimbra_log", "legacy_log", "outside")


def probing(table: Table) -> Probing:
    """The settings in ``[profile.NAME.probe]``. Raises ConfigError."""
    sender = table.text("sender", "")
    if sender:
        try:
            sender = parse_address(sender)
        except AddressError as error:
            raise table.error("sender", str(error)) from error
    servers = {key: _server(table, key) for key in _SERVERS}
    return Probing(
        sender=sender,
        internet=servers["internet"],
        zimbra=servers["zimbra"],
        legacy=servers["legacy"],
        zimbra_log=table.text("zimbra_log", ""),
        legacy_log=table.text("legacy_log", ""),
        outside=login.login(table.table("outside", login.KEYS), "root") if "outside" in table else None,
    )


def _server(table: Table, key: str) -> tuple[str, int] | None:
    text = table.text(key, "")
    if not text:
        return None
    try:
        found = parse_transport(f"smtp:{text}")
    except TransportError as error:
        raise table.error(key, f"{text!r} is not host or host:port") from error
    return found.host, found.port or 25
