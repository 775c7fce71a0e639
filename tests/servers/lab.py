"""The lab: Zimbra's directory and Postfix, the existing system's Postfix, mailboxes of both, an internet, and DNS.

with Lab() as lab:
    sent = lab.send("bar@example.com")
    assert lab.outcome(sent).delivered == ("legacy:bar@example.com",)
"""

from __future__ import annotations

from contextlib import ExitStack

from tests.servers.accounts import ID, OPERATOR, OUTSIDER, ZIMBRA_USER, make_accounts
from tests.servers.capsule import Capsule, require_programs
from tests.servers.directory import ZimbraDirectory
from tests.servers.dns import Dns
from tests.servers.first_entries import ADMIN_PASSWORD, CONFIG_DN, domain_dn
from tests.servers.ground import wait_until
from tests.servers.hosts import (
    CLIENT,
    INTERNET,
    LDAP_PORT,
    LEGACY,
    LEGACY_LMTP_PORT,
    ON_LEGACY,
    SMTP_PORT,
    ZIMBRA,
    ZIMBRA_LMTP_PORT,
    Host,
)
from tests.servers.legacy_mta import AWAY, HERE, LegacyMta
from tests.servers.logins import Logins
from tests.servers.outcome import Outcome, outcome
from tests.servers.post import Origin, Sent, probe, send
from tests.servers.postfix import require_maps
from tests.servers.stores import Delivery, Store, ZimbraStore
from tests.servers.zimbra_home import ZimbraHome
from tests.servers.zimbra_mta import HOME, ZimbraMta

PRIMARY = "primary"
SECONDARY = "secondary"
PROGRAMS = ("slapd", "ldapsearch", "master", "postmap", "dnsmasq", "sshd", "ssh-keygen", "sudo")
SETTLED_SECONDS = 60.0
_QUIET_LOOKS = 3

PEOPLE = ("bar", "baz", "baz.alias", "team")
"""Who lives on the existing system of an empty lab, by local part: baz.alias is an alias, team a list."""


