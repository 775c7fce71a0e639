"""A short set of the randomised runs; ``python -m tests.faults`` plays as many as one likes."""

from collections.abc import Iterator

import pytest

from tests.faults.ground import Ground, ground
from tests.faults.play import Play
from tests.faults.stream import Fault


@pytest.fixture(scope="module")
def here() -> Iterator[Ground]:
    with ground() as made:
        yield made


@pytest.mark.parametrize("seed", range(40))
def test_after_any_faults_everything_is_as_planned_and_the_journal_tells_the_truth(here: Ground, seed: int) -> None:
    assert not Play(here, seed).run().wrong


def test_what_is_drawn_covers_every_fault(here: Ground) -> None:
    """The short set could miss some: then it would have to be longer."""
    struck = {fault for seed in range(60) for fault in Play(here, seed).run().faults}
    assert struck == {fault.value for fault in Fault}
