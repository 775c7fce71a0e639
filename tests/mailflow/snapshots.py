"""Random snapshots of a small split domain: a few kinds of entries under few names; many are alike, some collide."""

from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st

from splittui.model.entries import Domain, Kind, LegacyAccount, Rare, ZimbraAccount
from splittui.model.snapshot import Reading, Snapshot
from tests.sites import LMTP, SERVER, SMTP, snapshot

Entry = TypeVar("Entry", ZimbraAccount, LegacyAccount)
Entries = dict[str, Entry]

AWAY = "smtp:[zimbra.example.com]:25"
THREE = {
    "zimbraMailCatchAllAddress": ("@example.com",),
    "zimbraMailCatchAllForwardingAddress": ("@example.com",),
    "zimbraMailTransport": (SMTP,),
}
LOCALS = ("a", "b", "c", "d", "e", "e.f", "g", "g+h", "x-y", "postmaster")
ADDRESSES = [f"{local}@example.com" for local in LOCALS]
_NEIGHBOURS = [f"{local}@other.example" for local in LOCALS]
_OTHER = Domain("other.example", True, {"zimbraDomainType": ("local",)})

_addresses = st.lists(st.sampled_from([*ADDRESSES, "someone@elsewhere.test", "@example.com"]), max_size=2).map(tuple)
_rarely = st.one_of(st.just(()), st.just(()), st.just(()), _addresses)
_rare = st.one_of(
    st.builds(Rare, keeps_no_copy=st.booleans(), hidden_in_gal=st.booleans()),
    st.builds(Rare, catch_all=st.just(("@example.com",))),
    st.builds(Rare, old_address=st.sampled_from(ADDRESSES)),
    st.builds(Rare, canonical=st.sampled_from(ADDRESSES)),
)
_accounts = st.builds(
    ZimbraAccount,
    address=st.just(""),
    id=st.just("id"),
    kind=st.sampled_from([Kind.PERSON, Kind.PERSON, Kind.ADMIN, Kind.LIST]),
    transport=st.sampled_from(
        [LMTP, LMTP, SMTP, SMTP, "", "SMTP:x", "local:", "lmtp:gone:7025", "error:5.1.1 gone", "smtp:"]
    ),
    host=st.sampled_from([SERVER.service_hostname, SERVER.service_hostname, ""]),
    status=st.sampled_from(["active", "active", "locked", "maintenance", "closed"]),
    mail_status=st.sampled_from(["enabled", "enabled", "enabled", "disabled"]),
    aliases=_rarely,
    forwards=_rarely,
    user_forwards=_rarely,
    rare=st.one_of(st.none(), st.none(), _rare),
)
_legacies = st.builds(
    LegacyAccount,
    address=st.just(""),
    aliases=_rarely,
    forwards_to=st.sampled_from(["", "", AWAY, "smtp:[third.example.net]"]),
)
_domains = st.sampled_from(
    [
        {},
        {},
        THREE,
        {"zimbraMailTransport": (SMTP,)},
        {**THREE, "zimbraMailCatchAllForwardingAddress": ("@other.example",)},
        {**THREE, "zimbraMailCatchAllForwardingAddress": ("a@example.com",)},
        {"zimbraMailCatchAllAddress": ("@example.com",), "zimbraMailCatchAllCanonicalAddress": ("@other.example",)},
        {"zimbraMailStatus": ("disabled",)},
    ]
)


def _crowd(kinds: st.SearchStrategy[Entry], names: list[str], size: int) -> st.SearchStrategy[Entries[Entry]]:
    """A few kinds, and who is of which."""
    return st.lists(kinds, min_size=1, max_size=3).flatmap(
        lambda found: st.dictionaries(st.sampled_from(names), st.sampled_from(found), max_size=size)
    )


def _made(
    zimbra: Entries[ZimbraAccount],
    legacy: Entries[LegacyAccount],
    neighbours: Entries[ZimbraAccount],
    domain: dict[str, tuple[str, ...]],
    delimiters: tuple[str, ...],
    whole: bool,
) -> Snapshot:
    seen = snapshot(
        *(replace(account, address=address) for address, account in zimbra.items()),
        *(replace(account, address=address) for address, account in legacy.items()),
        domain=Domain("example.com", True, domain),
        legacy=Reading(whole, 0.0),
    )
    half = replace(
        seen.zimbra,
        config={"zimbraMtaRecipientDelimiter": delimiters},
        other_domains=(_OTHER,),
        neighbours={address: replace(account, address=address) for address, account in neighbours.items()},
    )
    return replace(seen, zimbra=half)


snapshots: st.SearchStrategy[Snapshot] = st.builds(
    _made,
    zimbra=_crowd(_accounts, ADDRESSES, len(ADDRESSES)),
    legacy=_crowd(_legacies, ADDRESSES, len(ADDRESSES)),
    neighbours=_crowd(_accounts, _NEIGHBOURS, 2),
    domain=_domains,
    delimiters=st.sampled_from([(), (), ("+",), ("-",), ("+", ".")]),
    whole=st.sampled_from([True, True, True, False]),
)
