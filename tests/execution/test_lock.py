"""One operator at a time, on the Zimbra host and on this machine, and free as soon as nobody is at work."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from splittui import config
from splittui.execution.control import Control
from splittui.execution.lock import LockError, ProfileLock
from splittui.execution.site import Site, SiteError
from splittui.lab.lab import Lab
from splittui.model.entries import Role
from splittui.planning.plan import Act, Plan, Step
from splittui.remote import RemoteError
from splittui.zimbra.host import Zimbra, not_listening
from splittui.zimbra.lock import Holder, Locked
from splittui.zimbra.zmprov.errors import ZmprovError
from tests.servers.ground import wait_until

HOST = "zimbra.example.com"
ANNA = Holder("anna on bastion1, since 2026-11-22 10:00:00 UTC", "aaaa")
BERT = Holder("bert on bastion2, since 2026-11-22 10:05:00 UTC", "bbbb")
NOTHING = Plan("example.com", Role.PRIMARY, 1.0, (Step(HOST, Act.RELOAD, ("true",), "nothing"),))

HOLD = """
import sys
from pathlib import Path
from splittui.execution.lock import ProfileLock
with ProfileLock(Path(sys.argv[1]), "site", "anna, since noon"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's run is about to end by itself here."""
    monkeypatch.setattr("splittui.zimbra.host.OTHER_LOCK_SECONDS", 0.2)


@pytest.fixture
def zimbra(lab: Lab) -> Iterator[Zimbra]:
    opened = Zimbra(config.load(lab.config).zimbra, "example.com")
    yield opened
    opened.close()


def test_the_second_operator_is_told_who_and_since_when(lab: Lab, zimbra: Zimbra, tmp_path: Path) -> None:
    session = zimbra.locked_session(not_listening, ANNA)
    profile = config.load(lab.config)
    site = Site(replace(profile, journal=tmp_path / "journal.db"))
    with pytest.raises(SiteError, match="anna on bastion1, since 2026-11-22 10:00:00 UTC") as caught:
        site.run(NOTHING, lambda event: None, Control())
    assert caught.value.refused
    assert "Nothing was sent" in caught.value.certain
    assert session.entry("gd", "example.com", ("zimbraDomainName",)).name == "example.com"
    zimbra.release(session)
    wait_until(lambda: _free(zimbra), "the lock is free after the first run")
    site.run(NOTHING, lambda event: None, Control())
    site.close()


def _free(zimbra: Zimbra) -> bool:
    try:
        zimbra.release(zimbra.locked_session(not_listening, BERT))
    except (ZmprovError, RemoteError):
        return False
    return True


def test_a_lost_link_frees_it_and_a_warm_session_does_not_take_it(lab: Lab, zimbra: Zimbra) -> None:
    zimbra.warm()
    other = Zimbra(config.load(lab.config).zimbra, "example.com")
    other.locked_session(not_listening, ANNA)
    with pytest.raises(Locked):
        zimbra.locked_session(not_listening, BERT)
    lab.drop()
    wait_until(lambda: _free(zimbra), "the lock is free after the link is lost")
    other.close()


def test_a_run_waits_for_what_its_own_lost_link_left_behind(zimbra: Zimbra) -> None:
    first = zimbra.locked_session(not_listening, ANNA)
    with pytest.raises(Locked):
        zimbra.locked_session(not_listening, BERT)
    threading.Timer(0.5, zimbra.release, (first,)).start()
    zimbra.release(zimbra.locked_session(not_listening, ANNA))


def test_people_of_two_domains_do_not_wait_for_each_other(lab: Lab, zimbra: Zimbra) -> None:
    session = zimbra.locked_session(not_listening, ANNA)
    other = Zimbra(config.load(lab.config).zimbra, "example.org")
    other.release(other.locked_session(not_listening, BERT))
    other.close()
    zimbra.release(session)


def test_a_profile_has_one_run_at_a_time_and_a_kill_frees_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with (
        pytest.raises(LockError, match=f"anna, since noon, process {process.pid}"),
        ProfileLock(tmp_path, "site", "me"),
    ):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    with ProfileLock(tmp_path, "site", "me"), ProfileLock(tmp_path, "other", "me"):
        pass
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()
