"""The plans of the tasks: written down, taken back, and carried out by zmprov as the emulator has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from splittui.mailflow.changes import after
from splittui.mailflow.world import Keeps, System, World
from splittui.model.entries import Kind, Role, Server
from splittui.model.router import System as LegacySystem
from splittui.planning.plan import Act, Plan
from splittui.planning.plan_json import plan_from_json, plan_to_json
from splittui.planning.settings import on_server
from splittui.planning.setup import Backscatter, Choices, Goal, State
from splittui.planning.setup.snippets import Topic, words
from splittui.planning.undo import undo_plan
from tests.mailflow.worlds import SMTP, account, listing
from tests.planning.setup.ground import Site, at, site

OWN = {"zimbraMtaRelayHost": ("[old.example.net]:25",), "zimbraMtaMyNetworks": ("127.0.0.0/8 192.0.2.11/32",)}
CHOICES = Choices(trust_legacy=True, refuse_unlisted=True, backscatter=Backscatter.VERIFY)


def starts() -> Iterator[tuple[Goal, Site]]:
    here = {"bar": Keeps.HERE, "team": Keeps.HERE}
    fresh = {"unknown": Keeps.REJECTS, "mx": System.LEGACY, "settings": OWN, "choices": CHOICES}
    named = {"aliases": {"bar": ("b.ar", "barbara")}, "kinds": {"team": Kind.LIST}}
    yield Goal.PRIMARY, site((), here, role=Role.PRIMARY, three=None, **named, **fresh)
    yield Goal.PRIMARY, site((account("bar", ""),), here, role=Role.PRIMARY, three=False, **named, **fresh)
    yield Goal.SECONDARY, site((), here, role=Role.SECONDARY, three=None, relays=True, **named, **fresh)
    secondary = {"role": Role.SECONDARY, "three": True, "relays": True, **fresh}
    there = {**here, "foo": Keeps.ZIMBRA}
    yield Goal.TO_PRIMARY, site((account("foo"),), there, **secondary, **named)
    yield Goal.FINISH, site((account("foo"),), there, **secondary, **named)
    yield Goal.ROLL_BACK, site((account("foo"),), there, **secondary, **named)
    people = (account("foo"), account("bar", SMTP, zimbraMailHost=""), account("team", SMTP, zimbraMailHost=""))
    lists = (*people, listing("all", "foo", "bar"))
    primary = {"role": Role.PRIMARY, "three": False, "relays": True, **fresh}
    primary |= {"unknown": Keeps.ZIMBRA, "mx": System.ZIMBRA}
    yield Goal.TO_SECONDARY, site(lists, here, **primary)
    yield Goal.ROLL_BACK, site(lists, here, **primary)
    yield Goal.FINISH, site(people, here, **primary)


def walked(goal: Goal, where: Site) -> Iterator[tuple[str, Site, Plan]]:
    """Each task of a guide in its order, with the plan that was about to be carried out."""
    for _ in range(30):
        guide = where.guide(goal)
        task = next((t for t in guide.tasks if t.state is State.TO_DO and (t.plan.steps or t.key == "profile")), None)
        if task is None:
            return
        yield task.key, where, task.plan
        for _ in where.carry_out(goal, guide, task.key):
            pass
    raise AssertionError("the guide does not come to an end")


WALKS = [pytest.param(index, id=f"{index} {goal.name.lower()}") for index, (goal, _) in enumerate(starts())]


@pytest.mark.parametrize("index", WALKS)
def test_every_plan_survives_being_written_down(index: int) -> None:
    goal, where = list(starts())[index]
    plans = [plan for _, _, plan in walked(goal, where)]
    assert len(plans) >= 2
    for plan in plans:
        assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


@pytest.mark.parametrize("index", WALKS)
def test_every_task_can_be_taken_back(index: int) -> None:
    goal, where = list(starts())[index]
    for key, found, plan in walked(goal, where):
        if any(step.act is Act.DELETE for step in plan.steps):
            continue
        before = found.world
        back = undo_plan(found.split, plan, range(len(plan.steps)), 2.0)
        now = after(after(before, plan.steps), back.steps)
        assert told(now, {s.address for s in plan.steps if s.act is Act.CREATE}) == told(before, set()), key


def told(world: World, new: set[str]) -> object:
    """What of a world a plan may change. A mailbox that was made stays as a placeholder, since mail may be in it."""
    entries = {
        name: {a: tuple(sorted(v)) for a, v in entry.attributes.items() if a not in ("zimbraDomainStatus",)}
        for name, entry in world.entries.items()
        if name not in new
    }
    settings = {a: tuple(sorted(v)) for a, v in world.config.items()}
    return entries, settings, dict(world.server_config), world.legacy.everything_else, world.mx, routes(world)


def routes(world: World) -> dict[str, Keeps]:
    """Where the existing system sends each address that it does not treat like any other."""
    return {a: k for a, k in world.legacy.routes.items() if k is not world.legacy.everything_else}


@pytest.mark.parametrize("system", LegacySystem)
@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("role", Role)
def test_every_system_has_exact_words_with_real_names(system: LegacySystem, topic: Topic, role: Role) -> None:
    where = site((), {"bar": Keeps.HERE}, role=role, three=True, unknown=Keeps.REJECTS, mx=System.LEGACY)
    lines = words(where.seen(Goal.PRIMARY), system, topic)
    text = "\n".join(lines)
    assert "<" not in text.replace("< /etc", "")
    assert "example.com" in text
    if topic is Topic.ACCEPT:
        assert "192.0.2.11" in text


def test_a_setting_of_another_server_changes_nothing_for_this_mta() -> None:
    where = next(starts())[1]
    other = Server("z2.example.com", "z2.example.com", 7025, frozenset({"mta"}))
    world = replace(where.world, servers=(*where.world.servers, other))
    step = on_server(where.split, other, {"zimbraMtaRelayHost": ("[mail.example.com]:25",)}, "")
    assert step is not None
    assert after(world, [step]).server_config == world.server_config
    own = on_server(where.split, world.servers[0], {"zimbraMtaRelayHost": ("[mail.example.com]:25",)}, "")
    assert own is not None
    assert after(world, [own]).server_config["zimbraMtaRelayHost"] == ("[mail.example.com]:25",)


def test_people_are_carried_over_with_names_aliases_and_lists() -> None:
    goal, where = next(starts())
    plan = {key: plan for key, _, plan in walked(goal, where)}["people"]
    assert [step.command for step in plan.steps] == [
        f"ca {at('bar')} ******** zimbraMailTransport {SMTP} zimbraAccountStatus locked",
        f"aaa {at('bar')} {at('b.ar')}",
        f"aaa {at('bar')} {at('barbara')}",
        f"ca {at('team')} ******** zimbraMailTransport {SMTP} zimbraAccountStatus locked",
    ]
    codes = {finding.code: finding for finding in plan.findings}
    assert codes["lists-stay"].addresses == (at("team"),)
    assert "2 accounts afterwards" in codes["accounts-after"].message
