"""From the SSH configuration to a target."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from splittui.remote import ConfigRefused, Overrides, resolve
from splittui.remote.ssh_config import parse_options, target_from

HOME = Path.home()
OUTPUT = """\
user ops
hostname 10.0.0.7
port 2222
identitiesonly yes
identityfile ~/.ssh/%h_%r
identityfile /keys/with space/id
identityagent SSH_AUTH_SOCK
userknownhostsfile /a b/known_hosts ~/.ssh/known_hosts2
globalknownhostsfile /etc/ssh/ssh_known_hosts
hostkeyalias mbox
"""


def test_output_of_ssh() -> None:
    target = target_from("mbox1", parse_options(OUTPUT), Overrides())
    assert (target.name, target.host, target.port, target.user) == ("mbox1", "10.0.0.7", 2222, "ops")
    assert target.identity_files == (HOME / ".ssh/10.0.0.7_ops", Path("/keys/with space/id"))
    assert target.identities_only
    assert target.identity_agent == ""
    assert target.known_hosts_files == (
        Path("/a b/known_hosts"),
        HOME / ".ssh/known_hosts2",
        Path("/etc/ssh/ssh_known_hosts"),
    )
    assert target.host_key_alias == "mbox"


def test_explicit_settings_win() -> None:
    own = Overrides(port=22, user="me", identity_files=(Path("/k"),), known_hosts_files=(Path("/own"),))
    target = target_from("mbox1", parse_options(OUTPUT), own)
    assert (target.port, target.user, target.identity_files) == (22, "me", (Path("/k"),))
    assert target.known_hosts_files[0] == Path("/own")


@pytest.fixture(params=["ssh", "paramiko"])
def config(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "paramiko":
        monkeypatch.setattr(shutil, "which", lambda name: None)
    elif not shutil.which("ssh"):
        pytest.skip("there is no ssh")
    return tmp_path / "config"


def test_resolving_with_jumps(config: Path) -> None:
    config.write_text(
        "Host gate\n HostName gate.example.com\n ProxyJump outer\n"
        "Host mbox1\n HostName 10.0.0.7\n User ops\n Port 2222\n ProxyJump gate,me@second:24\n"
        " UserKnownHostsFile /kh1 /kh2\n IdentityFile /keys/one\n IdentityFile /keys/two\n"
    )
    target = resolve("mbox1", Overrides(config_file=config, known_hosts_files=(Path("/own"),)))
    assert (target.host, target.port, target.user) == ("10.0.0.7", 2222, "ops")
    assert target.identity_files == (Path("/keys/one"), Path("/keys/two"))
    assert target.known_hosts_files[:3] == (Path("/own"), Path("/kh1"), Path("/kh2"))
    assert [(jump.host, jump.port) for jump in target.jumps] == [
        ("outer", 22),
        ("gate.example.com", 22),
        ("second", 24),
    ]
    assert target.jumps[2].user == "me"
    assert resolve("mbox1", Overrides(config_file=config, proxy_jump="none")).jumps == ()
    six = resolve("mbox1", Overrides(config_file=config, proxy_jump="ssh://u@[fe80::1]:77")).jumps
    assert [(jump.host, jump.port, jump.user) for jump in six] == [("fe80::1", 77, "u")]


def test_what_is_refused(config: Path) -> None:
    config.write_text("Host loop\n ProxyJump pool\nHost pool\n ProxyJump loop\nHost cmd\n ProxyCommand nc %h %p\n")
    for host, words in (("loop", "too many jumps"), ("cmd", "ProxyCommand"), ("-oProxyCommand=x", "host name")):
        with pytest.raises(ConfigRefused, match=words):
            resolve(host, Overrides(config_file=config))
    with pytest.raises(ConfigRefused, match="jump"):
        resolve("mbox1", Overrides(config_file=config, proxy_jump="a:b:c"))
    config.write_text("nonsense")
    with pytest.raises(ConfigRefused, match=r"mbox1|config"):
        resolve("mbox1", Overrides(config_file=config))


def test_include_without_ssh_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "config").write_text("Include other\n")
    assert "Include" in resolve("mbox1", Overrides(config_file=tmp_path / "config")).notes[0]
