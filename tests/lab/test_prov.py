"""Rules of the emulated zmprov that the recorded sessions do not show: lists, renames, modes, lookups."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from splittui.lab.directory import Directory
from splittui.lab.home import Home
from splittui.lab.prov.account_cache import SECONDS, AccountCache
from splittui.lab.prov.console import Console
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.options import parse_options
from splittui.lab.prov.schema import Schema
from splittui.lab.prov.session import Session
from splittui.lab.prov.store import Store
from splittui.lab.prov.surroundings import look_around
from splittui.lab.replay import make_home

SMTP = "smtp:mail.example.com:25"
LMTP = "lmtp:zimbra.example.com:7025"
ROUTING = ("zimbraAccountStatus", "zimbraMailHost", "zimbraMailStatus", "zimbraMailTransport")


@dataclass(frozen=True)
class Answer:
    out: str
    err: str
    status: int


Zmprov = Callable[..., Answer]


@pytest.fixture
def zmprov(tmp_path: Path) -> Iterator[Zmprov]:
    """Runs a command as ``zmprov -l COMMAND`` (``soap=True``: without -l) in one process, with ``stdin``."""
    home = tmp_path / "home"
    make_home(home, ldap=True)
    with Directory(home / "lab" / "directory.db") as directory:

        def run(*argv: str, stdin: bytes = b"", soap: bool = False) -> Answer:
            out, err = BytesIO(), BytesIO()
            console = Console(out, err, utf8_locale=False)
            around = look_around(Home(home))
            options = parse_options([*([] if soap else ["-l"]), *argv])
            read, write = os.pipe()
            os.write(write, stdin)
            os.close(write)
            store = Store(
                directory=directory,
                schema=Schema(),
                console=console,
                ldap_mode=options.ldap_mode,
                ldap_host="ldap.example:389",
                zimbra_home="/opt/zimbra",
                local_server="zimbra.example.com",
                safeguarded=around.safeguarded,
                confirm=lambda warning: False,
                program_frames=tuple,
                may_replace="r" in options.flags,
            )
            status = Session(options, around, console, store, standard_input=read).run()
            os.close(read)
            return Answer(out.getvalue().decode(), err.getvalue().decode(), status)

        yield run


def done(answer: Answer) -> str:
    assert (answer.err, answer.status) == ("", 0)
    return answer.out


def values(answer: Answer) -> list[str]:
    """What a ``ga``-like block says, without its header and its empty line."""
    return done(answer).splitlines()[1:-1]


def routing(zmprov: Zmprov, name: str) -> tuple[str, ...]:
    found = dict(line.split(": ", 1) for line in values(zmprov("ga", name, *ROUTING)))
    return tuple(found.get(each, "-") for each in ROUTING)


def test_a_hostless_placeholder_moves_by_its_host_and_back_by_its_transport(zmprov: Zmprov) -> None:
    done(zmprov("ca", "bar@example.com", "", "zimbraMailTransport", SMTP, "zimbraAccountStatus", "locked"))
    assert routing(zmprov, "bar") == ("locked", "-", "enabled", SMTP)
    done(zmprov("ma", "bar@example.com", "zimbraAccountStatus", "active", "zimbraMailHost", "zimbra.example.com"))
    assert routing(zmprov, "bar") == ("active", "zimbra.example.com", "enabled", LMTP)
    done(zmprov("ma", "bar@example.com", "zimbraMailTransport", SMTP, "zimbraAccountStatus", "locked"))
    assert routing(zmprov, "bar") == ("locked", "zimbra.example.com", "enabled", SMTP)


def test_a_hosted_placeholder_moves_by_its_transport_only(zmprov: Zmprov) -> None:
    done(zmprov("ma", "bob@example.com", "zimbraMailTransport", SMTP))
    refused = zmprov("ma", "bob@example.com", "zimbraMailHost", "zimbra.example.com")
    assert refused.status == 2
    assert refused.err.startswith(
        "ERROR: service.INVALID_REQUEST (invalid request: current value of zimbraMailHost does"
    )
    both = zmprov("ma", "bob@example.com", "zimbraMailHost", "zimbra.example.com", "zimbraMailTransport", LMTP)
    assert "setting both zimbraMailHost and zimbraMailTransport" in both.err
    assert routing(zmprov, "bob") == ("active", "zimbra.example.com", "enabled", SMTP)
    done(zmprov("ma", "bob@example.com", "zimbraMailTransport", LMTP))
    assert routing(zmprov, "bob") == ("active", "zimbra.example.com", "enabled", LMTP)


def test_a_server_without_mailboxes_or_with_another_port(zmprov: Zmprov) -> None:
    done(zmprov("cs", "mta.example.com", "zimbraServiceEnabled", "mta"))
    refused = zmprov("ma", "bob@example.com", "zimbraMailHost", "mta.example.com")
    assert "does not correspond to a mailclient server with service webapp enabled: mta.example.com)" in refused.err
    done(zmprov("cs", "box.example.com", "zimbraServiceEnabled", "mailbox", "zimbraLmtpBindPort", "7026"))
    done(zmprov("ma", "bob@example.com", "zimbraMailHost", "box.example.com"))
    assert routing(zmprov, "bob")[3] == "lmtp:box.example.com:7026"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("zimbraMailStatus", "disabled"), ("active", "disabled")),
        (("zimbraAccountStatus", "locked", "zimbraMailStatus", "disabled"), ("locked", "disabled")),
        (("zimbraMailStatus", "disabled", "zimbraAccountStatus", "active"), ("active", "disabled")),
        (("zimbraAccountStatus", "closed", "zimbraMailStatus", "enabled"), ("closed", "disabled")),
        (("zimbraAccountStatus", "pending"), ("pending", "disabled")),
        (("zimbraAccountStatus", "maintenance"), ("maintenance", "enabled")),
    ],
)
def test_account_status_and_mail_status(zmprov: Zmprov, given: tuple[str, ...], expected: tuple[str, str]) -> None:
    assert zmprov("ma", "bob@example.com", *given).status == 0
    status, _, mail, _ = routing(zmprov, "bob")
    assert (status, mail) == expected
    done(zmprov("ma", "bob@example.com", "zimbraAccountStatus", "locked"))
    assert routing(zmprov, "bob")[2] == "enabled"


def members(zmprov: Zmprov) -> list[str]:
    return done(zmprov("gdl", "staff@example.com")).partition("\nmembers\n")[2].splitlines()


@pytest.fixture
def staff(zmprov: Zmprov) -> list[str]:
    """The list staff@example.com with bob, an alias of bob's, and alice."""
    done(zmprov("aaa", "bob@example.com", "rob@example.com"))
    done(zmprov("cdl", "staff@example.com"))
    done(zmprov("adlm", "staff@example.com", "bob@example.com", "Rob@example.com", "alice@example.com"))
    done(zmprov("ma", "alice@example.com", "zimbraMailForwardingAddress", "bob@example.com"))
    return members(zmprov)


