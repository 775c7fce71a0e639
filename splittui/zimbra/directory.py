"""Zimbra's half of a snapshot, read by ldapsearch on the Zimbra host over the SSH link.

The credentials come from ``zmlocalconfig -s`` there and never leave that host: the password goes from a shell variable
through a pipe into ldapsearch, on no command line. Nothing here can write.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator

from splittui.model.entries import Server, ZimbraAccount
from splittui.model.snapshot import Reading, ZimbraHalf
from splittui.zimbra import entries
from splittui.zimbra.ldif import Attributes, LdifError, LdifReader

PAGE = 1000

SCRIPT = r"""
home=$1 mark=$2 topology=$3 topology_attributes=$4 base=$5 people=$6 people_attributes=$7
settings=$("$home/bin/zmlocalconfig" -s -q -m shell ldap_url zimbra_ldap_userdn zimbra_ldap_password \
  ldap_starttls_supported) || { printf '# %s config %s\n' "$mark" "$?"; exit 1; }
eval "$settings"
tls=
case $ldap_url in ldap://*) [ "${ldap_starttls_supported:-0}" = 1 ] && tls=-ZZ ;; esac
search() {
  printf %s "$zimbra_ldap_password" | "$home/common/bin/ldapsearch" -LLL -o ldif-wrap=no -x $tls \
    -H "${ldap_url%% *}" -D "$zimbra_ldap_userdn" -y /dev/stdin "$@"
  printf '\n# %s %s\n' "$mark" "$?"
}
search -b "" "$topology" $topology_attributes
search -E '!pr='"$8"/noprompt -b "$base" "$people" $people_attributes
"""
"""Prints the servers, the global configuration and the domain, a mark with ldapsearch's exit status, then the people
and their mark. POSIX sh."""

_LDAP_RESULTS = {
    3: "the directory's time limit was reached",
    4: "the directory's size limit was reached",
    11: "the directory's administrative limit was reached",
    32: "the domain has no branch of people in Zimbra's directory",
    49: "Zimbra's directory refused the bind",
    50: "Zimbra's directory denied access",
    51: "Zimbra's directory is busy",
    52: "Zimbra's directory is unavailable",
    127: "ldapsearch is not where it was looked for",
    255: "Zimbra's directory cannot be reached from its own host",
}

Progress = Callable[[int], None]


class DirectoryError(Exception):
    """Zimbra's directory could not be read at all; the text says why, in one clause without a full stop."""


def script_arguments(home: str, mark: str, domain: str) -> tuple[str, ...]:
    """The positional parameters of SCRIPT. ``mark`` is a word that no entry can contain (``new_mark``)."""
    base = "ou=people," + ",".join(f"dc={label}" for label in domain.split("."))
    topology = (
        "(|(objectClass=zimbraServer)(objectClass=zimbraGlobalConfig)"
        f"(&(objectClass=zimbraDomain)(zimbraDomainName={_filter_value(domain)})))"
    )
    wanted = {
        "objectClass",
        *entries.SERVER_ATTRIBUTES,
        *entries.CONFIG_ATTRIBUTES,
        *entries.DOMAIN_ATTRIBUTES,
    }
    people = "(|(objectClass=zimbraAccount)(objectClass=zimbraDistributionList))"
    return (
        home,
        mark,
        topology,
        " ".join(sorted(wanted)),
        base,
        people,
        " ".join(entries.ACCOUNT_ATTRIBUTES),
        str(PAGE),
    )


def new_mark() -> str:
    return f"splittui-{secrets.token_hex(8)}"


def _filter_value(text: str) -> str:
    """RFC 4515: what would be read as structure becomes ``\\xx``."""
    return re.sub(r"[\\*()\x00]", lambda match: f"\\{ord(match[0]):02x}", text)


def read_half(chunks: Iterable[bytes], mark: str, domain: str, read_at: float, progress: Progress) -> ZimbraHalf:
    """Zimbra's half out of what SCRIPT prints, in chunks of whole lines.

    It is marked partial, with the reason, where ldapsearch did not end with success or the output ends early. Raises
    DirectoryError where not even the domain and the servers could be read.
    """
    sections = _Sections(mark)
    topology: list[Attributes] = []
    people: dict[str, ZimbraAccount] = {}
    archives: set[str] = set()
    hidden = 0
    seen = 0
    try:
        for section, entry in sections.entries(chunks):
            if section == 0:
                topology.append(entry)
                continue
            found = entries.account(entry)
            if found is None:
                continue
            archives.update(entry.get("amavisarchivequarantineto", ()))
            if not found.address or not found.id or not found.status:
                hidden += 1
                continue
            if found.address.endswith(f"@{domain}"):
                people[found.address] = found
            seen += 1
            if seen % PAGE == 0:
                progress(seen)
    except LdifError as error:
        sections.trouble = f"the directory's answer is garbled: {error}"
    if not topology:
        raise DirectoryError(_why(sections, 0) or "Zimbra's directory shows no server, no configuration and no domain")
    progress(seen)
    why = _why(sections, 1) or (f"{hidden} accounts hide their attributes from the bind" if hidden else "")
    return _half(Reading(not why, read_at, why), people, topology, domain, archives)


def _half(
    reading: Reading, people: dict[str, ZimbraAccount], topology: list[Attributes], domain: str, archives: set[str]
) -> ZimbraHalf:
    config = next((e for e in topology if "zimbraglobalconfig" in entries.classes(e)), {})
    port = entries.one(config, "zimbraLmtpBindPort")
    servers: tuple[Server, ...] = tuple(
        entries.server(e, int(port) if port.isdigit() else 7025)
        for e in topology
        if "zimbraserver" in entries.classes(e)
    )
    found = entries.domain(domain, next((e for e in topology if "zimbradomain" in entries.classes(e)), None))
    settings = entries.chosen(config, entries.CONFIG_ATTRIBUTES)
    entries.mark_referenced(people, settings, found, archives)
    return ZimbraHalf(reading, people, found, servers, settings)


def _why(sections: _Sections, section: int) -> str:
    if sections.trouble:
        return sections.trouble
    for number in range(section + 1):
        status = sections.statuses.get(number)
        if status is None:
            return "the directory's answer broke off"
        if status != 0:
            return _LDAP_RESULTS.get(status, f"ldapsearch ended with {status}")
    return ""


class _Sections:
    """Splits SCRIPT's output at its marks and keeps the exit status that each carries."""

    def __init__(self, mark: str) -> None:
        self._mark = f"# {mark} ".encode()
        self.statuses: dict[int, int] = {}
        self.trouble = ""

    def entries(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, Attributes]]:
        """The entries with the number of the section that they stand in. Raises LdifError."""
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