class Lab:
    """Use it as a context manager. It begins in ``role``, with foo, who lives on Zimbra, and bar, who does not."""

    capsule: Capsule
    directory: ZimbraDirectory
    dns: Dns
    zimbra: ZimbraMta
    legacy: LegacyMta
    stores: tuple[Store, ...]
    logins: Logins
    mx: Host

    def __init__(self, role: str = PRIMARY, *, empty: bool = False) -> None:
        """``empty``: Zimbra does not host the domain yet, and everybody lives on the existing system."""
        self.role, self._empty = role, empty
        self._open = ExitStack()

    def __enter__(self) -> Lab:
        require_programs(PROGRAMS)
        require_maps()
        with ExitStack() as stack:
            self._start(stack)
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def send(
        self,
        *recipients: str,
        origin: Origin = Origin.INTERNET,
        sender: str | None = None,
        to: Host | None = None,
    ) -> Sent:
        """Hands in one message where that sender does (``to`` names another host)."""
        return send(self.capsule, to or self.entrance(origin), origin, recipients, sender)

    def probe(self, recipient: str, origin: Origin = Origin.INTERNET, to: Host | None = None) -> tuple[int, str]:
        """The code and the text with which RCPT TO is answered to that sender."""
        return probe(self.capsule, to or self.entrance(origin), origin, recipient)

    def entrance(self, origin: Origin) -> Host:
        """Where mail of that origin is handed in: outsiders go to the domain's mail exchanger."""
        return {Origin.INTERNET: self.mx, Origin.ZIMBRA: ZIMBRA, Origin.LEGACY: LEGACY}[origin]

    def settle(self) -> None:
        """Waits until no mail moves; what is deferred stays where it is."""
        quiet = 0

        def still() -> bool:
            nonlocal quiet
            # Zimbra twice: a message may pass from one to the other between two looks.
            moving = self.zimbra.in_motion() + self.legacy.in_motion() + self.zimbra.in_motion()
            quiet = 0 if moving else quiet + 1
            if moving:
                self.zimbra.look_again()
                self.legacy.look_again()
            return quiet == _QUIET_LOOKS

        wait_until(still, "no mail moves any more", SETTLED_SECONDS)
        for mta in (self.zimbra, self.legacy):
            if mta.running:
                mta.log.catch_up()

    def outcome(self, sent: Sent) -> Outcome:
        """What became of a message, once no mail moves any more."""
        if sent.accepted:
            self.settle()
        attempts = [one for mta in (self.zimbra, self.legacy) for one in mta.log.attempts(sent.message_id)]
        return outcome(sent, attempts, self.deliveries(sent.mark))

    def deliveries(self, mark: str | None = None) -> list[Delivery]:
        """What lies in all mailboxes, of one message or of all, bounces included."""
        return [one for store in self.stores for one in list(store.deliveries) if mark in (None, one.mark)]

    def publish(self, mx: Host, others: dict[str, Host] | None = None) -> None:
        """Sets the domain's mail exchanger, and those of other names."""
        self.mx = mx
        self.dns.publish(mx, others)

    def reload(self) -> None:
        """Both MTAs read their files again, Zimbra's written anew, and forget what they knew. No mail may move."""
        self.zimbra.configure_from_directory()
        self.zimbra.reload_at_rest()
        self.legacy.reload_at_rest()

    def _start(self, stack: ExitStack) -> None:
        self.capsule = stack.enter_context(Capsule())
        self.directory = stack.enter_context(ZimbraDirectory(self.capsule))
        self.dns = Dns(self.capsule)
        self.stores = (
            stack.enter_context(ZimbraStore(self.capsule, self.directory, ZIMBRA_LMTP_PORT)),
            stack.enter_context(Store("legacy", self.capsule, LEGACY.address, LEGACY_LMTP_PORT, lmtp=True)),
            stack.enter_context(Store("internet", self.capsule, INTERNET.address, SMTP_PORT, lmtp=False)),
        )
        make_accounts(self.capsule)
        url = f"ldap://{ZIMBRA.name}:{LDAP_PORT}"
        ZimbraHome(self.capsule.path(HOME), url, ZIMBRA.name, ADMIN_PASSWORD).lay_out()
        self.legacy = LegacyMta(self.capsule)
        self.zimbra = ZimbraMta(self.capsule, self.directory)
        self.logins = Logins(self.capsule)
        self._settle_in()
        self.zimbra.configure_from_directory()
        self.legacy.start()
        self.zimbra.start()
        self.logins.start()
        for user, host in ((ZIMBRA_USER, ZIMBRA), (OPERATOR, LEGACY), (OUTSIDER, CLIENT)):
            self.capsule.comes_from(ID[user], host.address)

    def _settle_in(self) -> None:
        """The first two people, and what the split-domain instructions set for the role."""
        if self._empty:
            self._begin_empty()
            return
        self.directory.account("foo")
        if self.role == PRIMARY:
            self.directory.account(
                "bar", zimbraMailTransport=ON_LEGACY, zimbraAccountStatus="locked", zimbraMailHost=None
            )
            self.legacy.route({"bar": HERE}, AWAY)
            self.publish(ZIMBRA)
            return
        catch_all = {"zimbraMailCatchAllAddress": "@example.com", "zimbraMailCatchAllForwardingAddress": "@example.com"}
        self.directory.change(domain_dn(), {**catch_all, "zimbraMailTransport": ON_LEGACY})
        outbound = {"zimbraMtaRelayHost": LEGACY.name, "zimbraMtaSmtpDnsSupportLevel": "disabled"}
        self.directory.change(CONFIG_DN, outbound)
        self.legacy.route({"bar": HERE, "foo": AWAY}, None)
        self.publish(LEGACY)

    def _begin_empty(self) -> None:
        """The existing system keeps everybody's mail, has the MX, and takes mail from Zimbra like from anybody."""
        for dn in sorted(self.directory.search(domain_dn(), "(objectClass=*)"), key=len, reverse=True):
            self.directory.remove(dn)
        self.legacy.trust(LEGACY)
        self.legacy.route(dict.fromkeys(PEOPLE, HERE), None)
        self.publish(LEGACY)
