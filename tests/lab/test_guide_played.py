"""The whole guide, played in a lab that begins empty: every answer comes from what the steps before have made."""

import pytest

from splittui.lab.lab import Lab
from splittui.planning.setup import Choices, Goal, State
from splittui.planning.setup.sources import AddressBook, BookMode
from tests.lab.playing import Player

BOOK = Choices(address_book=AddressBook(BookMode.INTERNAL))


@pytest.mark.parametrize(
    ("role", "goal", "done"),
    [
        (
            "secondary",
            Goal.SECONDARY,
            ["legacy-accepts", "domain", "legacy-relays", "relay-host", "address-book", "backscatter"],
        ),
        (
            "primary",
            Goal.PRIMARY,
            ["legacy-accepts", "domain", "people", "clear", "forward-unknown", "address-book", "mx"],
        ),
    ],
)
def test_a_set_up_is_played_to_its_end(role: str, goal: Goal, done: list[str]) -> None:
    with Lab.start(accounts=60, role=role, empty=True) as lab:
        player = Player(lab, goal, BOOK)
        guide = player.play()
        assert player.done == done
        assert guide.finished


def test_roles_change_and_everything_is_taken_back() -> None:
    with Lab.start(accounts=12, role="secondary", empty=True) as lab:
        assert play(lab, Goal.SECONDARY).done[-1] == "backscatter"
        # Somebody new gets a mailbox on Zimbra, so legacy needs a route to it.
        player = Player(lab, Goal.SECONDARY, Choices())
        player.zmprov([("ca", "nina@example.com", "x-Secret-1")])
        assert player.look()["legacy-routes"].state is State.TO_DO
        player.play()
        assert player.done == ["legacy-routes"]
        assert dict(lab.world.people.forwards())["nina@example.com"] == "smtp:[zimbra.example.com]:25"
        changed = ["people", "clear", "open-to-all", "mx", "forward-unknown", "outbound"]
        assert play(lab, Goal.TO_PRIMARY).done == changed
        assert lab.world.state().mx == "zimbra"
        changed = ["legacy-refuses", "mx", "domain", "placeholders-go", "relay-host", "backscatter"]
        assert play(lab, Goal.TO_SECONDARY).done == changed
        assert lab.world.state().mx == "legacy"


def play(lab: Lab, goal: Goal) -> Player:
    """One undertaking to its end, the role in the profile included."""
    player = Player(lab, goal, Choices())
    guide = player.play()
    if any(task.key == "profile" for task in guide.tasks):
        roles = ("secondary", "primary") if goal is Goal.TO_PRIMARY else ("primary", "secondary")
        lab.config.write_text(lab.config.read_text().replace(*(f'role = "{role}"' for role in roles)))
        guide = player.look()
    assert guide.finished, [(task.key, task.check.missing or task.because) for task in guide.tasks if not task.settled]
    return player
