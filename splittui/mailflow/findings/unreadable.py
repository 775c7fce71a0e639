"""Next hops that no client of Postfix can read: they stop other people's mail too.

smtp(8) and lmtp(8) end with a fatal error ("valid hostname or network address required in server description"), after
which master(8) starts none for a minute ("bad command startup -- throttling"). Seen on Postfix 3.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import Scene, addresses
from splittui.mailflow.findings.transports import mend
from splittui.mailflow.nexthop import NextHopError, parse_nexthop
from splittui.mailflow.world import TRANSPORT
from splittui.model.entries import Domain, ZimbraAccount
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity


def of_accounts(scene: Scene) -> Iterator[Found]:
    """One finding for each value that accounts have."""
    by_value: dict[str, list[ZimbraAccount]] = {}
    machines = (a for a in scene.machines if a.receives and scene.judge.leads(a.transport) is Leads.UNREADABLE)
    for account in (*scene.by_transport[Leads.UNREADABLE], *machines):
        by_value.setdefault(account.transport, []).append(account)
    for value, accounts in sorted(by_value.items()):
        yield Found(
            Severity.ERROR,
            "transport-unreadable",
            "Transport whose host cannot be read: it stops other people's mail too",
            addresses(accounts),
            f"{TRANSPORT} is {value!r}: {_why(value)}",
            stops(value.partition(":")[0], "mail for one of them"),
            mend(scene, accounts),
        )


def of_domains(scene: Scene) -> Iterator[Found]:
    """The domain of the split, and any other one on this Zimbra: they share the clients."""
    zimbra = scene.snapshot.zimbra
    for domain in (zimbra.domain, *zimbra.other_domains):
        if domain.exists and scene.judge.leads(domain.transport) is Leads.UNREADABLE:
            yield Found(
                Severity.ERROR,
                "domain-transport-unreadable",
                "Transport of a domain whose host cannot be read: it stops other people's mail too",
                (),
                f"{TRANSPORT} of {domain.name} is {domain.transport!r}: {_why(domain.transport)}",
                stops(domain.transport.partition(":")[0], f"mail by the transport of {domain.name}"),
                (_mend_domain(scene, domain),),
            )


def of_neighbours(scene: Scene) -> Iterator[Found]:
    """People of other domains, as far as they were read."""
    wrong = [n for n in scene.snapshot.zimbra.neighbours.values() if n.receives]
    for account in wrong:
        if scene.judge.leads(account.transport) is Leads.UNREADABLE:
            yield Found(
                Severity.ERROR,
                "transport-unreadable",
                "Transport whose host cannot be read: it stops other people's mail too",
                (account.address,),
                f"{TRANSPORT} of {account.address} is {account.transport!r}: {_why(account.transport)}",
                stops(account.transport.partition(":")[0], "mail for it"),
                (f"{quote_line(('ma', account.address, TRANSPORT))} TRANSPORT, with a host that can be read",),
            )


def stops(mailer: str, what: str) -> str:
    """What happens to everybody's mail."""
    whose = "mailboxes on Zimbra" if mailer == "lmtp" else "other systems"
    return (
        f"Each time {what} is tried, Postfix's {mailer} client dies of it and is not started again for a minute. "
        f"Nearly all mail for {whose} waits, as long as such mail is in the queue."
    )


def unreadable(nexthops: str) -> str:
    """Why one of these next hops cannot be read; empty text where all can."""
    for word in nexthops.replace(",", " ").split():
        try:
            parse_nexthop(word, 25)
        except NextHopError as error:
            return str(error)
    return ""


def _why(transport: str) -> str:
    return unreadable(transport.partition(":")[2])


def _mend_domain(scene: Scene, domain: Domain) -> str:
    if domain.name.lower() != scene.split.domain.lower():
        return f"{quote_line(('md', domain.name, TRANSPORT))} TRANSPORT, with a host that can be read"
    return quote_line(("md", domain.name, TRANSPORT, "" if scene.primary else scene.split.legacy_transport))


CHECKS = (of_accounts, of_domains, of_neighbours)
