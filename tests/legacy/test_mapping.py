"""From entries to people: the main address, the others, who is disabled, where mail is sent on to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.config.directory import EntryMapping, Schema
from splittui.legacy.mapping import Mapper, Skipped, Unreadable, people_filter, rules
from splittui.model.address import AddressError, parse_address
from splittui.model.entries import Kind, LegacyAccount

HOSTS = frozenset({"mail.example.com"})
AD, LOCAL, PLAIN = Schema.AD, Schema.INETLOCALMAILRECIPIENT, Schema.INETORGPERSON


def entry(**values: str | list[str]) -> dict[str, list[str]]:
    found = {name.lower(): [value] if isinstance(value, str) else value for name, value in values.items()}
    return {"dn": ["uid=bar,ou=people,dc=example,dc=com"], **found}


def mapped(schema: Schema, hosts: tuple[str, ...] = (), **values: str | list[str]) -> LegacyAccount | Skipped:
    attributes = {name: tuple(found) for name, found in values.pop("attributes", {}).items()}
    return Mapper(EntryMapping(schema, attributes, hosts), "example.com", HOSTS).account(entry(**values))


def account(schema: Schema, **values: object) -> LegacyAccount:
    found = mapped(schema, **values)
    assert isinstance(found, LegacyAccount)
    return found


def test_a_person() -> None:
    found = account(
        PLAIN,
        objectClass=["top", "person", "inetOrgPerson"],
        mail="Bar@Example.com",
        mailAlternateAddress=["b.bell@example.com", "bar@other.org"],
        displayName="Bar Bell",
        givenName="Bar",
        sn="Bell",
        cn="bar",
    )
    assert found == LegacyAccount("bar@example.com", "Bar Bell", "Bar", "Bell", aliases=("b.bell@example.com",))


def test_a_name_is_taken_from_where_there_is_one() -> None:
    assert account(PLAIN, mail="bar@example.com", cn="Bar Bell", displayName="").name == "Bar Bell"


def test_several_mail_values_are_one_person_with_aliases() -> None:
    found = account(PLAIN, mail=["bar@example.com", "b@example.com", "bar@example.com"])
    assert (found.address, found.aliases) == ("bar@example.com", ("b@example.com",))


def test_an_international_domain_in_either_form() -> None:
    mapper = Mapper(EntryMapping(), "xn--bcher-kva.example", HOSTS)
    found = mapper.account(entry(mail="bar@bücher.example", mailAlternateAddress="b@xn--bcher-kva.example"))
    assert isinstance(found, LegacyAccount)
    assert (found.address, found.aliases) == ("bar@xn--bcher-kva.example", ("b@xn--bcher-kva.example",))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, Skipped.NO_ADDRESS),
        ({"mail": "bar"}, Skipped.NO_ADDRESS),
        ({"mail": ""}, Skipped.NO_ADDRESS),
        ({"mail": "bar@other.org"}, Skipped.ELSEWHERE),
        ({"mail": "bar@sub.example.com"}, Skipped.ELSEWHERE),
        ({"objectClass": ["groupOfNames"]}, Skipped.ELSEWHERE),
    ],
)
def test_who_is_nobody_of_the_domain(values: dict[str, str], why: Skipped) -> None:
    assert mapped(PLAIN, **values) is why


def test_somebody_of_another_domain_who_is_reached_in_this_one() -> None:
    found = account(PLAIN, mail="bar@other.org", mailAlternateAddress="bar@example.com")
    assert (found.address, found.aliases) == ("bar@example.com", ())


@pytest.mark.parametrize("address", ["b r@example.com", "bär@example.com", '"b"@example.com', ".b@example.com"])
def test_an_address_that_cannot_be_used_is_told_and_not_left_out(address: str) -> None:
    with pytest.raises(Unreadable, match="before the @"):
        mapped(PLAIN, mail=["fine@example.com", address])


@settings(deadline=None)
@given(st.text(alphabet="aZ09._-+'äöü @\"", max_size=70), st.sampled_from(["example.com", "Example.COM", "other.org"]))
def test_addresses_are_read_as_everywhere_else(local: str, domain: str) -> None:
    try:
        expected: object = parse_address(f"{local}@{domain}")
    except AddressError:
        expected = Unreadable
    if domain == "other.org":
        expected = Skipped.ELSEWHERE
    try:
        found = mapped(PLAIN, mail=f"{local}@{domain}")
        assert (found.address if isinstance(found, LegacyAccount) else found) == expected
    except Unreadable:
        assert expected is Unreadable


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"objectClass": ["top", "groupOfUniqueNames", "mailGroup"]}, Kind.LIST),
        ({"objectClass": ["top", "room"]}, Kind.RESOURCE),
        ({"objectClass": ["inetOrgPerson"]}, Kind.PERSON),
        ({}, Kind.PERSON),
    ],
)
def test_kinds(values: dict[str, list[str]], kind: Kind) -> None:
    assert account(PLAIN, mail="x@example.com", **values).kind is kind


@pytest.mark.parametrize(
    ("values", "enabled"),
    [
        ({}, True),
        ({"inetUserStatus": "active"}, True),
        ({"inetUserStatus": "Inactive"}, False),
        ({"accountStatus": "deleted"}, False),
        ({"accountStatus": "noaccess"}, True),
        ({"nsAccountLock": "TRUE"}, False),
        ({"nsAccountLock": "false"}, True),
    ],
)
def test_who_is_in_use(values: dict[str, str], enabled: bool) -> None:
    assert account(PLAIN, mail="x@example.com", **values).enabled is enabled


def test_other_attributes_can_be_named() -> None:
    found = account(
        PLAIN,
        attributes={
            "address": ["primaryMail"],
            "aliases": ["otherMail"],
            "status": ["mailOn"],
            "forwards_to": ["goesTo"],
        },
        primaryMail="bar@example.com",
        mail="wrong@example.com",
        otherMail="b@example.com",
        mailOn="no",
        goesTo="bar@zimbra.example.com",
    )
    assert found == LegacyAccount(
        "bar@example.com", aliases=("b@example.com",), enabled=False, forwards_to="bar@zimbra.example.com"
    )
    assert "primaryMail" in rules(EntryMapping(attributes={"address": ("primaryMail",)})).attributes()


@pytest.mark.parametrize(
    ("host", "address", "forwards_to"),
    [
        ("", "", ""),
        ("mail.example.com", "", ""),
        ("Mail.Example.COM", "bar@example.com", ""),
        ("imap1.example.com", "bar@mail.example.com", ""),
        ("", "b.bell@example.com", ""),
        ("zimbra.example.com", "", "zimbra.example.com"),
        ("zimbra.example.com", "bar@example.com", "zimbra.example.com"),
        ("mail.example.com", "bar@zimbra.example.com", "bar@zimbra.example.com"),
        ("", "boss@example.com", "boss@example.com"),
        ("smtp:[zimbra.example.com]:25", "", "smtp:[zimbra.example.com]:25"),
        ("smtp:[mail.example.com]:25", "", ""),
        ("mail.example.com:25", "", ""),
        ("what is this?", "", "what is this?"),
    ],
)
def test_routing_attributes(host: str, address: str, forwards_to: str) -> None:
    routing = {"mailHost": host, "mailRoutingAddress": address}
    found = account(
        LOCAL,
        hosts=("imap1.example.com",),
        mailLocalAddress=["b.bell@example.com", "bar@example.com"],
        mail="bar@example.com",
        **{name: value for name, value in routing.items() if value},
    )
    assert (found.address, found.aliases) == ("bar@example.com", ("b.bell@example.com",))
    assert found.forwards_to == forwards_to


def test_who_has_mail_alone_is_there_as_well() -> None:
    assert account(LOCAL, mail="bar@example.com").address == "bar@example.com"


def ad(**values: object) -> LegacyAccount:
    return account(AD, **{"objectClass": ["top", "person", "organizationalPerson", "user"], **values})


def test_the_capital_smtp_is_the_main_address() -> None:
    found = ad(
        proxyAddresses=[
            "smtp:b.bell@example.com",
            "X500:/o=Example/cn=bar",
            "SMTP:Bar.Bell@example.com",
            "sip:bar@example.com",
            "x400:c=US;s=Bar@example.com",
            "smtp:bar@example.com",
            "smtp:bar@example.onmicrosoft.com",
        ],
        mail="old@example.com",
        userPrincipalName="login@example.com",
        userAccountControl="512",
    )
    assert found == LegacyAccount(
        "bar.bell@example.com", aliases=("b.bell@example.com", "bar@example.com"), enabled=True
    )


def test_mail_counts_where_there_are_no_proxy_addresses() -> None:
    assert ad(mail="bar@example.com").address == "bar@example.com"
    assert ad(mail="bar@example.com", proxyAddresses=["X500:/o=x"]).address == "bar@example.com"


def test_a_main_address_elsewhere_leaves_the_one_in_the_domain() -> None:
    found = ad(proxyAddresses=["SMTP:bar@other.org", "smtp:bar@example.com"])
    assert (found.address, found.aliases) == ("bar@example.com", ())


def test_a_login_name_is_no_address_unless_it_is_said_to_be() -> None:
    login = {"userPrincipalName": "bar@example.com"}
    assert mapped(AD, **login) is Skipped.NO_ADDRESS
    assert account(AD, attributes={"address": ["proxyAddresses", "userPrincipalName"]}, **login).address


@pytest.mark.parametrize(
    ("values", "enabled", "kind"),
    [
        ({"userAccountControl": "514"}, False, Kind.PERSON),
        ({"userAccountControl": "66048"}, True, Kind.PERSON),
        ({"userAccountControl": "66050"}, False, Kind.PERSON),
        ({"userAccountControl": "514", "msExchRecipientTypeDetails": "4"}, True, Kind.PERSON),
        ({"userAccountControl": "514", "msExchRecipientTypeDetails": "16"}, True, Kind.RESOURCE),
        ({"userAccountControl": "514", "msExchRecipientTypeDetails": "32"}, True, Kind.RESOURCE),
        ({"userAccountControl": "514", "msExchRecipientTypeDetails": "549755813888"}, True, Kind.SYSTEM),
        ({"userAccountControl": "?"}, True, Kind.PERSON),
    ],
)
def test_disabled_accounts(values: dict[str, str], enabled: bool, kind: Kind) -> None:
    found = ad(mail="x@example.com", **values)
    assert (found.enabled, found.kind) == (enabled, kind)


def test_machines_have_no_mail() -> None:
    assert mapped(AD, objectClass=["user", "computer"], mail="pc1@example.com") is Skipped.NO_MAIL


def test_groups_are_lists_if_they_have_an_address() -> None:
    assert ad(objectClass=["top", "group"], proxyAddresses=["SMTP:all@example.com"]).kind is Kind.LIST
    assert mapped(AD, objectClass=["top", "group"]) is Skipped.ELSEWHERE


@pytest.mark.parametrize(
    ("target", "forwards_to"),
    [
        ("SMTP:bar@zimbra.example.com", "bar@zimbra.example.com"),
        ("smtp:bar@zimbra.example.com", "bar@zimbra.example.com"),
        ("SMTP:bar@example.com", "bar@example.com"),
        ("SMTP:bar@mail.example.com", ""),
        ("X400:c=US", "X400:c=US"),
    ],
)
def test_a_target_means_that_there_is_no_mailbox_here(target: str, forwards_to: str) -> None:
    contact = ["top", "person", "organizationalPerson", "contact"]
    found = ad(objectClass=contact, proxyAddresses=["SMTP:bar@example.com"], targetAddress=target)
    assert found.forwards_to == forwards_to


def test_a_contact_without_a_target_is_but_a_note() -> None:
    assert mapped(AD, objectClass=["top", "contact"], mail="bar@example.com") is Skipped.NO_MAIL


def test_a_contact_elsewhere_is_nobody_of_the_domain() -> None:
    target = {"targetAddress": "SMTP:bar@other.org", "proxyAddresses": ["SMTP:bar@other.org"]}
    assert mapped(AD, objectClass=["contact"], **target) is Skipped.ELSEWHERE


def test_filters_ask_for_people_without_mail_as_well() -> None:
    assert people_filter(EntryMapping(PLAIN, {"aliases": ("alias",)}), "example.com") == (
        "(|(objectClass=inetOrgPerson)(mail=*@example.com)(alias=*@example.com))"
    )
    assert people_filter(EntryMapping(AD), "example.com") == (
        "(|(sAMAccountType=805306368)(proxyAddresses=*@example.com)(mail=*@example.com))"
    )
