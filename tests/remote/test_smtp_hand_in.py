"""Handing one message in: taken, refused at each stage, or in doubt; and what is sent."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from splittui.remote.smtp.conversation import Server
from splittui.remote.smtp.hand_in import HandIn, hand_in
from splittui.remote.vantage import Here
from tests.remote.scripted import Part, Scripted

MESSAGE = b"Subject: x\r\n\r\n.a dot\r\nend\r\n"
OK = b"250 2.0.0 Ok\r\n"
BANNER = b"220 mail.example.com ESMTP\r\n"
START = b"354 go on\r\n"

Script = Callable[[Scripted], list[Part]]


def send(script: Script) -> tuple[HandIn, list[bytes]]:
    with Scripted() as server:
        server.scripts = (script(server),)
        there = Server("127.0.0.1", server.port)
        done = hand_in(Here(), there, "ops@example.net", "bar@example.com", MESSAGE, seconds=5)
        return done, server.heard


def until(server: Scripted, *replies: bytes) -> list[Part]:
    """The banner, then a reply to each line."""
    return [BANNER, *(part for reply in replies for part in (server.line, reply))]


def test_taken_with_its_queue_id() -> None:
    def script(server: Scripted) -> list[Part]:
        taken = b"250 2.0.0 Ok: queued as 4XabcdEfgh\r\n"
        return [*until(server, OK, OK, OK, START), server.message, taken, server.line, b"221 Bye\r\n"]

    done, heard = send(script)
    assert (done.taken, done.queue_id, done.trouble, done.in_doubt) == (True, "4XabcdEfgh", "", False)
    start = heard.index(b"DATA") + 1
    assert heard[start : start + 5] == [b"Subject: x", b"", b"..a dot", b"end", b"."]
    assert heard[-1] == b"QUIT"
    assert not any("a dot" in line for line in done.dialogue)


@pytest.mark.parametrize("code", [b"550", b"450"])
def test_refused_at_the_recipient(code: bytes) -> None:
    done, heard = send(lambda server: [*until(server, OK, OK, code + b" 5.1.1 no\r\n", b"221 Bye\r\n")])
    assert (done.taken, done.in_doubt) == (False, False)
    assert done.reply is not None
    assert str(done.reply.code).encode() == code
    assert b"DATA" not in heard


def test_refused_after_the_message() -> None:
    def script(server: Scripted) -> list[Part]:
        return [*until(server, OK, OK, OK, START), server.message, b"554 5.6.0 spam\r\n", server.line]

    done, _ = send(script)
    assert (done.taken, done.in_doubt) == (False, False)
    assert str(done.reply) == "554 5.6.0 spam"


def test_a_lost_answer_is_a_doubt_and_nothing_is_sent_again() -> None:
    done, heard = send(lambda server: [*until(server, OK, OK, OK, START), server.message])
    assert (done.taken, done.in_doubt, done.reply) == (False, True, None)
    assert "closed the connection" in done.trouble
    assert heard.count(b"DATA") == 1


@pytest.mark.parametrize("end", ["before DATA", "odd DATA"])
def test_no_doubt_where_the_message_was_never_sent(end: str) -> None:
    def script(server: Scripted) -> list[Part]:
        return until(server, OK, OK, OK, *([b"250 what?\r\n"] if end == "odd DATA" else []))

    done, _ = send(script)
    assert (done.taken, done.in_doubt, done.reply) == (False, False, None)
    assert done.trouble


def test_a_hang_up_on_quit_is_no_trouble() -> None:
    def hang_up(client: socket.socket) -> None:
        client.shutdown(socket.SHUT_RDWR)

    done, _ = send(lambda server: [*until(server, OK, OK, OK, START), server.message, OK, hang_up])
    assert (done.taken, done.trouble) == (True, "")
