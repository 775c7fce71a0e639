"""Mail flows while a mailbox moves, and every message is accounted for."""

from __future__ import annotations

import pytest

from tests.servers.first_entries import person_dn
from tests.servers.flow import Flow
from tests.servers.ground import wait_until
from tests.servers.hosts import ON_LEGACY, ON_ZIMBRA, ZIMBRA
from tests.servers.lab import Lab
from tests.servers.legacy_mta import AWAY, HERE
from tests.servers.post import Origin

BAR = "bar@example.com"
pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def hosted(lab: Lab) -> Lab:
    lab.directory.change(person_dn("bar"), {"zimbraMailHost": ZIMBRA.name})
    return lab


@pytest.fixture(autouse=True)
def bar_lives_on_legacy(hosted: Lab) -> None:
    zimbra_leads_to(hosted, ON_LEGACY)
    legacy_has(hosted, HERE)


def zimbra_leads_to(lab: Lab, transport: str) -> None:
    lab.directory.change(person_dn("bar"), {"zimbraMailTransport": transport})
    lab.zimbra.reload()


def legacy_has(lab: Lab, way: str) -> None:
    lab.legacy.route({"bar": way}, AWAY)
    lab.legacy.reload()


def test_destination_first_then_source_harms_no_message(lab: Lab) -> None:
    with Flow(lab, BAR, rate=10) as flow:
        flow.go_on(5)
        zimbra_leads_to(lab, ON_ZIMBRA)
        flow.go_on(5)
        legacy_has(lab, AWAY)
        moved = flow.go_on(0)
        flow.go_on(5)
        flow.settle()
    result = flow.result()
    assert result.unharmed, result
    assert set(result.boxes()) == {"legacy", "zimbra"}, result
    assert set(result.boxes(since=moved)) == {"zimbra"}, result
    assert {message.origin for message in result.messages} == set(Origin)


def test_the_wrong_order_loops_and_is_seen_to(lab: Lab) -> None:
    with Flow(lab, BAR, origins=[Origin.INTERNET]) as flow:
        flow.go_on(3)
        legacy_has(lab, AWAY)
        wait_until(lambda: any(one.bounce for one in lab.deliveries()), "a message has gone round too often", 30)
        zimbra_leads_to(lab, ON_ZIMBRA)
        flow.go_on(3)
        flow.settle()
    result = flow.result()
    assert result.bounced, result
    assert {*result.bounced} <= {*result.looped}, result
    assert not result.lost, result
    assert not result.duplicated, result


def test_a_single_sender_s_mail_goes_to_the_old_box_until_the_reload(lab: Lab) -> None:
    """The queue manager keeps its last answer for 30 seconds; the flow shows that, and that a reload ends it."""
    with Flow(lab, BAR, rate=10, origins=[Origin.INTERNET], senders=1) as flow:
        flow.go_on(5)
        lab.directory.change(person_dn("bar"), {"zimbraMailTransport": ON_ZIMBRA})
        changed = flow.go_on(0)
        flow.go_on(10)
        lab.zimbra.reload()
        reloaded = flow.go_on(0)
        flow.go_on(5)
        flow.settle()
    result = flow.result()
    assert result.unharmed, result
    before = result.boxes(since=changed) - result.boxes(since=reloaded)
    assert before["legacy"] >= 10, result
    assert set(result.boxes(since=reloaded)) == {"zimbra"}, result


def test_what_is_held_back_is_waiting_and_not_lost(lab: Lab) -> None:
    with Flow(lab, BAR, rate=10, origins=[Origin.INTERNET]) as flow:
        zimbra_leads_to(lab, "retry:4.3.2 mailbox is being moved")
        held = flow.go_on(0)
        flow.go_on(3)
        flow.settle()
        result = flow.result()
        assert len(result.waiting) >= 3, result
        assert not result.lost, result
        zimbra_leads_to(lab, ON_ZIMBRA)
        lab.capsule.run("/opt/zimbra/common/sbin/postqueue", "-f")
        lab.settle()
    result = flow.result()
    assert result.unharmed, result
    assert set(result.boxes(since=held)) == {"zimbra"}, result


def test_who_is_refused_is_told_at_once(lab: Lab) -> None:
    with Flow(lab, "nobody@example.com", rate=10, origins=[Origin.INTERNET]) as flow:
        flow.go_on(2)
        flow.settle()
    result = flow.result()
    assert len(result.refused) == len(result.messages)
    assert not result.lost