def test_a_list_shows_its_members(zmprov: Zmprov, staff: list[str]) -> None:
    assert staff == ["alice@example.com", "bob@example.com", "rob@example.com"]
    assert done(zmprov("gdl", "staff@example.com", "mail")) == (
        "# distributionList staff@example.com memberCount=3\nmail: staff@example.com\n\nmembers\n"
        "alice@example.com\nbob@example.com\nrob@example.com\n"
    )
    assert done(zmprov("gam", "bob@example.com")) == "staff@example.com\n"
    assert done(zmprov("gadl", "example.com")) == "staff@example.com\n"
    assert zmprov("ga", "staff@example.com").err == (
        "ERROR: account.NO_SUCH_ACCOUNT (no such account: staff@example.com)\n"
    )
    assert zmprov("rdlm", "staff@example.com", "x@example.com").status == 2


def test_a_dynamic_group_has_accounts_by_its_id_and_other_addresses_in_a_unit(zmprov: Zmprov) -> None:
    def crew() -> list[str]:
        return done(zmprov("gdl", "crew@example.com")).partition("\nmembers\n")[2].splitlines()

    done(zmprov("ca", "a@example.com", "secret"))
    group = done(zmprov("cddl", "crew@example.com", "displayName", "Crew")).strip()
    assert zmprov("cddl", "crew@example.com").err.startswith("ERROR: account.DISTRIBUTION_LIST_EXISTS")
    assert crew() == []
    done(zmprov("adlm", "crew@example.com", "a@example.com", "out@side.example", "a@example.com"))
    assert crew() == ["a@example.com", "out@side.example"]
    assert values(zmprov("ga", "a@example.com", "zimbraMemberOf")) == [f"zimbraMemberOf: {group}"]
    assert "crew@example.com" in done(zmprov("gadl", "example.com")).splitlines()
    assert done(zmprov("gdl", group, "memberURL")).startswith("# distributionList crew@example.com memberCount=2\n")
    assert zmprov("rdlm", "crew@example.com", "nobody@example.com").err.startswith("ERROR: account.NO_SUCH_MEMBER")
    done(zmprov("rdlm", "crew@example.com", "out@side.example"))
    assert crew() == ["a@example.com"]
    done(zmprov("ddl", "crew@example.com"))
    assert values(zmprov("ga", "a@example.com", "zimbraMemberOf")) == []
    assert zmprov("gdl", "crew@example.com").status == 2


