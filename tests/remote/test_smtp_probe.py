"""Asking by SMTP whether an address is taken, of servers that behave, and of those that do not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from splittui.remote.smtp.conversation import Server
from splittui.remote.smtp.probe import Probe, probe
from splittui.remote.vantage import Here
from tests.remote.scripted import Scripted
from tests.servers.ground import free_port

BANNER = b"220 mail.example.com ESMTP\r\n"


def ask(server: Scripted, *addresses: str, **options: object) -> Probe:
    return probe(Here(), Server("127.0.0.1", server.port), addresses or ("bar@example.com",), **options)


@contextmanager
def polite(answers: dict[str, bytes], commands: dict[str, bytes] | None = None) -> Iterator[Scripted]:
    """A server that answers every command; RCPT as in ``answers``, the others as in ``commands`` or with 250."""

    def talk(client: socket.socket) -> None:
        reader = client.makefile("rb")
        for line in reader:
            server.heard.append(line.rstrip())
            word = line.split()[0].decode()
            if word == "RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
                client.sendall(answers.get(address, b"250 2.1.5 Ok\r\n"))
            else:
                client.sendall((commands or {}).get(word, b"221 2.0.0 Bye\r\n" if word == "QUIT" else b"250 Ok\r\n"))
            if word == "QUIT":
                return

    with Scripted([BANNER, talk]) as server:
        yield server


def test_a_dialogue_never_goes_as_far_as_data() -> None:
    with polite({"nobody@example.com": b"550 5.1.1 <nobody@example.com>: Recipient address rejected\r\n"}) as server:
        found = ask(server, "bar@example.com", "nobody@example.com", sender="ops@example.net")
        assert [line.split()[0] for line in server.heard] == [b"EHLO", b"MAIL", b"RCPT", b"RCPT", b"RSET", b"QUIT"]
    assert found.asked_from == "this machine"
    assert found.trouble == ""
    bar, nobody = found.answers
    assert (bar.accepted, bar.reply.code, bar.reply.enhanced, bar.reply.text) == (True, 250, "2.1.5", "Ok")
    assert not nobody.accepted
    assert str(nobody.reply) == "550 5.1.1 <nobody@example.com>: Recipient address rejected"
    assert found.dialogue[0] == "S: 220 mail.example.com ESMTP"
    assert "C: MAIL FROM:<ops@example.net>" in found.dialogue
    assert found.seconds > 0


def test_the_null_sender_is_the_usual_one() -> None:
    with polite({}) as server:
        ask(server)
        assert b"MAIL FROM:<>" in server.heard


def test_replies_of_several_lines_are_joined() -> None:
    reply = b"550-5.1.1 The account does not exist.\r\n550-5.1.1 Check for\r\n550 5.1.1 typos.\r\n"
    commands = {"EHLO": b"250-mail.example.com\r\n250-PIPELINING\r\n250 8BITMIME\r\n"}
    with polite({"bar@example.com": reply}, commands) as server:
        [answer] = ask(server).answers
    assert str(answer.reply) == "550 5.1.1 The account does not exist. Check for typos."


def test_a_server_that_knows_only_helo() -> None:
    with polite({}, {"EHLO": b"502 5.5.2 what?\r\n"}) as server:
        assert ask(server).answers[0].accepted
        assert server.heard[1].startswith(b"HELO ")


def test_many_refusals_are_spread_over_dialogues() -> None:
    """Postfix hangs up on a client after 20 errors (smtpd_hard_error_limit)."""
    people = [f"p{number}@example.com" for number in range(30)]
    with polite(dict.fromkeys(people, b"550 5.1.1 no\r\n")) as server:
        found = ask(server, *people)
        assert server.connections == 4
    assert [answer.address for answer in found.answers] == people
    assert found.trouble == ""


def test_what_was_answered_before_the_server_hung_up_is_kept_and_the_rest_asked_anew() -> None:
    first = [BANNER]
    with Scripted() as server:
        line = server.line
        first += [line, b"250 Ok\r\n", line, b"250 Ok\r\n", line, b"250 2.1.5 Ok\r\n", line, b"421 4.7.0 enough\r\n"]
        again = [BANNER, line, b"250 Ok\r\n", line, b"250 Ok\r\n", line, b"421 4.7.0 enough\r\n"]
        server.scripts = (first, again)
        found = ask(server, "a@example.com", "b@example.com", "c@example.com")
    assert [answer.address for answer in found.answers] == ["a@example.com"]
    assert found.answer("b@example.com") is None
    assert found.trouble == f"127.0.0.1:{server.port} ended the dialogue: 421 4.7.0 enough."


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([], "closed the connection before it had said anything"),
        ([b"554 5.7.1 you are listed\r\n"], "does not want to talk: 554 5.7.1 you are listed"),
        ([b"421 4.3.2 later\r\n"], "does not want to talk: 421 4.3.2 later"),
        ([b"SSH-2.0-OpenSSH_9.2p1\r\n"], "does not speak SMTP: it said 'SSH-2.0-OpenSSH_9.2p1'"),
        ([b"220 ok\r\n", b"250-a\r\n251 b\r\n"], "does not speak SMTP: it said '251 b'"),
        ([b"\x00\xff\x1b[2J\r\n"], "does not speak SMTP"),
        ([b"220 " + b"x" * 9000], "sent a line of more than 4096 bytes"),
        ([b"220-again\r\n" * 300], "gave a reply of more than 200 lines"),
    ],
)
def test_servers_that_are_none(script: list[bytes], words: str) -> None:
    with Scripted([*script]) as server:
        found = ask(server)
    assert words in found.trouble
    assert found.answers == ()
    assert f"127.0.0.1:{server.port}" in found.trouble


def test_what_a_server_says_cannot_harm_the_screen() -> None:
    with polite({"bar@example.com": "550 \x1b[31mred\x1b]0;title\x07 \u202eback\r\n".encode()}) as server:
        found = ask(server)
    assert all(line.isprintable() for line in (*found.dialogue, str(found.answers[0].reply)))


@pytest.mark.parametrize(
    ("command", "reply", "words"),
    [
        ("MAIL", b"530 5.7.0 Must issue a STARTTLS command first\r\n", "wants STARTTLS or a login first"),
        ("MAIL", b"550 5.7.1 no null sender here\r\n", "refuses the sender <>: 550 5.7.1 no null sender here"),
        ("EHLO", b"550 5.7.1 bad name\r\n", "refuses the greeting"),
    ],
)
def test_refusals_before_the_recipient(command: str, reply: bytes, words: str) -> None:
    with polite({}, {command: reply}) as server:
        found = ask(server)
    assert words in found.trouble
    assert found.answers == ()


def test_a_silent_server_costs_no_more_than_the_limit() -> None:
    with Scripted() as server:
        server.scripts = ([BANNER, server.line, server.silence],)
        found = ask(server, seconds=0.3)
    assert "did not answer in 0.3 seconds, after 'EHLO" in found.trouble


def test_a_server_that_drips_has_the_same_limit() -> None:
    stop = threading.Event()

    def drip(client: socket.socket) -> None:
        while not stop.wait(0.05):
            client.sendall(b"2")

    with Scripted([drip]) as server:
        found = ask(server, seconds=0.4)
        stop.set()
    assert "did not answer in 0.4 seconds" in found.trouble


def test_nobody_listens_and_no_such_name() -> None:
    refused = probe(Here(), Server("127.0.0.1", free_port()), ["bar@example.com"])
    assert "From this machine, 127.0.0.1:" in refused.trouble
    assert "Connection refused" in refused.trouble
    assert refused.dialogue == ()
    unknown = probe(Here(), Server("nowhere.invalid"), ["bar@example.com"])
    assert unknown.trouble == "From this machine, the address of nowhere.invalid is not known."


def test_an_address_cannot_smuggle_a_command_in() -> None:
    with polite({}) as server, pytest.raises(ValueError, match="cannot be said in SMTP"):
        ask(server, "bar@example.com>\r\nDATA\r\n")


class Canned:
    """A point of view from which every server says these bytes, cut into pieces, and hangs up."""

    name = greeting = "here"

    def __init__(self, said: bytes, size: int) -> None:
        self._pieces = [said[at : at + size] for at in range(0, len(said), size)]

    def connect(self, host: str, port: int, seconds: float) -> Canned:
        return self

    def check(self) -> None: ...

    def settimeout(self, seconds: float, /) -> None: ...

    def recv(self, size: int, /) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def sendall(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...


_SAID = st.lists(
    st.one_of(st.binary(max_size=20), st.sampled_from([b"220 hi\r\n", b"250-a\r\n", b"250 2.1.0 ok\n", b"550 no\r\n"])),
    max_size=12,
).map(b"".join)


@example("\u05eb\n".encode(), 1)
@given(_SAID, st.integers(1, 30))
def test_whatever_a_server_says_ends_in_answers_or_one_sentence(said: bytes, size: int) -> None:
    found = probe(Canned(said, size), Server("mail.example.com"), ["a@example.com", "b@example.com"])
    assert bool(found.trouble) == (len(found.answers) < 2)
    assert all(line.isprintable() for line in (found.trouble, *found.dialogue))
