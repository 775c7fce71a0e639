"""All entries of a search, page by page, and never a part of them that looks like all (RFC 2696).

ldap3's own paged search ends without a word where the server ends early, so each page's result and control are
looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from splittui.remote.ldap import errors
from splittui.remote.ldap.connection import LdapConnection
from splittui.remote.ldap.decoder import Attributes

FIRST_PAGE = 200
"""Small, so that something can be shown at once."""
PAGE = 1000
"""More is slower, and Active Directory gives no more (MaxPageSize)."""

_RANGE = ";range="


def pages(
    connection: LdapConnection, base: str, filter_: str, attributes: Sequence[str], references: list[str]
) -> Iterator[list[Attributes]]:
    """The entries below ``base``, a page at a time; attributes that came in ranges are whole.

    References to other servers are added to ``references``: what these hold is not among the entries. Raises LdapFault
    after the last page that came, where these are not all of them, and RemoteError where the way there is lost.
    """
    query = connection.query(base, filter_, attributes)
    number = connection.ask_page(query, FIRST_PAGE, b"")
    while True:
        answer = connection.answer(query, number)
        references += answer.references
        ranged = [one for one in answer.entries if any(_RANGE in name for name in one)] if answer.ranged else []
        if answer.fault is not None or answer.cookie is None:
            # What is cut short may be cut anywhere; no more is asked on this connection.
            yield [entry for entry in answer.entries if entry not in ranged]
            raise answer.fault or errors.no_paging(connection.host)
        for entry in ranged:
            _complete(connection, entry)
        if answer.cookie:
            # The server works on the next page while this one is being used.
            number = connection.ask_page(query, PAGE, answer.cookie)
        yield answer.entries
        if not answer.cookie:
            return


def _complete(connection: LdapConnection, entry: Attributes) -> None:
    """Active Directory hands out 1,500 values of an attribute at a time, as ``member;range=0-1499`` (MS-ADTS 3.1.1.3).

    The search for the rest does not disturb the paged one: it is not paged itself.
    """
    for name in [name for name in entry if _RANGE in name]:
        values = entry.pop(name)
        attribute, _, extent = name.partition(_RANGE)
        last = extent.partition("-")[2]
        while last != "*":
            if not last.isdigit():
                raise errors.garbled(connection.host, f"{name} of {entry['dn'][0]}")
            start = int(last) + 1
            answer = connection.search(entry["dn"][0], "(objectClass=*)", [f"{attribute}{_RANGE}{start}-*"], "BASE")
            if answer.fault is not None:
                raise answer.fault
            wanted = f"{attribute}{_RANGE}{start}-"
            found = [(key, more) for one in answer.entries for key, more in one.items() if key.startswith(wanted)]
            if len(found) != 1:
                raise errors.garbled(connection.host, f"values of {attribute} from {start} on are missing")
            values += found[0][1]
            last = found[0][0].removeprefix(wanted)
        entry[attribute] = entry.get(attribute, []) + values