def test_closing_an_account_takes_it_out_of_its_lists_for_good(zmprov: Zmprov, staff: list[str]) -> None:
    closed = zmprov("ma", "bob@example.com", "zimbraAccountStatus", "closed")
    assert "[main] INFO : removing account address and all its aliases from all distribution lists" in closed.err
    assert members(zmprov) == ["alice@example.com"]
    done(zmprov("ma", "bob@example.com", "zimbraAccountStatus", "active"))
    assert members(zmprov) == ["alice@example.com"]


def test_pending_and_a_disabled_mail_status_leave_lists_alone(zmprov: Zmprov, staff: list[str]) -> None:
    done(zmprov("ma", "bob@example.com", "zimbraAccountStatus", "pending"))
    done(zmprov("ma", "bob@example.com", "zimbraMailStatus", "disabled"))
    assert members(zmprov) == staff


def test_a_deleted_account_leaves_lists_and_aliases_but_not_the_forwards_of_others(
    zmprov: Zmprov, staff: list[str]
) -> None:
    assert zmprov("da", "bob@example.com", stdin=b"y\n").status == 0
    assert members(zmprov) == ["alice@example.com"]
    assert zmprov("ga", "rob@example.com").status == 2
    assert values(zmprov("ga", "alice", "zimbraMailForwardingAddress")) == [
        "zimbraMailForwardingAddress: bob@example.com"
    ]
    done(zmprov("ca", "rob@example.com", "Secret123"))


def test_an_account_is_deleted_by_its_own_name_or_id_only(zmprov: Zmprov, staff: list[str]) -> None:
    refused = zmprov("da", "rob@example.com", stdin=b"y\n")
    assert "argument to deleteAccount must be an account id or the account's primary name" in refused.err
    assert zmprov("da", "33333333-0000-4000-8000-000000000003", stdin=b"y\n").status == 0


def test_a_removed_alias_leaves_the_lists(zmprov: Zmprov, staff: list[str]) -> None:
    done(zmprov("raa", "bob@example.com", "rob@example.com"))
    assert members(zmprov) == ["alice@example.com", "bob@example.com"]
    assert zmprov("raa", "bob@example.com", "rob@example.com").err == (
        "ERROR: account.NO_SUCH_ALIAS (no such alias: rob@example.com)\n"
    )


def test_a_renamed_account_keeps_its_route_and_aliases_and_no_old_address(zmprov: Zmprov, staff: list[str]) -> None:
    done(zmprov("ma", "bob@example.com", "zimbraMailTransport", SMTP))
    assert zmprov("ra", "bob@example.com", "robert@example.com", stdin=b"yes\n").status == 0
    assert routing(zmprov, "robert") == ("active", "zimbra.example.com", "enabled", SMTP)
    assert values(zmprov("ga", "robert", "zimbraMailAlias", "zimbraOldMailAddress")) == [
        "zimbraMailAlias: rob@example.com"
    ]
    assert zmprov("ga", "bob@example.com").status == 2
    assert members(zmprov) == ["alice@example.com", "rob@example.com", "robert@example.com"]
    done(zmprov("aaa", "robert@example.com", "bob@example.com"))
    assert done(zmprov("ga", "bob@example.com", "uid")).startswith("# name robert@example.com\nuid: robert\n")
    assert "account.ACCOUNT_EXISTS" in zmprov("ra", "alice", "robert@example.com", stdin=b"y").err


