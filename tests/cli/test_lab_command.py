"""``splittui lab`` as another process: one JSON line, usable by scripts and by OpenSSH's ssh, gone without a trace."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.far_end import ROOT


def splittui(*arguments: str, **options) -> subprocess.Popen[str]:
    environment = {**options.pop("env", os.environ), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "splittui", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
    )


@pytest.fixture
def served() -> Iterator[tuple[subprocess.Popen[str], dict]]:
    process = splittui("lab", "--accounts", "45", "--seed", "3")
    assert process.stdout is not None
    line = process.stdout.readline()
    yield process, json.loads(line)
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_leaves_nothing(served, number: int) -> None:
    process, info = served
    directory = Path(info["config"]).parent
    assert directory.exists()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")
    assert not directory.exists()


def test_another_process_works_on_it(served) -> None:
    _, info = served
    assert {"config", "ssh", "zimbra_home"} <= set(info)
    moved = splittui("--config", info["config"], "move", "bar@example.com", "--to", "zimbra", "--yes", "--json")
    out, err = moved.communicate(timeout=30)
    assert moved.returncode == 0, err
    assert json.loads(out)["clean"]


def test_opensshs_client_reaches_it(served) -> None:
    ssh = shutil.which("ssh")
    if ssh is None:
        if os.environ.get("SPLITTUI_REQUIRE_SERVERS") == "1":
            pytest.fail("OpenSSH's client is required here and not installed")
        pytest.skip("OpenSSH's client is not installed")
    _, info = served
    where = info["ssh"]
    base = [ssh, "-F", "none", "-p", str(where["port"]), "-i", where["key_file"], "-o", "BatchMode=yes"]
    base += ["-o", f"UserKnownHostsFile={where['known_hosts']}", f"{where['user']}@{where['host']}"]
    asked = subprocess.run(
        [*base, f"{info['zimbra_home']}/bin/zmprov -l ga bar@example.com zimbraMailTransport"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout == "# name bar@example.com\nzimbraMailTransport: smtp:mail.example.com:25\n\n"


def test_ended_while_it_is_being_filled_it_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = splittui("lab", "--accounts", "50000", env=environment)
    while process.poll() is None and not list(tmp_path.glob("splittui-lab-*/zimbra/lab/directory.db")):
        pass
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (128 + signal.SIGHUP, "")
    assert list(tmp_path.iterdir()) == []
