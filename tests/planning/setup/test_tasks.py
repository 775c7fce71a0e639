"""Single tasks by the facts: versions, hidden values, limits, broken sites, what was once done, roles, letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from splittui.mailflow.changes import after
from splittui.mailflow.route import Outcome
from splittui.mailflow.world import CATCH_ALL, FORWARD, Keeps, System
from splittui.model.dns import DnsAnswer
from splittui.model.entries import Domain, Role, Side
from splittui.model.router import System as LegacySystem
from splittui.model.snapshot import Reading
from splittui.planning.setup import (
    Backscatter,
    Bound,
    Choices,
    Goal,
    LockedError,
    Probed,
    Seen,
    Standpoint,
    State,
    Task,
    guide,
    version_of,
)
from splittui.planning.setup.directories import (
    ATTRIBUTES,
    address_book,
    auth_attributes,
    authentication,
    book_attributes,
)
from splittui.planning.setup.letters import MARKDOWN, TemplateError, as_markdown, as_text, letter
from splittui.planning.setup.outbound import dns_switch
from splittui.planning.setup.recommendation import meaning, recommended
from splittui.planning.setup.sources import AddressBook, Authentication, BookMode, Directory
from tests.mailflow.worlds import SMTP, account, listing
from tests.planning.setup.ground import NOBODY, OUTSIDER, Site, at, site

HERE = {"bar": Keeps.HERE}


def fresh(role: Role = Role.PRIMARY, **more) -> Site:
    given = {"three": False, "unknown": Keeps.REJECTS, "mx": System.LEGACY, "relays": True, **more}
    return site((), HERE, role=role, **given)


def with_zimbra(seen: Seen, **changes) -> Seen:
    return replace(seen, snapshot=replace(seen.snapshot, zimbra=replace(seen.snapshot.zimbra, **changes)))


def task(where: Site, goal: Goal, key: str, **more) -> Task:
    return where.guide(goal, **more)[key]


@pytest.mark.parametrize(
    ("version", "config", "attribute"),
    [
        ((8, 6, 0), {}, "zimbraMtaDnsLookupsEnabled"),
        ((8, 7, 0), {}, "zimbraMtaSmtpDnsSupportLevel"),
        ((10, 1, 4), {}, "zimbraMtaSmtpDnsSupportLevel"),
        ((), {"zimbraMtaDnsLookupsEnabled": ("TRUE",)}, "zimbraMtaDnsLookupsEnabled"),
        (
            (),
            {"zimbraMtaDnsLookupsEnabled": ("TRUE",), "zimbraMtaSmtpDnsSupportLevel": ("enabled",)},
            "zimbraMtaSmtpDnsSupportLevel",
        ),
    ],
)
def test_the_switch_for_look_ups_is_that_of_the_version(version, config, attribute: str) -> None:
    where = fresh(Role.SECONDARY)
    seen = with_zimbra(replace(where.seen(Goal.SECONDARY), version=version), config=config)
    assert dns_switch(seen)[0] == attribute


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Release 8.8.15_GA_3869.RHEL7_64_20190918004220 RHEL7_64 FOSS edition.", (8, 8, 15)),
        ("Release 10.1.4.GA.4655.UBUNTU22_64 UBUNTU22_64 NETWORK edition.", (10, 1, 4)),
        ("zmcontrol: command not found", ()),
    ],
)
def test_the_version_is_read_out_of_zmcontrol(text: str, version: tuple[int, ...]) -> None:
    assert version_of(text) == version


def test_an_old_zimbra_gets_the_old_attribute_and_postconf_is_asked_for_its_effect() -> None:
    where = fresh(Role.SECONDARY)
    seen = replace(where.seen(Goal.SECONDARY), version=(8, 6, 0))
    found = guide(Goal.SECONDARY, seen)["relay-host"]
    assert "mcf zimbraMtaRelayHost [mail.example.com]:25 zimbraMtaDnsLookupsEnabled FALSE" in [
        step.command for step in found.plan.steps
    ]
    assert ("disable_dns_lookups", "yes") in [(look.subject, look.wanted) for look in found.check.looks]


def test_the_deprecated_attribute_is_told_to_be_without_effect() -> None:
    where = fresh(Role.SECONDARY, config={"zimbraMtaDnsLookupsEnabled": ("FALSE",)})
    assert "dns-switch-without-effect" in {f.code for f in task(where, Goal.SECONDARY, "relay-host").plan.findings}


def test_a_value_of_the_server_that_hides_the_global_one_is_found_and_changed_in_the_safe_order() -> None:
    own = {"zimbraMtaRelayHost": ("[old.example.net]:25",), "zimbraMtaSmtpDnsSupportLevel": ("enabled",)}
    found = task(fresh(Role.SECONDARY, settings=own), Goal.SECONDARY, "relay-host")
    assert any("hides the global one" in line for line in found.check.missing)
    assert [step.command for step in found.plan.steps] == [
        "ms zimbra.example.com zimbraMtaRelayHost [mail.example.com]:25",
        "mcf zimbraMtaRelayHost [mail.example.com]:25 zimbraMtaSmtpDnsSupportLevel disabled",
        "ms zimbra.example.com zimbraMtaSmtpDnsSupportLevel disabled",
        "/opt/zimbra/bin/zmmtactl restart",
    ]


def test_a_setting_is_not_done_until_postconf_says_so() -> None:
    relayed = {"zimbraMtaRelayHost": ("[mail.example.com]:25",), "zimbraMtaSmtpDnsSupportLevel": ("disabled",)}
    where = fresh(Role.SECONDARY, three=True, config=relayed)
    assert task(where, Goal.SECONDARY, "relay-host").state is State.DONE
    old = {"relayhost": "", "smtp_dns_support_level": "enabled"}
    found = task(where, Goal.SECONDARY, "relay-host", postconf=old)
    assert found.state is State.TO_DO
    assert "zmconfigd has not written it yet" in found.check.missing[0]
    assert task(where, Goal.SECONDARY, "relay-host", postconf=None).state is State.TO_DO


def limited(limit: str) -> Site:
    return fresh(three=True, attributes={"zimbraDomainMaxAccounts": (limit,)})


def test_the_limit_of_accounts_is_told_before_and_holds_the_task() -> None:
    where = limited("1")
    assert task(where, Goal.PRIMARY, "people").state is State.TO_DO
    where.world = replace(where.world, entries={**where.world.entries, at("foo"): account("foo")})
    found = task(where, Goal.PRIMARY, "people")
    assert found.state is State.BLOCKED
    assert "zmprov md example.com zimbraDomainMaxAccounts 2" in found.because


def test_nobody_is_made_from_half_a_reading() -> None:
    seen = fresh(three=True).seen(Goal.PRIMARY)
    half = replace(seen.snapshot.legacy, reading=Reading(False, 0.0, "the file ends early"))
    found = guide(Goal.PRIMARY, replace(seen, snapshot=replace(seen.snapshot, legacy=half)))
    assert found["reading"].check.missing == ("the file ends early",)
    assert found["people"].state is State.BLOCKED
    with pytest.raises(LockedError):
        found.plan("people")


def test_the_mta_must_find_everybody_and_not_only_the_directory() -> None:
    where = site((account("bar", SMTP),), HERE, role=Role.PRIMARY, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY)
    assert task(where, Goal.PRIMARY, "parity").state is State.DONE
    lagging = where.guide(Goal.PRIMARY, listed=frozenset())
    assert lagging["parity"].check.missing == (f"{at('bar')} is not known to the MTA of zimbra.example.com",)
    assert lagging["clear"].state is State.BLOCKED


def test_who_is_closed_on_zimbra_needs_a_decision() -> None:
    closed = account("bar", SMTP, zimbraAccountStatus="closed", zimbraMailStatus="disabled")
    where = site((closed,), HERE, role=Role.PRIMARY, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY)
    found = task(where, Goal.PRIMARY, "people")
    assert found.plan.steps == ()
    assert f"zmprov ma {at('bar')} zimbraAccountStatus locked" in found.plan.refusals[0].reason
    assert task(where, Goal.PRIMARY, "clear").state is State.BLOCKED


def test_a_mailbox_hidden_by_an_alias_needs_a_decision() -> None:
    owner = account("foo", zimbraMailAlias=at("bar"))
    where = site((owner,), HERE, role=Role.PRIMARY, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY)
    assert f"zmprov raa {at('foo')} {at('bar')}" in task(where, Goal.PRIMARY, "people").plan.refusals[0].reason


def test_a_wildcard_mx_is_seen_and_the_way_out_named() -> None:
    where = fresh()
    view = where.view()
    wild = DnsAnswer("mail.example.com", ((10, "zimbra.example.com"),), ("192.0.2.12",))
    bent = replace(view, answers={**view.answers, "mail.example.com": wild})
    found = where.guide(Goal.PRIMARY, views=(view, bent))
    assert found["next-hop"].state is State.BLOCKED
    assert 'transport = "smtp:[mail.example.com]:25"' in found["next-hop"].because
    assert found["domain"].state is State.BLOCKED


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [(0, "timed out", "timed out"), (554, "5.7.1 Relay access denied", "Relay access denied")],
)
def test_a_legacy_that_does_not_answer_or_refuses_holds_the_rest(code: int, text: str, told: str) -> None:
    where = fresh()
    probes = (
        Probed(Standpoint.ZIMBRA, Side.LEGACY, at("bar"), code, text),
        Probed(Standpoint.ZIMBRA, Side.LEGACY, NOBODY, 550),
    )
    found = where.guide(Goal.PRIMARY, probes=probes)
    assert found["legacy-accepts"].state is State.TO_DO
    assert told in found["legacy-accepts"].check.missing[0]
    assert "mynetworks" in " ".join(where_postfix(where).words)
    assert found["domain"].state is State.BLOCKED


def where_postfix(where: Site) -> Task:
    probes = (Probed(Standpoint.ZIMBRA, Side.LEGACY, at("bar"), 554),)
    choices = Choices(system=LegacySystem.POSTFIX)
    return where.guide(Goal.PRIMARY, probes=probes, choices=choices)["legacy-accepts"]


def test_an_alias_domain_is_no_domain_to_split() -> None:
    where = fresh(attributes={"zimbraDomainType": ("alias",)})
    assert "alias domain" in task(where, Goal.PRIMARY, "domain").because


def test_a_domain_that_is_closed_comes_back_together_with_the_three() -> None:
    where = fresh(attributes={"zimbraDomainStatus": ("closed",), "zimbraMailStatus": ("disabled",)})
    steps = task(where, Goal.PRIMARY, "domain").plan.steps
    assert len(steps) == 2
    assert "zimbraDomainStatus active zimbraMailStatus enabled zimbraMailCatchAllAddress" in steps[0].command
    assert after(where.world, steps).entries["example.com"].enabled


def test_an_account_that_catches_all_gives_it_up_before_the_pair_comes() -> None:
    where = fresh(Role.SECONDARY)
    catcher = account("catcher", **{CATCH_ALL: "@example.com"})
    where.world = replace(where.world, entries={**where.world.entries, at("catcher"): catcher})
    found = task(where, Goal.SECONDARY, "domain")
    assert [step.command for step in found.plan.steps] == [
        "md example.com zimbraMailTransport smtp:mail.example.com:25",
        "ma catcher@example.com -zimbraMailCatchAllAddress @example.com",
        "md example.com zimbraMailCatchAllAddress @example.com zimbraMailCatchAllForwardingAddress @example.com",
    ]
    assert found.plan.findings[0].addresses == (at("catcher"),)


FILTER = Choices(backscatter=Backscatter.FILTER)
TRUSTING = {"zimbraMtaMyNetworks": ("192.0.2.11/32 192.0.2.12/32",)}


@pytest.mark.parametrize(
    ("entries", "config", "told"),
    [
        ((listing("all", "foo", "bar"),), TRUSTING, "451 4.3.5"),
        ((account("boss", **{FORWARD: at("foo")}),), TRUSTING, "451 4.3.5"),
        ((listing("one", "foo"),), {}, "must be in zimbraMtaMyNetworks"),
    ],
)
def test_the_split_domain_restriction_is_checked_against_this_site(entries, config, told: str) -> None:
    where = site(
        entries,
        HERE,
        role=Role.SECONDARY,
        three=True,
        unknown=Keeps.REJECTS,
        mx=System.LEGACY,
        config=config,
        choices=FILTER,
    )
    found = task(where, Goal.SECONDARY, "backscatter")
    assert found.state is State.BLOCKED
    assert told in found.check.obstacle
    assert found.plan.steps == ()


def test_the_split_domain_restriction_is_refused_beside_an_alias_domain() -> None:
    where = fresh(Role.SECONDARY, three=True, config=TRUSTING, choices=FILTER)
    alias = Domain("alias.example", True, {"zimbraDomainType": ("alias",)})
    seen = with_zimbra(where.seen(Goal.SECONDARY), other_domains=(alias,))
    assert "alias.example" in guide(Goal.SECONDARY, seen)["backscatter"].because
    plain = task(where, Goal.SECONDARY, "backscatter")
    assert plain.plan.steps[0].command == (
        'mcf +zimbraMtaRestriction "check_recipient_access ldap:/opt/zimbra/conf/ldap-splitdomain.cf" '
        "+zimbraMtaRestriction reject"
    )


def test_networks_in_one_value_are_kept_in_one_value() -> None:
    own = {"zimbraMtaMyNetworks": ("127.0.0.0/8 [::1]/128 192.0.2.11/32",)}
    where = fresh(three=True, settings=own, choices=Choices(trust_legacy=True))
    assert [step.command for step in task(where, Goal.PRIMARY, "trust-legacy").plan.steps] == [
        'ms zimbra.example.com zimbraMtaMyNetworks "127.0.0.0/8 [::1]/128 192.0.2.11/32 192.0.2.12/32"',
        "/opt/zimbra/bin/zmmtactl restart",
    ]


def test_what_was_done_once_and_is_not_now_is_no_longer_true() -> None:
    where = site((account("bar", SMTP),), HERE, role=Role.PRIMARY, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY)
    seen = where.seen(Goal.PRIMARY)
    assert guide(Goal.PRIMARY, seen, once_done={"clear"})["clear"].state is State.NO_LONGER
    assert guide(Goal.PRIMARY, seen)["clear"].state is State.TO_DO
    assert guide(Goal.PRIMARY, seen, once_done={"people", "clear"})["people"].state is State.DONE


def test_a_tick_from_another_day_makes_nothing_done() -> None:
    found = guide(Goal.PRIMARY, fresh(three=None).seen(Goal.PRIMARY), once_done={"domain", "people", "clear", "mx"})
    assert not {t.key for t in found.tasks if t.state is State.DONE} & {"domain", "people", "clear", "mx"}


def test_what_is_optional_can_be_left_out_with_a_reason_and_nothing_else_can() -> None:
    reasons = {"address-book": "later", "clear": "no"}
    found = fresh(three=True, choices=Choices(skipped=reasons)).guide(Goal.PRIMARY)
    assert (found["address-book"].state, found["address-book"].because) == (State.SKIPPED, "later")
    assert found["clear"].state is State.BLOCKED


def test_every_task_says_what_and_why_and_how_it_is_undone() -> None:
    for goal in Goal:
        for role in Role:
            found = fresh(role, three=role is Role.SECONDARY).guide(goal)
            keys = [t.key for t in found.tasks]
            assert len(keys) == len(set(keys))
            for one in found.tasks:
                assert one.what.endswith(".")
                assert one.why.endswith(".")
                assert "example.com" in one.what + one.why + one.title
                assert one.undo or not one.plan.steps
                assert {need.key for need in one.needs} <= set(keys[: keys.index(one.key)])


def test_nothing_is_done_before_anybody_looked() -> None:
    seen = fresh(three=True).seen(Goal.PRIMARY)
    blind = replace(seen, probes=(), views=(), postconf=None, listed=None, fates=(), quiet_days=None)
    for goal in Goal:
        done = {t.key for t in guide(goal, blind).tasks if t.state is State.DONE}
        assert not done & {"next-hop", "legacy-accepts", "legacy-relays", "legacy-refuses", "forward-unknown"}
        assert not done & {"proof", "mx", "relay-host", "outbound", "quiet", "legacy-off", "zimbra-off", "forward-all"}
        assert guide(goal, blind).looks


DIRECTORY = Directory("ldap://dc1.example.com:3268", "dc=example,dc=com", "cn=zimbra,dc=example,dc=com")


def test_what_the_directory_tasks_set_is_what_they_ask_to_be_read() -> None:
    book = book_attributes(AddressBook(BookMode.BOTH, DIRECTORY, "ad", ("mail=email",)))
    searching = auth_attributes(Authentication("ldap", DIRECTORY, filter="(mail=%n)"))
    binding = auth_attributes(Authentication("ad", DIRECTORY, bind_template="%u@example.com"))
    assert {*book, *searching, *binding} == set(ATTRIBUTES)


def test_the_address_book_of_a_primary_needs_no_directory() -> None:
    where = fresh(three=True, choices=Choices(address_book=AddressBook(BookMode.INTERNAL)))
    found = address_book(where.seen(Goal.PRIMARY))
    assert [step.command for step in found.plan.steps] == ["md example.com zimbraGalMode zimbra"]
    assert "shows all, once" in found.why


def test_doubles_are_hidden_or_told() -> None:
    people = (account("bar", SMTP, zimbraMailHost=""),)
    where = site(people, HERE, role=Role.SECONDARY, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY)
    book = AddressBook(BookMode.BOTH, DIRECTORY, "ad")
    where.choices = Choices(address_book=book)
    told = address_book(where.seen(Goal.SECONDARY))
    assert [f.code for f in told.plan.findings] == ["twice-in-address-book"]
    where.choices = Choices(address_book=replace(book, hide_placeholders=True))
    assert "no bind to it has been tried" in address_book(where.seen(Goal.SECONDARY)).check.obstacle
    hidden = address_book(where.seen(Goal.SECONDARY, binds=(Bound(DIRECTORY.url, DIRECTORY.bind_dn),)))
    assert hidden.plan.steps[-1].command == f"ma {at('bar')} zimbraHideInGal TRUE"
    first = hidden.plan.steps[0]
    assert first.command.endswith("zimbraGalLdapBindPassword ********")
    assert first.given == (f"the password of {DIRECTORY.bind_dn} on {DIRECTORY.url}, for the address book",)


def test_passwords_go_elsewhere_only_after_a_bind_was_tried() -> None:
    wish = Authentication("ad", DIRECTORY, bind_template="%u@example.com")
    seen = replace(fresh(three=True).seen(Goal.PRIMARY), choices=Choices(authentication=wish))
    untried = authentication(seen)
    assert "no bind to it has been tried" in untried.check.obstacle
    assert untried.plan.steps == ()
    failed = authentication(replace(seen, binds=(Bound(DIRECTORY.url, DIRECTORY.bind_dn, "invalid credentials"),)))
    assert "invalid credentials" in failed.check.obstacle
    tried = authentication(replace(seen, binds=(Bound(DIRECTORY.url, DIRECTORY.bind_dn),)))
    assert tried.plan.steps[0].command == (
        "md example.com zimbraAuthMech ad zimbraAuthLdapURL ldap://dc1.example.com:3268 zimbraAuthLdapStartTlsEnabled "
        "TRUE zimbraAuthFallbackToLocal TRUE zimbraAuthLdapBindDn %u@example.com"
    )


@pytest.mark.parametrize("system", [LegacySystem.EXCHANGE, LegacySystem.EXCHANGE_ONLINE, LegacySystem.GOOGLE])
def test_systems_that_reach_zimbra_by_not_knowing_make_zimbra_the_primary(system: LegacySystem) -> None:
    seen = replace(fresh(three=True).seen(Goal.PRIMARY), choices=Choices(system=system))
    found = recommended(seen)
    assert found.role is Role.PRIMARY
    assert "loop" in found.reasons[0]


def test_a_postfix_that_refuses_the_unknown_may_stay_the_primary() -> None:
    where = site(
        (),
        {f"p{n}": Keeps.HERE for n in range(5)},
        role=Role.PRIMARY,
        three=True,
        unknown=Keeps.REJECTS,
        mx=System.LEGACY,
    )
    seen = replace(where.seen(Goal.PRIMARY), choices=Choices(system=LegacySystem.POSTFIX))
    assert recommended(seen).role is Role.SECONDARY
    open_ = replace(seen, probes=(Probed(Standpoint.ZIMBRA, Side.LEGACY, NOBODY, 250),))
    assert recommended(open_).role is Role.PRIMARY


def test_where_most_live_on_zimbra_it_is_the_primary() -> None:
    where = site(
        (account("a"), account("b")), HERE, role=Role.PRIMARY, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY
    )
    seen = replace(where.seen(Goal.PRIMARY), choices=Choices(system=LegacySystem.POSTFIX))
    assert recommended(seen).role is Role.PRIMARY
    assert recommended(seen).against


@pytest.mark.parametrize("role", Role)
def test_the_ways_of_a_role_are_those_that_mail_takes(role: Role) -> None:
    text = " ".join(meaning(fresh().seen(Goal.PRIMARY), role).ways)
    first = "zimbra.example.com" if role is Role.PRIMARY else "mail.example.com"
    assert f"internet → {first}, which says 550" in text


def test_a_letter_in_markdown_and_in_plain_text() -> None:
    values = letter(
        at("foo"),
        "Foo *Star* Fighter",
        domain="example.com",
        zimbra="zimbra.example.com",
        legacy="mail.example.com",
        when="Monday",
    )
    markdown, text = as_markdown(MARKDOWN, values), as_text(MARKDOWN, values)
    assert r"Foo \*Star\* Fighter" in markdown
    assert "**foo@example.com**" in markdown
    assert text.startswith("Your mailbox has moved\n======================\n")
    assert "Dear Foo *Star* Fighter," in text
    assert "**" not in text
    for line in ("port 993", "port 995", "port 587", "https://zimbra.example.com/", "Zimbra Connector", "ActiveSync"):
        assert line in text


@pytest.mark.parametrize(("template", "told"), [("Dear ${nam},", "nam"), ("costs $5 a month", r"\$\$")])
def test_a_template_that_names_what_there_is_not_is_refused(template: str, told: str) -> None:
    values = letter(at("foo"), "", domain="example.com", zimbra="z", legacy="l", when="now")
    with pytest.raises(TemplateError, match=told):
        as_text(template, values)


def test_a_name_cannot_bring_control_characters_or_fields_into_a_letter() -> None:
    values = letter(at("foo"), "x\x1b[2J ${address}", domain="example.com", zimbra="z", legacy="l", when="now")
    text = as_text("${name}", values)
    assert "\x1b" not in text
    assert text.endswith("${address}")


def test_switched_off_is_who_gives_no_answer() -> None:
    where = fresh(Role.PRIMARY, mx=System.ZIMBRA)
    assert where.arrivals()[OUTSIDER, "zimbra"] is Outcome.DELIVERED
    found = where.guide(Goal.FINISH, quiet_days=2)
    assert "2 days ago" in found["quiet"].check.missing[0]
    assert found["legacy-off"].state is State.BLOCKED
