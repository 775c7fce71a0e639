from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest

from splittui import config
from splittui.lab.lab import Lab, LabError
from splittui.lab.server import Address

Connecting = Callable[[Address], paramiko.SSHClient]


def over_ssh(client: paramiko.SSHClient, command: str) -> tuple[int, str]:
    _, out, _ = client.exec_command(command)
    return out.channel.recv_exit_status(), out.read().decode()


def test_zmprov_answers_over_ssh_and_the_tools_agree(own_lab: Lab, connecting: Connecting) -> None:
    with connecting(own_lab.address) as client:
        shown = "# name bar@example.com\nzimbraMailTransport: {}\n\n"
        question = "zmprov ga bar@example.com zimbraMailTransport"
        assert over_ssh(client, question) == (0, shown.format("smtp:mail.example.com:25"))
        assert over_ssh(client, "zmprov ma bar@example.com zimbraMailHost zimbra.example.com")[0] == 0
        assert over_ssh(client, question) == (0, shown.format("lmtp:zimbra.example.com:7025"))
        postmap = "postmap -q bar@example.com ldap:$ZIMBRA_HOME/conf/ldap-transport.cf"
        assert over_ssh(client, postmap) == (0, "lmtp:zimbra.example.com:7025\n")


@pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no OpenSSH client here")
def test_the_real_ssh_client_runs_zmprov(lab: Lab) -> None:
    ssh = lab.info()["ssh"]
    assert isinstance(ssh, dict)
    command = ["ssh", "-F", "none", "-p", str(ssh["port"]), "-i", ssh["key_file"], "-o", "BatchMode=yes"]
    command += ["-o", f"UserKnownHostsFile={ssh['known_hosts']}", f"{ssh['user']}@{ssh['host']}"]
    command += ["zmprov", "ga", "foo@example.com", "displayName"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=20)
    assert (done.returncode, done.stdout) == (0, b"# name foo@example.com\ndisplayName: Foo Fighter\n\n")


def test_the_profile_is_one_that_the_program_reads(lab: Lab) -> None:
    profile = config.load(lab.config)
    assert (profile.name, profile.domain, profile.role) == ("lab", "example.com", "primary")
    assert (profile.zimbra.ssh.host, profile.zimbra.ssh.port) == ("127.0.0.1", lab.address.port)
    assert (profile.zimbra.name, profile.zimbra.home) == ("zimbra.example.com", str(lab.home.path))
    login = profile.zimbra.ssh
    assert (login.key_file, login.known_hosts) == (lab.address.key_file, lab.address.known_hosts)
    assert (profile.legacy.name, profile.legacy.transport) == ("mail.example.com", "smtp:mail.example.com:25")
    assert "secret" not in lab.config.read_text()


def test_the_profile_of_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "odd" \\ ünd $HOME'
    with Lab.start(folder, accounts=1) as lab:
        data = tomllib.loads(lab.config.read_text(encoding="utf-8"))
        assert data["profile"]["lab"]["zimbra"]["home"] == str(folder / "zimbra")
        program = lab.home.path / "bin" / "zmhostname"
        assert subprocess.run([program], capture_output=True, check=False).stdout == b"zimbra.example.com\n"


def test_the_line_that_the_lab_prints(lab: Lab) -> None:
    info = json.loads(json.dumps(lab.info()))
    assert set(info) == {"config", "ssh", "zimbra_home", "legacy_csv", "domain", "role"}
    assert set(info["ssh"]) == {"host", "port", "user", "key_file", "known_hosts"}
    for key in ("config", "zimbra_home", "legacy_csv"):
        assert Path(info[key]).exists()


def test_a_temporary_lab_leaves_nothing(connecting: Connecting) -> None:
    threads = set(threading.enumerate())
    lab = Lab.start(accounts=40)
    assert stat.S_IMODE(lab.directory.stat().st_mode) == 0o700
    with connecting(lab.address) as client:
        _, out, _ = client.exec_command("echo $$; exec sleep 100")
        process = int(out.readline())
        lab.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert not lab.directory.exists()
    lab.stop()
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
    assert set(threading.enumerate()) <= threads


def test_a_lab_with_a_folder_is_taken_up_again(tmp_path: Path, connecting: Connecting) -> None:
    with Lab.start(tmp_path / "lab", accounts=41, role="secondary") as first, connecting(first.address) as client:
        assert over_ssh(client, "zmprov ma foo@example.com displayName Changed")[0] == 0
        key = first.address.key_file.read_bytes()
    assert not first.address.key_file.exists()
    assert not first.config.exists()
    with Lab.start(tmp_path / "lab", accounts=7, zmprov_delay=0.01) as second, connecting(second.address) as client:
        assert (second.sample.accounts, second.info()["role"]) == (41, "secondary")
        assert over_ssh(client, "zmprov ga foo@example.com displayName")[1].endswith("displayName: Changed\n\n")
        assert second.home.settings().zmprov_delay == 0.01
        assert second.address.key_file.read_bytes() != key


def test_a_folder_that_is_not_a_lab_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "zimbra").mkdir()
    (tmp_path / "zimbra" / "mine").write_text("x")
    with pytest.raises(LabError, match="no complete lab"):
        Lab.start(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["zimbra", "mine"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(LabError, match="cannot be set up"):
        Lab.start(tmp_path / "file")
    with pytest.raises(LabError, match="primary or secondary"):
        Lab.start(tmp_path / "new", role="both")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lab.json").write_text("{")
    with pytest.raises(LabError, match="damaged"):
        Lab.start(tmp_path / "other")


def test_secrets_differ_and_lie_in_one_private_file(tmp_path: Path) -> None:
    secrets = []
    for name in ("one", "two"):
        with Lab.start(tmp_path / name, accounts=1) as lab:
            secrets.append(lab.home.localconfig()["zimbra_ldap_password"])
            assert stat.S_IMODE(lab.home.localconfig_file.stat().st_mode) == 0o600
            found = subprocess.run(["grep", "-rlFe", secrets[-1], str(lab.directory)], capture_output=True, check=False)
            assert found.stdout.decode().split() == [str(lab.home.localconfig_file)]
    assert secrets[0] != secrets[1]
