"""The way a message really took, out of both mail logs, and whether it is the one that was traced."""

from __future__ import annotations

from itertools import pairwise

import pytest

from splittui.mailflow.agreement import Agreement, agreement
from splittui.mailflow.observed import HandedIn, Seen, observed
from splittui.mailflow.postfix_log import messages
from splittui.mailflow.route import HopKind, Outcome, Reply, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Keeps, Origin, System
from tests.mailflow.worlds import account, listing, primary, with_route
from tests.sites import SPLIT

BAR, FOO = "bar@example.com", "foo@example.com"
OK = Reply(250, "2.0.0 Ok: queued as AAAAAA")


def entry(queue_id: str, *deliveries: str, recipients: int = 0, removed: bool = True) -> str:
    """The lines of one queue id; a delivery is ``agent to relay status (said)``."""
    front = "Nov 22 22:31:01 host postfix"
    lines = [
        f"{front}/cleanup[2]: {queue_id}: message-id=<m@splittui>",
        f"{front}/qmgr[3]: {queue_id}: from=<a@b>, size=7, nrcpt={recipients or len(deliveries) or 1} (queue active)",
    ]
    for delivery in deliveries:
        agent, to, relay, rest = delivery.split(" ", 3)
        to, _, original = to.partition("<")
        before = f"orig_to=<{original}>, " if original else ""
        dsn = {"sent": "2.0.0", "deferred": "4.0.0", "bounced": "5.0.0"}[rest.split()[0]]
        lines.append(
            f"{front}/{agent}[4]: {queue_id}: to=<{to}>, {before}relay={relay}, delay=1, delays=1/0/0/0, "
            f"dsn={dsn}, status={rest}"
        )
    return "\n".join([*lines, *([f"{front}/qmgr[3]: {queue_id}: removed"] if removed else [])]) + "\n"


def seen(
    address: str,
    zimbra: str | None,
    legacy: str | None,
    origin: Origin = Origin.INTERNET,
    reply: Reply = OK,
    queue_id: str = "AAAAAA",
) -> Seen:
    system = System.LEGACY if origin is Origin.LEGACY else System.ZIMBRA
    logs = {System.ZIMBRA: zimbra, System.LEGACY: legacy}
    sights = {system: messages(text.splitlines()) for system, text in logs.items() if text is not None}
    return observed(SPLIT, address, HandedIn(origin, "this machine", "mx:25", system, reply, queue_id), sights)


def ends(found: Seen) -> list[tuple[Outcome, System, str]]:
    return [(end.outcome, end.system, end.address) for end in found.route.ends]


def kinds(found: Seen) -> list[tuple[str, HopKind]]:
    return [(hop.host.partition(".")[0], hop.kind) for hop in found.route.hops]


def traced(address: str, origin: Origin = Origin.INTERNET, **changes: object) -> Route:
    return Tracer(changes.get("world") or primary()).route(address, origin)


TO_STORE = f"lmtp {BAR} 127.0.0.12[127.0.0.12]:2424 sent (250 2.1.5 Delivery OK)"
TO_MAILBOX = f"lmtp {FOO} zimbra.example.com[127.0.0.11]:7025 sent (250 2.1.5 Delivery OK)"
TO_LEGACY = f"smtp {BAR} mail.example.com[127.0.0.12]:25 sent (250 2.0.0 Ok: queued as BBBBBB)"


def test_through_zimbra_to_the_existing_system() -> None:
    found = seen(BAR, entry("AAAAAA", TO_LEGACY), entry("BBBBBB", TO_STORE))
    assert ends(found) == [(Outcome.DELIVERED, System.LEGACY, BAR)]
    assert kinds(found) == [
        ("internet", HopKind.HANDS_IN),
        ("zimbra", HopKind.ACCEPTS),
        ("zimbra", HopKind.SENDS),
        ("mail", HopKind.ACCEPTS),
        ("mail", HopKind.SENDS),
        ("mail", HopKind.DELIVERS),
    ]
    assert not found.open
    assert found.route.delivered == ("legacy:bar@example.com",)
    assert agreement(traced(BAR), found) == (Agreement.AGREES, "")


def test_through_zimbras_content_filter() -> None:
    """amavis hands the message back on port 10025, where it gets a second queue id."""
    said = "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as CCCCCC"
    filtered = f"smtp {FOO} 127.0.0.1[127.0.0.1]:10024 sent ({said})"
    found = seen(FOO, entry("AAAAAA", filtered) + entry("CCCCCC", TO_MAILBOX), "")
    assert ends(found) == [(Outcome.DELIVERED, System.ZIMBRA, FOO)]
    assert "content filter passes it on" in [hop.action for hop in found.route.hops]
    assert agreement(traced(FOO), found)[0] is Agreement.AGREES


