"""Proof mails: one marked message for each origin, followed through both mail logs to its end.

What really happened is put beside what the tracer predicted. Each message is sent once; a lost answer is never made up
for by sending again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from splittui.execution.control import Control
from splittui.execution.events import LiveKind, LiveLine
from splittui.execution.proof_letter import Letter, letter
from splittui.execution.standpoints import NoEntrance, Standpoints
from splittui.mailflow.agreement import Agreement, agreement
from splittui.mailflow.observed import HandedIn, Seen, observed
from splittui.mailflow.postfix_log import Message, messages
from splittui.mailflow.route import Outcome, Reply, Route
from splittui.mailflow.world import Origin, System
from splittui.remote import RemoteError
from splittui.remote.postfix import LogMark, Postfix, PostfixError
from splittui.remote.smtp.conversation import Server
from splittui.remote.smtp.hand_in import HandIn, hand_in

WAIT_SECONDS = 90.0
"""How long a message is followed: content filters take seconds, greylisting takes minutes."""

_PAUSE = 0.3
_WAITING = (Outcome.DEFERRED, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one message, beside the route that the tracer found for its address and origin.

    ``seen`` is None where it was never handed in; ``why`` says what is different or not known, empty where all is as
    predicted. ``dialogue`` is what was said in SMTP, and empty where nobody could be connected to.
    """

    predicted: Route
    message_id: str
    agreement: Agreement
    why: str = ""
    seen: Route | None = None
    dialogue: tuple[str, ...] = ()

    @property
    def unreachable(self) -> bool:
        return not self.dialogue


