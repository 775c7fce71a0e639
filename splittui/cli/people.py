"""``splittui list``."""

from __future__ import annotations

import argparse
import json
import sys

from splittui.cli.exits import CommandError, Exit
from splittui.cli.reading import read, site
from splittui.model.address import AddressError, parse_address
from splittui.model.entries import LegacyAccount, ZimbraAccount
from splittui.model.home import Person
from splittui.model.text import clean
from splittui.planning.plan_json import Json


def list_people(options: argparse.Namespace) -> Exit:
    """Everybody, or those asked for, as a table or as JSON."""
    wanted = addresses(options.addresses)
    with site(options) as opened:
        seen = read(opened)
    unknown = [address for address in wanted if address not in seen.people]
    people = [
        person
        for person in seen.people.values()
        if (not wanted or person.address in wanted) and options.home in (None, person.home.value)
    ]
    if options.json:
        json.dump([as_json(person) for person in people], sys.stdout, ensure_ascii=True)
        print()
    else:
        width = max((len(person.address) for person in people), default=0)
        for person in people:
            name, state = clean(person.name), clean(person.state)
            print(f"{person.address:{width}}  {person.home.value:7}  {state:14}  {name}".rstrip())
    for address in unknown:
        print(f"splittui: {address} is not known on either system", file=sys.stderr)
    return Exit.FAILED if unknown or not seen.snapshot.complete else Exit.OK


def addresses(texts: list[str]) -> list[str]:
    """The addresses in canonical form. Raises CommandError with every bad one named."""
    found: list[str] = []
    bad: list[str] = []
    for text in texts:
        try:
            found.append(parse_address(text))
        except AddressError as error:
            bad.append(str(error))
    if bad:
        raise CommandError("; ".join(bad))
    return list(dict.fromkeys(found))


def as_json(person: Person) -> dict[str, Json]:
    """One person as ``list --json`` shows it."""
    return {
        "address": person.address,
        "name": person.name,
        "kind": person.kind.value,
        "home": person.home.value,
        "state": person.state,
        "reason": person.reason,
        "zimbra": None if person.zimbra is None else _zimbra(person.zimbra),
        "legacy": None if person.legacy is None else _legacy(person.legacy),
    }


def _zimbra(account: ZimbraAccount) -> dict[str, Json]:
    return {
        "id": account.id,
        "transport": account.transport,
        "host": account.host,
        "status": account.status,
        "mail_status": account.mail_status,
        "aliases": list(account.aliases),
        "forwards": [*account.forwards, *account.user_forwards],
    }


def _legacy(account: LegacyAccount) -> dict[str, Json]:
    return {
        "aliases": list(account.aliases),
        "enabled": account.enabled,
        "forwards_to": account.forwards_to,
    }