def test_a_filter_that_tells_no_queue_id() -> None:
    filtered = f"smtp {FOO} 127.0.0.1[127.0.0.1]:10024 sent (250 2.0.0 taken)"
    found = seen(FOO, entry("AAAAAA", filtered) + entry("CCCCCC", TO_MAILBOX), "")
    assert ends(found) == [(Outcome.DELIVERED, System.ZIMBRA, FOO)]


def test_a_gateway_in_front_that_gave_an_id_of_its_own() -> None:
    found = seen(
        FOO, entry("AAAAAA", TO_MAILBOX), "", reply=Reply(250, "2.0.0 Ok: queued as 0XXXXX"), queue_id="0XXXXX"
    )
    assert ends(found) == [(Outcome.DELIVERED, System.ZIMBRA, FOO)]


def test_a_list_with_members_on_both_systems() -> None:
    first = entry(
        "AAAAAA",
        f"lmtp {FOO}<team@example.com zimbra.example.com[127.0.0.11]:7025 sent (250 2.1.5 Delivery OK)",
        f"smtp {BAR}<team@example.com mail.example.com[127.0.0.12]:25 sent (250 2.0.0 Ok: queued as BBBBBB)",
    )
    found = seen("team@example.com", first, entry("BBBBBB", TO_STORE))
    assert ends(found) == [(Outcome.DELIVERED, System.ZIMBRA, FOO), (Outcome.DELIVERED, System.LEGACY, BAR)]
    assert "expands it to foo@example.com, bar@example.com" in [hop.action for hop in found.route.hops]
    team = traced("team@example.com", world=primary(listing("team", "foo", "bar")))
    assert agreement(team, found) == (Agreement.AGREES, "")
    short = traced("team@example.com", world=primary(listing("team", "foo")))
    verdict, why = agreement(short, found)
    assert verdict is Agreement.DIFFERS
    assert why == "bar@example.com was not expected to get it, and was delivered on mail.example.com"


def test_a_list_through_the_content_filter_is_followed_member_by_member() -> None:
    handed = "127.0.0.1[127.0.0.1]:10024 sent (250 2.0.0 Ok: queued as CCCCCC)"
    first = entry("AAAAAA", f"smtp {FOO}<team@example.com {handed}", f"smtp {BAR}<team@example.com {handed}")
    found = seen("team@example.com", first + entry("CCCCCC", TO_MAILBOX, TO_LEGACY), entry("BBBBBB", TO_STORE))
    assert ends(found) == [(Outcome.DELIVERED, System.ZIMBRA, FOO), (Outcome.DELIVERED, System.LEGACY, BAR)]


def test_refused_at_once() -> None:
    reply = Reply(550, "5.1.1 <nobody@example.com>: Recipient address rejected: example.com")
    found = seen("nobody@example.com", "", "", reply=reply, queue_id="")
    assert found.route.outcome is Outcome.REJECTED
    assert agreement(traced("nobody@example.com"), found) == (Agreement.AGREES, "")
    for_now = seen("nobody@example.com", "", "", reply=Reply(450, "4.3.2 Service currently unavailable"), queue_id="")
    assert agreement(traced("nobody@example.com"), for_now)[0] is Agreement.DIFFERS
    verdict, why = agreement(traced(FOO), found)
    assert (verdict, "nothing was seen of it" in why) == (Agreement.DIFFERS, True)


def test_bounced_where_a_mailbox_was_expected() -> None:
    said = "(host mail.example.com[127.0.0.12] said: 550 5.1.1 no such user)"
    found = seen(BAR, entry("AAAAAA", f"smtp {BAR} mail.example.com[127.0.0.12]:25 bounced {said}"), "")
    assert ends(found) == [(Outcome.BOUNCED, System.ZIMBRA, BAR)]
    verdict, why = agreement(traced(BAR), found)
    assert verdict is Agreement.DIFFERS
    assert why == (
        "bar@example.com was to be delivered on mail.example.com, and was bounced on zimbra.example.com: "
        "host mail.example.com[127.0.0.12] said: 550 5.1.1 no such user"
    )


