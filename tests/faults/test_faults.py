"""A short set of the randomised runs; ``python -m tests.faults`` plays as many as one likes."""

from collections.abc import Iterator

import pytest

from tests.faults.ground import Ground, ground
from tests.faults.play import Play


@pytest.fixture(scope="module")
def here() -> Iterator[Ground]:
    with ground() as made:
        yield made


@pytest.mark.parametrize("seed", range(20))
def test_after_any_faults_everything_is_as_planned_and_the_journal_tells_the_truth(here: Ground, seed: int) -> None:
    assert not Play(here, seed).run().wrong
