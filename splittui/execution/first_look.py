"""The first look at a site whose profile was just written: every way there is tried, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from splittui.execution.site import Site, SiteError
from splittui.mailflow.world import Origin
from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.entries import Side
from splittui.model.snapshot import Snapshot
from splittui.remote import RemoteError

Reads = Callable[[], Snapshot]


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was tried: whether it is as it must be, what was seen, and what to do where it is not.

    ``unreachable`` tells what could not be got to from what was seen to be wrong.
    """

    what: str
    good: bool
    seen: str
    next_step: str = ""
    unreachable: bool = False


def first_look(site: Site, read: Reads) -> Iterator[Looked]:
    """One after the other: logins, Zimbra's version, the people of both, the domain, the DNS as each host sees it.

    ``read`` reads the site; it may raise SiteError.
    """
    zimbra = _login(site, Side.ZIMBRA)
    yield zimbra
    if zimbra.good:
        yield _version(site)
    if site.login(Side.LEGACY) is not None:
        yield _login(site, Side.LEGACY)
    if zimbra.good:
        yield from _people(site, read)
    for origin in Origin:
        if origin is Origin.INTERNET or site.standpoints.vantage(origin) is not None:
            yield _dns(site, origin)


def _login(site: Site, side: Side) -> Looked:
    host, login = site.split.host_of(side), site.login(side)
    what = f"log in to {host}"
    if login is None:
        return Looked(what, False, "the profile has no login there")
    try:
        link, become = login.connected()
    except RemoteError as error:
        failed = site.explained(error, side)
        return Looked(what, False, f"{failed.what} {failed.certain}", failed.next_step, unreachable=True)
    as_whom = f"as {link.target.user}" + (f", who becomes {become.user} by {become.way.value}" if become.user else "")
    if login.only_program:
        return Looked(what, True, f"{as_whom}; {login.only_program}")
    return Looked(what, True, as_whom)


def _version(site: Site) -> Looked:
    what = f"Zimbra's version on {site.split.zimbra}"
    try:
        said = site.version()
    except RemoteError as error:
        return Looked(what, False, f"zmcontrol -v: {error}", error.next_step, unreachable=True)
    if not said.startswith("Release"):
        return Looked(what, False, f"zmcontrol -v says: {said or 'nothing'}", "Name ZIMBRA_HOME (zimbra.home).")
    return Looked(what, True, said)


def _people(site: Site, read: Reads) -> Iterator[Looked]:
    what = "read both systems"
    try:
        seen = read()
    except SiteError as error:
        yield Looked(what, False, f"{error.what} {error.certain}", error.next_step, unreachable=error.unreachable)
        return
    for side, half in ((Side.ZIMBRA, seen.zimbra), (Side.LEGACY, seen.legacy)):
        reading, told = half.reading, f"{len(half.accounts):,} entries"
        yield Looked(
            f"people of {site.split.host_of(side)}",
            reading.complete,
            told if reading.complete else f"{told}, and not all of them: {reading.why_partial}",
            "" if reading.complete else "Until that is mended, no plan is made.",
        )
    yield _domain(site, seen)


def _domain(site: Site, seen: Snapshot) -> Looked:
    name, host, domain = site.split.domain, site.split.zimbra, seen.zimbra.domain
    what = f"{name} on {host}"
    others = len(seen.zimbra.other_domains)
    beside = f"; {others} other {'domain' if others == 1 else 'domains'} beside it" if others else ""
    if not domain.exists:
        return Looked(what, True, f"is not there yet{beside}; the guided set-up makes it")
    if domain.is_alias:
        return Looked(
            what,
            False,
            f"is an alias domain: Postfix rewrites its addresses and ignores every transport{beside}",
            f"Delete it there, the guided set-up makes it anew: zmprov dd {name}",
        )
    return Looked(what, True, f"is there, {domain.one('zimbraDomainStatus') or 'active'}{beside}")


def _dns(site: Site, origin: Origin) -> Looked:
    split = site.split
    hosts = {Origin.INTERNET: "this machine", Origin.ZIMBRA: split.zimbra, Origin.LEGACY: split.legacy}
    what = f"DNS from {hosts[origin]}"
    names = (split.domain, split.zimbra, split.legacy)
    try:
        view = site.standpoints.dns(names, origin)
    except RemoteError as error:
        return Looked(what, False, str(error), error.next_step, unreachable=True)
    return _answers(what, names, view)


def _answers(what: str, names: tuple[str, ...], view: DnsView) -> Looked:
    domain, *hosts = (view.answers[name.lower()] for name in names)
    told = [_told(domain, f"MX {', '.join(host for _, host in domain.mx)}" if domain.mx else "no MX")]
    told += [_told(host, " ".join(host.addresses) or "no address") for host in hosts]
    lost = [host.name for host in hosts if not host.addresses]
    next_step = f"Put {' and '.join(lost)} into the DNS, or Postfix does not find the way there." if lost else ""
    if any(answer.trouble for answer in (domain, *hosts)):
        next_step = "Ask again later, or look at its resolver (/etc/resolv.conf)."
    return Looked(what, not next_step, "; ".join(told), next_step)


def _told(answer: DnsAnswer, found: str) -> str:
    return f"{answer.name}: {answer.trouble or found}"