def test_a_loop_is_told_once() -> None:
    """bar has no mailbox on the existing system any more, which sends the unknown to Zimbra."""
    zimbra, legacy = "", ""
    names = [f"{side}{number:05}" for number in range(24) for side in "ZL"]
    for this, following in pairwise(names):
        relay = "mail.example.com[127.0.0.12]:25" if this[0] == "Z" else "zimbra.example.com[127.0.0.11]:25"
        text = entry(this, f"smtp {BAR} {relay} sent (250 2.0.0 Ok: queued as {following})")
        zimbra, legacy = (zimbra + text, legacy) if this[0] == "Z" else (zimbra, legacy + text)
    said = "bounced (host zimbra.example.com[127.0.0.11] said: 554 5.4.0 Error: too many hops (in reply to DATA))"
    legacy += entry(names[-1], f"smtp {BAR} zimbra.example.com[127.0.0.11]:25 {said}")
    found = seen(BAR, zimbra, legacy, queue_id="Z00000")
    assert ends(found) == [(Outcome.LOOPED, System.LEGACY, BAR)]
    assert [hop.kind for hop in found.route.hops].count(HopKind.MEETS_AGAIN) == 1
    assert len(found.route.hops) < 10
    looping = with_route(primary(), "bar", Keeps.ZIMBRA)
    assert Tracer(looping).route(BAR, Origin.INTERNET).outcome is Outcome.LOOPED
    assert agreement(Tracer(looping).route(BAR, Origin.INTERNET), found)[0] is Agreement.AGREES


def test_mail_that_waits() -> None:
    waiting = entry(
        "AAAAAA",
        f"smtp {BAR} none deferred (connect to mail.example.com[127.0.0.12]:25: Connection refused)",
        removed=False,
    )
    found = seen(BAR, waiting, "")
    assert ends(found) == [(Outcome.DEFERRED, System.ZIMBRA, BAR)]
    assert not found.open
    assert agreement(traced(BAR), found)[0] is Agreement.DIFFERS


@pytest.mark.parametrize(
    ("zimbra", "legacy"),
    [
        ("", ""),
        (entry("AAAAAA", removed=False), ""),
        (entry("AAAAAA", TO_LEGACY), ""),
        (entry("AAAAAA", TO_LEGACY), entry("BBBBBB", removed=False)),
    ],
)
def test_what_is_under_way_is_open_and_not_proven(zimbra: str, legacy: str) -> None:
    found = seen(BAR, zimbra, legacy)
    assert found.open
    assert [end.outcome for end in found.route.ends] == [Outcome.UNKNOWN]
    assert agreement(traced(BAR), found)[0] is Agreement.UNPROVEN


def test_an_existing_system_without_a_log_has_proved_enough_when_it_took_the_mail_over() -> None:
    found = seen(BAR, entry("AAAAAA", TO_LEGACY.replace("queued as BBBBBB", "OK id=1abc")), None)
    assert not found.open
    assert agreement(traced(BAR), found) == (Agreement.AGREES, "")


def test_taking_its_own_users_mail_proves_nothing() -> None:
    found = seen(BAR, "", None, origin=Origin.LEGACY)
    assert agreement(traced(BAR, Origin.LEGACY), found)[0] is Agreement.UNPROVEN


def test_without_zimbras_log_nothing_is_proven() -> None:
    assert agreement(traced(FOO), seen(FOO, None, ""))[0] is Agreement.UNPROVEN
    handed = f"smtp {FOO} zimbra.example.com[127.0.0.11]:25 sent (250 2.0.0 Ok: queued as CCCCCC)"
    from_legacy = seen(FOO, None, entry("AAAAAA", handed), origin=Origin.LEGACY)
    assert agreement(traced(FOO, Origin.LEGACY), from_legacy)[0] is Agreement.UNPROVEN


def test_a_forward_that_leaves_both_systems() -> None:
    out = f"smtp ann@internet.test<{FOO} mx.internet.test[127.0.0.20]:25 sent (250 ok)"
    found = seen(FOO, entry("AAAAAA", TO_MAILBOX, out), "")
    assert ends(found) == [
        (Outcome.DELIVERED, System.ZIMBRA, FOO),
        (Outcome.DELIVERED, System.INTERNET, "ann@internet.test"),
    ]


def test_the_existing_systems_inner_store_is_its_own_affair() -> None:
    found = seen(
        BAR, entry("AAAAAA", TO_LEGACY), entry("BBBBBB", f"smtp {BAR} store.inside[10.0.0.1]:25 sent (250 kept)")
    )
    assert ends(found) == [(Outcome.DELIVERED, System.LEGACY, BAR)]


def test_mail_that_lmtp_throws_away_looks_delivered() -> None:
    silent = account("foo", zimbraPrefMailLocalDeliveryDisabled="TRUE")
    assert Tracer(primary(silent)).route(FOO, Origin.INTERNET).outcome is Outcome.DISCARDED
    found = seen(FOO, entry("AAAAAA", TO_MAILBOX), "")
    assert agreement(Tracer(primary(silent)).route(FOO, Origin.INTERNET), found)[0] is Agreement.AGREES
