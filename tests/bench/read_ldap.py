"""The existing system's people out of a real slapd by ldap3, against the same search by ldapsearch, into /dev/null.

Both ask for the same attributes by the same filter, in pages of 1,000, taking turns. ``entries`` are read and decoded,
by the decoder of our own and by that of ldap3; ``people`` are mapped besides to addresses, aliases and names, and kept.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from splittui.config.directory import Encryption, EntryMapping, LdapDirectory, LdapServer
from splittui.legacy.directory import LegacyDirectory
from splittui.legacy.mapping import people_filter, rules
from splittui.remote.ldap.connection import LdapConnection
from splittui.remote.ldap.paging import pages
from splittui.remote.password import Passwords
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.servers.people import SUFFIX, crowd
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

_ROUNDS = 5
_AGAINST = "the same ldapsearch, into /dev/null"
_MAPPING = EntryMapping()
_FILTER = people_filter(_MAPPING, "example.com")


def figures(sizes: Sizes) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        slapd = Slapd(Path(folder))
        slapd.load(crowd(sizes.accounts))
        with slapd:
            server = LdapServer(slapd.address, slapd.port, Encryption.NONE, slapd.admin)
            works = {
                "people": lambda: _people(server, sizes.accounts),
                "entries": lambda: _entries(server, sizes.accounts),
                "ldapsearch": lambda: _ldapsearch(slapd),
            }
            taken: dict[str, list[float]] = {name: [] for name in works}
            for _ in range(_ROUNDS):
                for name, work in works.items():
                    taken[name].append(_seconds(work))
            stock = _seconds(lambda: _entries(replace(server, stock_decoder=True), sizes.accounts))
    bare = statistics.median(taken["ldapsearch"])
    goal = Goal(Kind.RATIO, 1.3)
    yield Figure(f"read_ldap: {sizes.accounts:,} entries", statistics.median(taken["entries"]), bare, _AGAINST, goal)
    yield Figure("read_ldap: mapped to people", statistics.median(taken["people"]), bare, _AGAINST)
    yield Figure("read_ldap: by the stock decoder", stock, bare, _AGAINST)


def _seconds(work: Callable[[], None]) -> float:
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    work()
    taken = time.perf_counter() - began
    gc.enable()
    return taken


def _people(server: LdapServer, count: int) -> None:
    passwords = Passwords(lambda question: ADMIN_PASSWORD)
    reader = LegacyDirectory(LdapDirectory(server, SUFFIX), "example.com", frozenset(), passwords)
    half = reader.read(0.0, lambda seen: None)
    assert half.reading.complete, half.reading.why_partial
    assert len(half.accounts) == count


def _entries(server: LdapServer, count: int) -> None:
    seen = 0
    with LdapConnection(server, ADMIN_PASSWORD) as connection:
        for page in pages(connection, SUFFIX, _FILTER, rules(_MAPPING).attributes(), []):
            seen += len(page)
    assert seen == count


def _ldapsearch(slapd: Slapd) -> None:
    password = slapd.folder / "bench-password"
    password.write_text(ADMIN_PASSWORD)
    password.chmod(0o600)
    words = ("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", slapd.url, "-D", slapd.admin, "-y", str(password))
    search = ("-E", "pr=1000/noprompt", "-b", SUFFIX, _FILTER, *rules(_MAPPING).attributes())
    subprocess.run((*words, *search), stdout=subprocess.DEVNULL, check=True)
