"""Passwords: from where the profile says, once, and in no message."""

from __future__ import annotations

import shlex
import sys

import pytest

from splittui.config.directory import Encryption, LdapServer, Password
from splittui.remote import password
from splittui.remote.password import NoPassword, Passwords

SECRET = "correct horse"


def server(source: Password | None = None, bind_dn: str = "cn=reader") -> LdapServer:
    return LdapServer("ldap.example.com", 389, Encryption.START_TLS, bind_dn, source or Password())


def script(code: str) -> Password:
    return Password((sys.executable, "-c", code))


def test_a_commands_first_line() -> None:
    assert Passwords().of(server(script(f"print({SECRET!r} + '\\r\\nmore')"))) == SECRET


def test_no_shell_reads_the_command(tmp_path) -> None:
    found = Passwords().of(server(Password(tuple(shlex.split("echo '$HOME; `id`'")))))
    assert found == "$HOME; `id`"


def test_it_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    passwords = Passwords(lambda question: asked.append(question) or SECRET)
    assert [passwords.of(server()) for _ in range(3)] == [SECRET] * 3
    assert asked == ["Password of cn=reader on ldap.example.com"]
    passwords.forget(server())
    passwords.of(server())
    assert len(asked) == 2
    assert SECRET not in repr(vars(Passwords(passwords.ask)))


def test_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LDAP_PASSWORD", SECRET)
    assert Passwords().of(server(Password(variable="LDAP_PASSWORD"))) == SECRET


def test_a_stranger_needs_none() -> None:
    assert Passwords().of(server(bind_dn="")) == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Password(), "has to be asked for, and nobody is there"),
        (Password(variable="SPLITTUI_NO_SUCH"), "is not in the environment variable SPLITTUI_NO_SUCH"),
        (Password(("/nowhere/at/all",)), "(/nowhere/at/all) cannot be run: No such file or directory"),
        (script("pass"), "printed nothing"),
        (script(f"import sys; print({SECRET!r}); sys.exit('locked')"), "ended with 1: locked"),
        (script(f"import time; print({SECRET!r}, flush=True); time.sleep(60)"), "did not end in 0.5 seconds"),
    ],
)
def test_what_cannot_be_had(source: Password, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "SECONDS", 0.5 if "did not end" in words else 20.0)
    with pytest.raises(NoPassword) as caught:
        Passwords().of(server(source))
    assert words in str(caught.value)
    assert "ldap.example.com" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
