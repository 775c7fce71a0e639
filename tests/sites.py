"""A small site for tests of the pure parts: its settings, its servers, and snapshots made of accounts."""

from collections.abc import Mapping

from splittui.mailflow.roster import roster
from splittui.model.entries import Domain, LegacyAccount, Role, Server, ZimbraAccount
from splittui.model.home import Person
from splittui.model.snapshot import LegacyHalf, Reading, Snapshot, ZimbraHalf
from splittui.model.split import Split

LMTP = "lmtp:zimbra.example.com:7025"
SMTP = "smtp:mail.example.com:25"
WHOLE = Reading(True, 0.0)
SPLIT = Split("example.com", Role.PRIMARY, "zimbra.example.com", "mail.example.com", SMTP)
SECONDARY = Split("example.com", Role.SECONDARY, "zimbra.example.com", "mail.example.com", SMTP)
SERVER = Server("zimbra.example.com", "zimbra.example.com", 7025, frozenset({"mailbox", "mta"}))


def on_zimbra(local: str, **changes: object) -> ZimbraAccount:
    """A person who lives on Zimbra."""
    values: dict[str, object] = {"transport": LMTP, "host": "zimbra.example.com", "status": "active", **changes}
    return ZimbraAccount(f"{local}@example.com", f"id-{local}", **values)


def placeholder(local: str, **changes: object) -> ZimbraAccount:
    """A host-less placeholder for a person who lives on legacy."""
    return on_zimbra(local, **{"transport": SMTP, "host": "", "status": "locked", **changes})


def on_legacy(local: str, **changes: object) -> LegacyAccount:
    return LegacyAccount(f"{local}@example.com", **changes)


def snapshot(
    *entries: ZimbraAccount | LegacyAccount,
    domain: Domain | None = None,
    servers: tuple[Server, ...] = (SERVER,),
    zimbra: Reading = WHOLE,
    legacy: Reading = WHOLE,
) -> Snapshot:
    """Both halves, of these entries."""
    return Snapshot(
        ZimbraHalf(
            zimbra,
            {e.address: e for e in entries if isinstance(e, ZimbraAccount)},
            domain or Domain("example.com"),
            servers,
        ),
        LegacyHalf(legacy, {e.address: e for e in entries if isinstance(e, LegacyAccount)}),
    )


def people(seen: Snapshot, split: Split = SPLIT) -> Mapping[str, Person]:
    return roster(split, seen).people