def test_an_address_that_is_an_alias_is_taken(zmprov: Zmprov, staff: list[str]) -> None:
    assert zmprov("aaa", "alice@example.com", "rob@example.com").err == (
        "ERROR: account.ACCOUNT_EXISTS (email address already exists: rob@example.com)\n"
    )
    assert zmprov("ca", "rob@example.com", "Secret123").status == 2


def test_the_three_domain_attributes_are_set_and_cleared_in_one_command(zmprov: Zmprov) -> None:
    names = ("zimbraMailCatchAllAddress", "zimbraMailCatchAllForwardingAddress", "zimbraMailTransport")
    given = ("@example.com", "@example.com", SMTP)
    done(zmprov("md", "example.com", *(word for pair in zip(names, given, strict=True) for word in pair)))
    assert values(zmprov("gd", "example.com", *names)) == [f"{n}: {v}" for n, v in zip(names, given, strict=True)]
    done(zmprov("md", "example.com", *(word for name in names for word in (name, ""))))
    assert values(zmprov("gd", "example.com", *names)) == []


def test_a_closed_domain_has_its_mail_disabled(zmprov: Zmprov) -> None:
    done(zmprov("md", "example.com", "zimbraDomainStatus", "closed"))
    assert values(zmprov("gd", "example.com", "zimbraMailStatus")) == ["zimbraMailStatus: disabled"]
    done(zmprov("md", "example.com", "zimbraDomainStatus", "active"))
    assert values(zmprov("gd", "example.com", "zimbraMailStatus")) == ["zimbraMailStatus: enabled"]


def test_a_full_domain_takes_no_more_accounts(zmprov: Zmprov) -> None:
    done(zmprov("md", "example.com", "zimbraDomainMaxAccounts", "3"))
    assert "account.TOO_MANY_ACCOUNTS" in zmprov("ca", "one.more@example.com", "Secret123").err


def test_an_alias_domain_answers_for_its_target(zmprov: Zmprov) -> None:
    done(zmprov("cad", "example.org", "example.com"))
    assert done(zmprov("ga", "Bob@Example.org", "uid")) == "# name bob@example.com\nuid: bob\n\n"


def test_a_subdomain_is_a_domain_of_its_own(zmprov: Zmprov) -> None:
    done(zmprov("cd", "sub.example.com"))
    done(zmprov("ca", "zoe@sub.example.com", "Secret123"))
    assert "zoe" not in done(zmprov("gaa", "example.com"))
    assert done(zmprov("gaa", "sub.example.com")) == "zoe@sub.example.com\n"
    assert zmprov("da", "zoe@sub.example.com", stdin=b"y\n").status == 0
    done(zmprov("dd", "sub.example.com"))
    assert done(zmprov("gad")) == "example.com\n"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("(&(zimbraMailTransport=lmtp:*)(!(uid=admin)))", "alice bob"),
        ("(|(uid=ALICE)(mail=bob@*))", "alice bob"),
        ("mail=bob@example.com", "bob"),
        ("(displayName=*)", "alice"),
        (r"(displayName=Alice\20Adams)", "alice"),
        ("(uid>=b)", "bob"),
        ("(uid=nobody)", ""),
    ],
)
def test_searches(zmprov: Zmprov, query: str, found: str) -> None:
    assert zmprov("sa", query).out.split() == [f"{name}@example.com" for name in found.split()]


def test_a_search_for_a_page(zmprov: Zmprov) -> None:
    everyone = "(objectclass=zimbraAccount)"
    assert done(zmprov("sa", everyone, "offset", "1", "limit", "1")) == "alice@example.com\n"
    died = zmprov("sa", everyone, "limit", "abc")
    assert died.status == 1
    assert died.err.startswith(
        'Exception in thread "main" java.lang.NumberFormatException: For input string: "abc"\n\tat '
    )


