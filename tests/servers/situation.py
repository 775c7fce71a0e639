"""Makes the lab what a recorded row of tests/data/mailflow says, sends the row's message, and tells what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3

from tests.servers.directory import Values
from tests.servers.first_entries import CONFIG_DN, SERVER_DN, domain_dn
from tests.servers.hosts import LEGACY, ZIMBRA, Host
from tests.servers.lab import Lab
from tests.servers.outcome import Outcome
from tests.servers.post import Origin

DATA = Path(__file__).parents[1] / "data" / "mailflow"

_ALIAS_DOMAIN = "example.org"
_DOMAIN_ATTRIBUTES = (
    "zimbraMailTransport",
    "zimbraMailCatchAllAddress",
    "zimbraMailCatchAllForwardingAddress",
    "zimbraMailCatchAllCanonicalAddress",
)
_SETTINGS: Mapping[str, Values] = {
    "zimbraMtaFallbackRelayHost": None,
    "zimbraMtaHopcountLimit": "50",
    "zimbraMtaMyNetworks": f"{ZIMBRA.address}/32",
    "zimbraMtaRecipientDelimiter": None,
    "zimbraMtaRelayHost": None,
    "zimbraMtaRestriction": ("reject_invalid_helo_hostname", "reject_non_fqdn_sender"),
    "zimbraMtaSmtpDnsSupportLevel": "enabled",
    "zimbraMtaSmtpdRejectUnlistedRecipient": "no",
}
"""What the rows were recorded with where they say nothing."""
# The recordings' LMTP server hosted every account, and had no delivery preferences.
_HOSTED: Mapping[str, Values] = {"zimbraMailHost": ZIMBRA.name, "zimbraPrefMailLocalDeliveryDisabled": None}


@dataclass(frozen=True, slots=True)
class State:
    """A recorded state, read; keys and values are those of tests/data/mailflow."""

    accounts: Mapping[str, Mapping[str, Values]]
    lists: Mapping[str, Sequence[str]]
    domain: Mapping[str, Values]
    config: Mapping[str, Values]
    alias_domain: bool
    legacy: Mapping[str, str]
    everybody_else: str | None
    mx: Host
    wildcard_mx: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A recorded row. ``bounce`` says that the message has the null sender."""

    id: str
    what: str
    state: State
    rcpt: str
    origin: Origin
    to: Host
    bounce: bool
    verdict: str
    code: int
    text: str | None
    delivered: tuple[str, ...]

    def differences(self, seen: Outcome) -> list[str]:
        """What the real servers did now and not when the row was recorded; empty where all is the same."""
        pairs = [("verdict", self.verdict, seen.verdict), ("code", self.code, seen.code)]
        if self.text is not None:
            pairs.append(("text", self.text, seen.text))
        if self.verdict == "looped":
            # How many copies a loop leaves is chance.
            pairs.append(("delivered", {*self.delivered}, {*seen.delivered}))
        else:
            pairs.append(("delivered", self.delivered, seen.delivered))
        return [f"{what}: recorded {old!r}, now {new!r}" for what, old, new in pairs if old != new]


def rows(name: str) -> list[Row]:
    """All rows of a file of tests/data/mailflow."""
    return [_row(item) for item in json.loads((DATA / name).read_text(encoding="utf-8"))["rows"]]


def play(lab: Lab, row: Row) -> Outcome:
    """Makes the state true, sends the message, and waits for its end. Nothing of it is left in a queue afterwards."""
    establish(lab, row.state)
    sent = lab.send(row.rcpt, origin=row.origin, to=row.to, sender="" if row.bounce else None)
    seen = lab.outcome(sent)
    lab.zimbra.purge()
    lab.legacy.purge()
    return seen


def establish(lab: Lab, state: State) -> None:
    """Replaces everything in the directory, in the existing system's lists, and in DNS that rows may differ in."""
    directory = lab.directory
    for dn in (*directory.search(f"ou=people,{domain_dn()}", "(uid=*)"), *_alias_domains(lab)):
        directory.remove(dn)
    for address, attributes in state.accounts.items():
        directory.account(address.partition("@")[0], **{"zimbraMailTransport": None, **attributes, **_HOSTED})
    for local, members in state.lists.items():
        directory.distribution_list(local, members)
    if state.alias_domain:
        directory.alias_domain(_ALIAS_DOMAIN)
    directory.change(domain_dn(), {**dict.fromkeys(_DOMAIN_ATTRIBUTES), **state.domain})
    directory.change(CONFIG_DN, {**_SETTINGS, **state.config})
    directory.change(SERVER_DN, dict.fromkeys(_SETTINGS))
    lab.legacy.route(state.legacy, state.everybody_else)
    lab.publish(state.mx, {LEGACY.name: ZIMBRA} if state.wildcard_mx else None)
    lab.reload()


def _alias_domains(lab: Lab) -> Sequence[str]:
    return [*lab.directory.search("", f"(zimbraDomainName={_ALIAS_DOMAIN})", ldap3.SUBTREE)]


def _row(item: dict[str, Any]) -> Row:
    state = item["state"]
    mx = LEGACY if state["mx"] == LEGACY.name else ZIMBRA
    result = item["result"]
    return Row(
        id=item["id"],
        what=item["what"],
        state=State(
            accounts=state["accounts"],
            lists=state["distribution_lists"],
            domain=state["domain"],
            config=state["config"],
            alias_domain=bool(state["alias_domain"]),
            legacy=state["legacy"]["routes"],
            everybody_else=state["legacy"]["everything_else"],
            mx=mx,
            wildcard_mx=state["wildcard_mx"],
        ),
        rcpt=item["rcpt"],
        origin=Origin(item["client"].split()[0]),
        to={"MX": mx, "zimbra": ZIMBRA, "legacy": LEGACY}[item["to"]],
        bounce="null sender" in item["what"],
        verdict=result["verdict"],
        code=result["rcpt_code"],
        text=result.get("rcpt_text"),
        delivered=tuple(result["delivered"]),
    )
