"""The command line over SSH while things break; ``python -m tests.faults --ssh N`` plays as many as one likes."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from splittui import config
from splittui.zimbra.host import Zimbra, not_listening
from splittui.zimbra.lock import Holder
from splittui.zimbra.zmprov.errors import SessionEnded
from tests.faults.dying_link import cross
from tests.faults.over_ssh import Field, SshPlay, children_with, field, waiting_input
from tests.servers.ground import wait_until


@pytest.fixture(scope="module")
def here() -> Iterator[Field]:
    with field("secondary") as made:
        yield made


@pytest.mark.parametrize("seed", [3, 5])
def test_after_any_faults_everybody_lives_where_it_was_planned(here: Field, seed: int) -> None:
    assert not SshPlay(here, seed).run().wrong


def test_a_link_that_dies_again_and_again_is_got_through() -> None:
    crossed = cross(40, 1.5)
    assert crossed.cuts > 1
    assert not crossed.wrong


def test_a_zmprov_that_is_killed_over_a_command_is_missed_at_once(here: Field) -> None:
    """As by the kernel that runs out of memory; nothing more is sent to it, so nothing breaks at the writing end."""
    profile = config.load(here.lab.config)
    zimbra = Zimbra(profile.zimbra, profile.domain)
    try:
        session = zimbra.locked_session(not_listening, Holder("a test", "mark"))
        pids = children_with(b"splittui.lab.zmprov")
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        killer = threading.Thread(target=_kill_over_a_command, args=(pids,))
        killer.start()
        # The answer that does not come would be another error, a minute later.
        with pytest.raises(SessionEnded):
            session.entry("ga", "bar@example.com", ["zimbraId"])
        killer.join()
        assert here.await_free_lock()
    finally:
        zimbra.close()


def _kill_over_a_command(pids: list[int]) -> None:
    """Once the command and what follows it wait in zmprov's input."""
    both = len("ga bar@example.com zimbraId\ngd fence")
    wait_until(lambda: any(waiting_input(pid) > both for pid in pids), "it was sent")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
