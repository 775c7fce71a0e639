"""Passwords are asked for on a terminal alone, and unseen."""

import getpass
import io
import sys

import pytest

from splittui.cli.asking import asker
from splittui.cli.exits import CommandError


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))
    assert asker() is None


def test_the_answer_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda question: asked.append(question) or "secret")
    ask = asker()
    assert ask is not None
    assert ask("Password of cn=reader on ldap.example.com") == "secret"
    assert asked == ["Password of cn=reader on ldap.example.com: "]


def test_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(question: str) -> str:
        raise EOFError

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", end)
    ask = asker()
    assert ask is not None
    with pytest.raises(CommandError, match="No password was given"):
        ask("Password")
