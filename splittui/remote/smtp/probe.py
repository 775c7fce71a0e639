"""Asks a server whether it takes mail for addresses: as far as RCPT TO, never as far as DATA, so no mail is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from splittui.remote.smtp.conversation import Conversation, Reply, Server, SmtpTrouble
from splittui.remote.vantage import Vantage

SECONDS = 30.0
"""Limit of a whole probe. postscreen(8), in front of Zimbra's Postfix, makes a stranger wait six of them."""

# Postfix slows a client down after 10 errors and hangs up on it after 20 (smtpd_soft_error_limit and ..hard..).
_REFUSALS = 9
_RECIPIENTS = 50
_SHORTEST = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to RCPT TO for one address."""

    address: str
    reply: Reply

    @property
    def accepted(self) -> bool:
        return self.reply.positive


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server said to ``asked_from``, which it may trust more or less than others.

    ``answers`` are in the order asked; where ``trouble`` says why the dialogue ended early, some are missing.
    """

    asked_from: str
    server: Server
    answers: tuple[Answer, ...]
    dialogue: tuple[str, ...]
    seconds: float
    trouble: str = ""

    def answer(self, address: str) -> Answer | None:
        return next((answer for answer in self.answers if answer.address == address), None)


def probe(
    vantage: Vantage,
    server: Server,
    addresses: Sequence[str],
    sender: str = "",
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Probe:
    """Asks for each address, from ``sender`` (empty: the null sender of RFC 5321, which every server must take).

    Raises RemoteError where the point of view itself is lost; everything else is told in the result.
    """
    began = clock()
    lines: list[str] = []
    answers: list[Answer] = []
    trouble = ""
    while len(answers) < len(addresses) and not trouble:
        left = max(_SHORTEST, seconds - (clock() - began))
        found, trouble = _ask(vantage, server, addresses[len(answers) :], sender, left, lines, clock)
        # A server that hung up after some answers may well give the others in a new dialogue.
        trouble = "" if found else trouble
        answers += found
    return Probe(vantage.name, server, tuple(answers), tuple(lines), clock() - began, trouble)


def _ask(
    vantage: Vantage,
    server: Server,
    addresses: Sequence[str],
    sender: str,
    seconds: float,
    lines: list[str],
    clock: Callable[[], float],
) -> tuple[list[Answer], str]:
    """One dialogue for the first of these addresses: as many answers as one gives, and why it ended early."""
    answers: list[Answer] = []
    talk: Conversation | None = None
    try:
        talk = Conversation(vantage, server, seconds, clock)
        talk.greet()
        begin(talk, sender)
        for address in addresses[:_RECIPIENTS]:
            answers.append(Answer(address, talk.ask(f"RCPT TO:<{address}>")))
            if sum(not answer.accepted for answer in answers) == _REFUSALS:
                break
        talk.ask("RSET")
        talk.quit()
    except SmtpTrouble as error:
        return answers, str(error)
    finally:
        if talk is not None:
            lines += talk.lines
            talk.close()
    return answers, ""


def begin(talk: Conversation, sender: str) -> None:
    """MAIL FROM. Raises SmtpTrouble where the server does not take it."""
    reply = talk.ask(f"MAIL FROM:<{sender}>")
    if reply.code == 530:
        raise SmtpTrouble(f"{talk.server} wants STARTTLS or a login first, so it cannot be asked from here: {reply}.")
    if not reply.positive:
        raise SmtpTrouble(f"{talk.server} refuses the sender <{sender}>: {reply}.")