def test_a_class_of_service_is_inherited_until_the_account_says_otherwise(zmprov: Zmprov) -> None:
    assert values(zmprov("ga", "bob", "zimbraMailQuota")) == ["zimbraMailQuota: 0"]
    assert values(zmprov("ga", "-e", "bob", "zimbraMailQuota")) == []
    done(zmprov("mc", "default", "zimbraMailQuota", "100"))
    assert values(zmprov("ga", "bob", "zimbraMailQuota")) == ["zimbraMailQuota: 100"]
    done(zmprov("ma", "bob", "zimbraMailQuota", "7"))
    assert values(zmprov("ga", "bob", "zimbraMailQuota")) == ["zimbraMailQuota: 7"]


def test_soap_mode_has_no_causes_no_questions_and_no_log(zmprov: Zmprov) -> None:
    unknown = zmprov("ma", "bob@example.com", "bogusAttribute", "x", soap=True)
    assert unknown.err.startswith("ERROR: account.INVALID_ATTR_NAME (invalid attr name: ")
    assert "(cause" not in unknown.err
    assert zmprov("ma", "bob", "zimbraMailHost", "nosuch.example.com", soap=True).err == (
        "ERROR: account.NO_SUCH_SERVER (no such server: nosuch.example.com)\n"
    )
    assert values(zmprov("ga", "bob", "userPassword", soap=True)) == ["userPassword: VALUE-BLOCKED"]
    assert zmprov("da", "bob@example.com", soap=True) == Answer("", "", 0)


def test_each_mode_has_commands_of_its_own(zmprov: Zmprov) -> None:
    assert done(zmprov("fc", "-a", "domain", "example.com", soap=True)) == ""
    flushed = zmprov("fc", "config")
    assert (flushed.out.splitlines()[0], flushed.status) == ("flushCache can only be used with SOAP", 1)
    listed = zmprov("gaa", soap=True)
    assert listed.out.splitlines()[0] == 'getAllAccounts can only be used with  "zmprov -l/--ldap"'
    assert listed.status == 1


def test_an_unknown_command_prints_the_general_usage(zmprov: Zmprov) -> None:
    answer = zmprov("nosuch")
    assert (answer.status, answer.err) == (1, "")
    assert answer.out.startswith("\nzmprov [args] [cmd] [cmd-args ...]\n\n  -h/--help ")
    assert "zmprov help mobile " in answer.out


def test_a_missing_account_comes_before_missing_arguments(zmprov: Zmprov) -> None:
    assert "NO_SUCH_ACCOUNT" in zmprov("ma", "nobody", "sn", "x", "cn").err
    assert zmprov("ma", "bob", "sn", "x", "cn").out.startswith("usage:  modifyAccount(ma) ")


def test_names_are_in_the_locale_and_values_in_utf8(zmprov: Zmprov) -> None:
    done(zmprov("ma", "bob", "displayName", "Bób — 東"))
    assert values(zmprov("ga", "bob", "displayName")) == ["displayName: Bób — 東"]
    assert zmprov("sa", "(displayName=bób — 東)").out == "bob@example.com\n"
    refused = zmprov("ca", "bób@example.com", "Secret123")
    assert "value #0 invalid per syntax" in refused.err


def test_a_refused_command_changes_nothing(zmprov: Zmprov) -> None:
    before = done(zmprov("ga", "-e", "alice"))
    assert zmprov("ma", "alice", "sn", "New", "zimbraMailQuota", "many").status == 2
    assert zmprov("ma", "alice", "sn", "New", "bogusAttribute", "x").status == 2
    assert zmprov("ma", "alice", "sn", "New", "+displayName", "second").status == 2
    assert done(zmprov("ga", "-e", "alice")) == before


def test_an_account_is_remembered_for_a_quarter_of_an_hour() -> None:
    now = [0.0]
    cache = AccountCache(lambda: now[0])
    keys = {"zimbraMailDeliveryAddress": ["a@x"], "zimbraId": ["1"], "zimbraMailAlias": ["b@x"]}
    cache.put(Entry("uid=a", keys))
    assert cache.get("A@x") is cache.get("b@x") is cache.get("1") is not None
    cache.put(Entry("uid=a", {**keys, "zimbraMailAlias": []}))
    assert cache.get("b@x") is None
    now[0] = SECONDS + 1
    assert cache.get("a@x") is None