@dataclass(slots=True)
class _Sent:
    """A message under way, with its latest sighting."""

    predicted: Route
    letter: Letter
    handed: HandedIn | None = None
    dialogue: tuple[str, ...] = ()
    trouble: str = ""
    seen: Seen | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more is to come, or nothing more is needed."""
        if self.seen is None or self.seen.open:
            return self.handed is None
        waits = any(end.outcome is Outcome.DEFERRED for end in self.seen.route.ends)
        return not waits or agreement(self.predicted, self.seen)[0] is Agreement.AGREES


class Prover:
    """Sends and follows the messages of one proof. Blocks; ``tell`` hears of it as it goes on, from this thread."""

    def __init__(
        self,
        standpoints: Standpoints,
        sender: str,
        tell: Callable[[LiveLine], None],
        control: Control,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        """``sender`` gets the bounces. ``control`` ends the following early; what is then open stays not proven."""
        self._points, self._sender = standpoints, sender
        self._tell, self._control, self._wait = tell, control, wait_seconds
        self._logs: dict[System, tuple[Postfix, LogMark]] = {}
        self._ids: dict[System, set[str]] = {}
        self._doors: dict[Origin, Sequence[tuple[System, Server]]] = {}

    def prove(self, predicted: Iterable[Route]) -> tuple[Proof, ...]:
        """Sends a message for each route and follows them all. Nothing is raised: troubles are told in the proofs."""
        self._mark_logs()
        sent = [self._send(route) for route in predicted if not self._control.stopped]
        self._follow(sent)
        return tuple(self._judged(one) for one in sent)

    # -- sending

    def _mark_logs(self) -> None:
        for system, mta in self._points.mtas.items():
            try:
                self._logs[system] = mta, mta.log_mark()
                self._ids[system] = set()
            except (PostfixError, RemoteError) as error:
                self._note(mta.host, f"What {mta.host} does with the mail will not be seen: {error}")

    def _send(self, predicted: Route) -> _Sent:
        address, origin = predicted.address, predicted.origin
        sent = _Sent(predicted, letter(self._sender, address, origin, secrets.token_hex(8), time.time()))
        vantage = self._points.vantage(origin)
        if vantage is None:
            sent.trouble = f"The profile has no login on {self._points.split.legacy}, from where it would be sent."
            return sent
        try:
            for system, server in self._entrances(origin):
                self._note(str(server), f"from {vantage.name}: {sent.letter.message_id} to {address}")
                done = hand_in(vantage, server, self._sender, address, sent.letter.content)
                self._tell_dialogue(server, done)
                _take(sent, system, server, done)
                if sent.handed is not None:
                    break
        except NoEntrance as error:
            sent.trouble = str(error)
        except RemoteError as error:
            sent.trouble = f"{error}. {error.certain} {error.next_step}"
        return sent

    def _entrances(self, origin: Origin) -> Sequence[tuple[System, Server]]:
        """Asked for once, so that all mail of one proof goes by the same answer of the DNS."""
        if origin not in self._doors:
            self._doors[origin] = self._points.entrances(origin)
        return self._doors[origin]

    def _tell_dialogue(self, server: Server, done: HandIn) -> None:
        for line in done.dialogue:
            kind = LiveKind.SENT if line.startswith("C:") else LiveKind.RECEIVED
            self._tell(LiveLine(str(server), kind, line[3:]))
        if done.trouble:
            self._note(str(server), done.trouble)

    # -- following

    def _follow(self, sent: Sequence[_Sent]) -> None:
        """Looks until all have settled; once more then, as one log may have been read before the other one."""
        deadline = time.monotonic() + self._wait
        settled_before = False
        while True:
            self._look(sent)
            settled = all(one.settled for one in sent)
            if (settled and settled_before) or self._control.stopped or time.monotonic() > deadline:
                return
            settled_before = settled
            time.sleep(_PAUSE)

    def _look(self, sent: Sequence[_Sent]) -> None:
        found = {system: self._messages(system, sent) for system in list(self._logs)}
        for one in sent:
            if one.handed is not None:
                mine = one.letter.message_id
                sights = {
                    system: {i: m for i, m in there.items() if m.message_id == mine}
                    for system, there in found.items()
                    if system in self._logs
                }
                one.seen = observed(self._points.split, one.predicted.address, one.handed, sights)

    def _messages(self, system: System, sent: Sequence[_Sent]) -> Mapping[str, Message]:
        """What the log of a system says of our messages: their lines are found by the ids that they got there."""
        mta, mark = self._logs[system]
        known = self._ids[system]
        ours = {one.letter.message_id for one in sent}
        while True:
            words = [*sorted(ours), *(f": {queue_id}: " for queue_id in sorted(known))]
            try:
                found = messages(mta.log_lines(mark, words))
            except (PostfixError, RemoteError) as error:
                del self._logs[system]
                self._note(mta.host, f"What {mta.host} does with the mail is not seen any more: {error}")
                return {}
            ids = {queue_id for queue_id, message in found.items() if message.message_id in ours}
            if ids <= known:
                return found
            known |= ids

    # -- judging

    def _judged(self, one: _Sent) -> Proof:
        predicted, message_id = one.predicted, one.letter.message_id
        if one.handed is None or one.seen is None:
            return Proof(predicted, message_id, Agreement.UNPROVEN, one.trouble, dialogue=one.dialogue)
        verdict, why = agreement(predicted, one.seen)
        if verdict is not Agreement.AGREES:
            why = " ".join(filter(None, (f"{why}.", one.trouble, *self._queues(one))))
        return Proof(predicted, message_id, verdict, why, one.seen.route, one.dialogue)

    def _queues(self, one: _Sent) -> Iterator[str]:
        """Where the message still waits, in the words of the queues."""
        if one.seen is None or not any(end.outcome in _WAITING for end in one.seen.route.ends):
            return
        for system, (mta, _) in list(self._logs.items()):
            found = self._messages(system, [one])
            ids = [queue_id for queue_id, message in found.items() if message.message_id == one.letter.message_id]
            try:
                waiting = mta.queue([f'"{queue_id}"' for queue_id in ids]) if ids else ()
            except (PostfixError, RemoteError) as error:
                yield f"Its queue cannot be looked at: {error}."
                continue
            for message in waiting:
                reasons = "; ".join(dict.fromkeys(r.reason for r in message.recipients if r.reason))
                yield f"{mta.host} has it in its {message.queue} queue{f': {reasons}' if reasons else ''}."

    def _note(self, host: str, text: str) -> None:
        self._tell(LiveLine(host, LiveKind.NOTE, text))


def _take(sent: _Sent, system: System, server: Server, done: HandIn) -> None:
    """Keeps how handing in to one server ended. Where it did not come to an answer, another server may be tried."""
    sent.dialogue += done.dialogue
    sent.trouble = done.trouble
    if done.reply is None and not done.in_doubt:
        return
    reply = Reply(250, "(its answer was lost)")
    if done.reply is not None:
        reply = Reply(done.reply.code, " ".join(filter(None, (done.reply.enhanced, done.reply.text))))
    sent.handed = HandedIn(sent.predicted.origin, done.asked_from, str(server), system, reply, done.queue_id)
