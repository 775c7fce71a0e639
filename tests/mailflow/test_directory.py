"""Entries that are made when they are asked for, and changes over them, behave as if everything stood in a dict."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.mailflow.changes import after
from splittui.mailflow.directory import Directory, lists_of
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.maps import VAM
from splittui.mailflow.overlay import Overlay, differing
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import FORWARD, World
from splittui.model.snapshot import Snapshot
from splittui.model.zmprov_line import parse_line
from splittui.planning.plan import Act, Change, Step
from splittui.planning.routes import ROUTE
from tests.mailflow.snapshots import ADDRESSES, AWAY, snapshots
from tests.sites import LMTP, SMTP, SPLIT, on_zimbra, snapshot

LINES = [
    *(f"ma {address} zimbraMailTransport {SMTP}" for address in ADDRESSES),
    *(f"ma {address} zimbraAccountStatus closed" for address in ADDRESSES[:3]),
    *(f"ma {address} zimbraMailHost zimbra.example.com" for address in ADDRESSES[:3]),
    *(f"ca {address} pw zimbraMailTransport {SMTP} zimbraAccountStatus locked" for address in ADDRESSES[:4]),
    *(f"da {address}" for address in ADDRESSES[:4]),
    "aaa b@example.com a@example.com",
    "raa b@example.com a@example.com",
    "cdl new@example.com",
    "adlm new@example.com a@example.com c@example.com",
    "adlm d@example.com a@example.com",
    "ddl new@example.com",
]
STEPS = [
    *(Step(SPLIT.zimbra, Act.MODIFY, tuple(parse_line(line)), "") for line in LINES),
    *(
        Step(SPLIT.legacy, Act.ROUTE, (), "", changes=(Change(address, ROUTE, (), to),))
        for address in ADDRESSES[:4]
        for to in ((), (AWAY,))
    ),
]


def plain(known: World) -> World:
    """The same world with everything in dicts."""
    routes = dict(known.legacy.routes.items())
    return replace(known, entries=dict(known.entries.items()), legacy=replace(known.legacy, routes=routes))


@settings(max_examples=150, deadline=None)
@given(seen=snapshots, steps=st.lists(st.sampled_from(STEPS), max_size=6), more=st.sampled_from(STEPS))
def test_the_tracer_sees_no_difference(seen: Snapshot, steps: list[Step], more: Step) -> None:
    made = world(SPLIT, seen)
    in_dicts = plain(made)
    assert made == in_dicts
    tracers = [Tracer(made), Tracer(in_dicts)]
    for batch in (steps, [more]):
        assert [t.routes(a) for t in tracers[:1] for a in ADDRESSES] == [
            t.routes(a) for t in tracers[1:] for a in ADDRESSES
        ]
        worlds = [after(tracer.world, batch) for tracer in tracers]
        assert worlds[0] == worlds[1]
        assert sorted(lists_of(worlds[0].entries)) == sorted(lists_of(plain(worlds[1]).entries))
        tracers = [tracer.after(changed) for tracer, changed in zip(tracers, worlds, strict=True)]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_two_owners_of_an_address_answer_in_the_order_of_the_directory(names: tuple[str, str]) -> None:
    people = {"a": on_zimbra("a"), "b": on_zimbra("b", aliases=("a@example.com",))}
    made = world(SPLIT, snapshot(*(people[name] for name in names)))
    expected = tuple(f"{name}@example.com" for name in names)
    for known in (made, plain(made)):
        answer = Tracer(known).maps.find(VAM, "A@example.com")
        assert answer is not None
        assert answer.values == expected


def test_a_list_that_was_changed_meanwhile_loses_who_is_closed_then() -> None:
    start = world(SPLIT, snapshot(on_zimbra("a"), on_zimbra("b")))
    lines = (
        "ma a@example.com zimbraAccountStatus closed",
        "cdl team@example.com",
        "adlm team@example.com b@example.com x@example.com",
        "ma b@example.com zimbraAccountStatus closed",
    )
    known = after(start, [Step(SPLIT.zimbra, Act.MODIFY, tuple(parse_line(line)), "") for line in lines])
    assert known.entries["team@example.com"].all(FORWARD) == ("x@example.com",)


def test_a_world_before_its_changes_stays_as_it_was() -> None:
    made = world(SPLIT, snapshot(on_zimbra("a")))
    step = Step(SPLIT.zimbra, Act.MODIFY, ("ma", "a@example.com", "zimbraMailTransport", SMTP), "")
    changed = after(made, [step])
    again = after(changed, [replace(step, tokens=("da", "a@example.com"))])
    assert made.entries["a@example.com"].one("zimbraMailTransport") == LMTP
    assert changed.entries["a@example.com"].one("zimbraMailTransport") == SMTP
    assert "a@example.com" not in again.entries
    assert after(made, []) is made


def test_only_what_was_changed_is_compared() -> None:
    base = {str(number): number for number in range(1000)}
    one, other = Overlay(base), Overlay(base)
    one["7"] = 70
    del other["8"]
    other["new"] = 1
    assert set(differing(base, one)) == {"7"}
    assert set(differing(one, other)) == {"7", "8", "new"}
    assert (len(one), len(other), list(other)[-1]) == (1000, 1000, "new")
    assert dict(Overlay(other)) == {**{k: v for k, v in base.items() if k != "8"}, "new": 1}


def test_of_many_accounts_only_those_with_more_names_are_made() -> None:
    made: list[str] = []
    accounts = {f"p{n}@example.com": on_zimbra(f"p{n}") for n in range(50)}
    accounts["alias@example.com"] = on_zimbra("alias", aliases=("other@example.com",))
    known = world(SPLIT, snapshot(*accounts.values()))

    def entry_of(account):
        made.append(account.address)
        return known.entries[account.address]

    directory = Directory(accounts, entry_of)
    tracer = Tracer(replace(known, entries=directory))
    assert made == ["alias@example.com"]
    assert tracer.maps.account("other@example.com") is known.entries["alias@example.com"]
    assert tracer.maps.account("p7@example.com") is known.entries["p7@example.com"]
    assert len(directory) == 51
