"""known_hosts as ssh reads it. Where ssh-keygen can say what is right, it does."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.remote import KnownHosts, PublicKey, Verdict, accept
from splittui.remote.known_hosts import matches


def key(kind: str = "ssh-ed25519", seed: str = "one") -> PublicKey:
    name = kind.encode()
    return PublicKey(kind, len(name).to_bytes(4, "big") + name + hashlib.sha256(seed.encode()).digest())


ONE, TWO, RSA = key(), key(seed="two"), key("ssh-rsa")


def verdict(text: str, host: str = "mbox1", port: int = 22, shown: PublicKey = ONE) -> Verdict:
    return KnownHosts.parse(text).lookup(host, port, shown).verdict


def hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    "hosts",
    [
        "mbox1",
        "MBOX1",
        "other,mbox1,10.0.0.1",
        "mbox?",
        "*",
        "m*1",
        "*,!mbox2",
        hashed("mbox1"),
    ],
)
def test_known(hosts: str) -> None:
    assert verdict(f"{hosts} {ONE.text} a comment\n") is Verdict.KNOWN
    assert verdict(f"  {hosts}\t {ONE.text.replace(' ', '  ')}\r\n") is Verdict.KNOWN


@pytest.mark.parametrize(
    "hosts",
    ["mbox", "mbox11", "m?ox", "*,!mbox1", "!mbox1,*", "!mbox1", hashed("mbox2"), "mbox[1]", "|1|x|y", "|2|a|b"],
)
def test_not_about_this_host(hosts: str) -> None:
    assert verdict(f"{hosts} {ONE.text}\n") is Verdict.UNKNOWN


def test_ports() -> None:
    assert verdict(f"[mbox1]:2222 {ONE.text}", port=2222) is Verdict.KNOWN
    assert verdict(f"[mbox1]:2222 {ONE.text}") is Verdict.UNKNOWN
    assert verdict(f"[mbox1]:2222 {TWO.text}", port=2222) is Verdict.CHANGED
    assert verdict(f"{hashed('[mbox1]:2222')} {ONE.text}", port=2222) is Verdict.KNOWN
    # The plain name counts for another port only when the key is the same one.
    assert verdict(f"mbox1 {ONE.text}", port=2222) is Verdict.KNOWN
    assert verdict(f"mbox1 {TWO.text}", port=2222) is Verdict.UNKNOWN


def test_changed_names_the_line() -> None:
    known = KnownHosts.parse(f"# comment\n\nmbox1 {TWO.text}\nmbox1 {RSA.text}\n", "/x/known_hosts")
    found = known.lookup("mbox1", 22, ONE)
    assert found.verdict is Verdict.CHANGED
    assert [entry.place for entry in found.entries] == ["/x/known_hosts:3", "/x/known_hosts:4"]
    assert known.lookup("mbox1", 22, TWO).verdict is Verdict.KNOWN


def test_revoked_wins() -> None:
    assert verdict(f"mbox1 {ONE.text}\n@revoked * {ONE.text}\n") is Verdict.REVOKED
    assert verdict(f"@revoked mbox1 {ONE.text}", port=2222) is Verdict.REVOKED
    assert verdict(f"mbox1 {ONE.text}\n@revoked mbox1 {TWO.text}\n") is Verdict.KNOWN
    assert verdict(f"@revoked mbox1 {TWO.text}\n") is Verdict.UNKNOWN


def test_lines_that_cannot_be_used_are_noted_and_skipped() -> None:
    text = (
        f"@cert-authority *.example.com {ONE.text}\n"
        "mbox1 1024 35 1234567890\n"
        "mbox1 ssh-ed25519 !!!\n"
        f"mbox1 ssh-rsa {ONE.text.split()[1]}\n"
        "mbox1\n"
        f"@strange mbox1 {ONE.text}\n"
        "\x00\xff garbage\n"
        f"mbox1 {ONE.text}\n"
    )
    known = KnownHosts.parse(text, "kh")
    assert [note.split(" skipped")[0] for note in known.notes] == [f"kh:{n}" for n in range(1, 8)]
    assert known.lookup("mbox1", 22, ONE).verdict is Verdict.KNOWN


def test_key_types_for_the_order_of_algorithms() -> None:
    known = KnownHosts.parse(f"mbox1 {RSA.text}\nmbox1 {ONE.text}\n[mbox1]:26 {TWO.text}\n@revoked mbox1 {TWO.text}\n")
    assert known.key_types("mbox1", 22) == ("ssh-rsa", "ssh-ed25519")
    assert known.key_types("mbox1", 26) == ("ssh-ed25519",)
    assert known.key_types("mbox1", 27) == ("ssh-rsa", "ssh-ed25519")
    assert known.key_types("mbox2", 22) == ()


def test_accept(tmp_path: Path) -> None:
    file = tmp_path / "new" / "known_hosts"
    accept("Mbox1", 22, ONE, file)
    accept("mbox1", 22, ONE, file)
    assert file.read_text() == f"mbox1 {ONE.text}\n"
    file.write_text("# no newline at the end")
    file.chmod(0o644)
    accept("mbox1", 2222, TWO, file)
    assert file.read_text() == f"# no newline at the end\n[mbox1]:2222 {TWO.text}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_several_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"\xff\xfe\n" + f"mbox1 {TWO.text}\n".encode())
    two.write_text(f"mbox1 {ONE.text}\n")
    known = KnownHosts.load([one, tmp_path / "missing", two, tmp_path])
    assert known.lookup("mbox1", 22, ONE).verdict is Verdict.KNOWN
    assert [note.split(":")[0] for note in known.notes] == [str(one), f"{tmp_path} cannot be read"]


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    known = KnownHosts.parse(text + f"\nmbox1 {ONE.text}\n")
    assert known.lookup("mbox1", 22, ONE).verdict in (Verdict.KNOWN, Verdict.REVOKED)


@given(st.lists(st.text("ab*?!,.[]:|1", max_size=8), max_size=4), st.text("ab.", min_size=1, max_size=6))
def test_patterns_never_fail_and_a_negation_always_wins(patterns: list[str], name: str) -> None:
    matches(",".join(patterns), name)
    assert not matches(",".join(["*", *[p.replace("|", "") for p in patterns], f"!{name}"]), name)
