"""Zimbra's half of a snapshot, read by ldapsearch on the Zimbra host over the SSH link.

The credentials come from ``zmlocalconfig -s`` there and never leave that host: the password goes from a shell variable
through a pipe into ldapsearch, on no command line. Nothing here can write.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator

from splittui.model.entries import ZimbraAccount
from splittui.model.snapshot import ZimbraHalf
from splittui.remote.ldap.decoder import Attributes
from splittui.remote.ldap.ldif import LdifError, LdifReader
from splittui.zimbra.half import Progress, Search, gather, neighbour_search, recipients, searches

PAGE = 1000

SCRIPT = r"""
home=$1 mark=$2 page=$3
shift 3
settings=$("$home/bin/zmlocalconfig" -s -q -m shell ldap_url zimbra_ldap_userdn zimbra_ldap_password \
  ldap_starttls_supported) || { printf '# %s config %s\n' "$mark" "$?"; exit 1; }
eval "$settings"
tls=
case $ldap_url in ldap://*) [ "${ldap_starttls_supported:-0}" = 1 ] && tls=-ZZ ;; esac
while [ "$#" -gt 0 ]; do
  printf %s "$zimbra_ldap_password" | "$home/common/bin/ldapsearch" -LLL -o ldif-wrap=no -x $tls \
    -H "${ldap_url%% *}" -D "$zimbra_ldap_userdn" -y /dev/stdin -E "!pr=$page/noprompt" -b "$1" "$2" $3
  printf '\n# %s %s\n' "$mark" "$?"
  shift 3
done
"""
"""Prints what each search finds, then a mark with ldapsearch's exit status. POSIX sh."""

_NO_SUCH_OBJECT = 32
_PEOPLE = 1
_LDAP_RESULTS = {
    3: "the directory's time limit was reached",
    4: "the directory's size limit was reached",
    11: "the directory's administrative limit was reached",
    _NO_SUCH_OBJECT: "the domain has no branch of people in Zimbra's directory",
    49: "Zimbra's directory refused the bind",
    50: "Zimbra's directory denied access",
    51: "Zimbra's directory is busy",
    52: "Zimbra's directory is unavailable",
    127: "ldapsearch is not where it was looked for",
    255: "Zimbra's directory cannot be reached from its own host",
}


def new_mark() -> str:
    return f"splittui-{secrets.token_hex(8)}"


def script_arguments(home: str, mark: str, domain: str) -> tuple[str, ...]:
    """The parameters with which SCRIPT prints all of Zimbra's half. ``mark`` is a word that no entry can contain."""
    return (home, mark, str(PAGE), *(word for search in searches(domain) for word in _words(search)))


def neighbour_arguments(home: str, mark: str, addresses: Iterable[str]) -> tuple[str, ...]:
    """The parameters with which SCRIPT prints whoever has one of these addresses, or catches all mail of its domain."""
    return (home, mark, str(PAGE), *_words(neighbour_search(addresses)))


def _words(search: Search) -> tuple[str, str, str]:
    return search.base, search.filter, " ".join(search.attributes)


def read_half(chunks: Iterable[bytes], mark: str, domain: str, read_at: float, progress: Progress) -> ZimbraHalf:
    """Zimbra's half out of what SCRIPT prints, in chunks of whole lines.

    It is marked partial, with the reason, where ldapsearch did not end with success or the output ends early. Raises
    DirectoryError where not even the domain and the servers could be read.
    """
    sections = _Sections(mark)
    return gather(sections.entries(chunks), domain, read_at, progress, lambda hosted: _why(sections, 2, hosted))


def read_neighbours(chunks: Iterable[bytes], mark: str) -> tuple[list[ZimbraAccount], str]:
    """The entries of other domains out of what SCRIPT prints, and why they are not all, which is empty if they are."""
    sections = _Sections(mark)
    found = [entry for _, entry in sections.entries(chunks)]
    return list(recipients(found)), _why(sections, 0)


def _why(sections: _Sections, section: int, hosted: bool = True) -> str:
    if sections.trouble:
        return sections.trouble
    for number in range(section + 1):
        status = sections.statuses.get(number)
        if status is None:
            return "the directory's answer broke off"
        # A domain that Zimbra does not host has no branch of people, and nobody in it.
        if status != 0 and (hosted or (number, status) != (_PEOPLE, _NO_SUCH_OBJECT)):
            return _LDAP_RESULTS.get(status, f"ldapsearch ended with {status}")
    return ""


class _Sections:
    """Splits SCRIPT's output at its marks and keeps the exit status that each carries."""

    def __init__(self, mark: str) -> None:
        self._mark = f"# {mark} ".encode()
        self.statuses: dict[int, int] = {}
        self.trouble = ""

    def entries(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, Attributes]]:
        """The entries with the number of the section that they stand in, up to where they can be read."""
        try:
            yield from self._entries(chunks)
        except LdifError as error:
            self.trouble = f"the directory's answer is garbled: {error}"

    def _entries(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, Attributes]]:
        section, reader = 0, LdifReader()
        for chunk in chunks:
            rest = chunk
            while (at := rest.find(self._mark)) >= 0:
                line, _, after = rest[at + len(self._mark) :].partition(b"\n")
                for entry in reader.feed(rest[:at]):
                    yield section, entry
                for entry in reader.end():
                    yield section, entry
                self._note(section, line.decode())
                section, rest = section + 1, after
            for entry in reader.feed(rest):
                yield section, entry

    def _note(self, section: int, words: str) -> None:
        if words.startswith("config"):
            self.trouble = f"zmlocalconfig on the Zimbra host ended with {words.removeprefix('config ')}"
        else:
            self.statuses[section] = int(words)
