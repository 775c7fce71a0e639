"""Looking beside the screen: only the newest look is waited for, and whatever ends one is told."""

from __future__ import annotations

import queue
import threading
from typing import cast

import pytest
from textual.message import Message

from splittui.execution.guidance import Stand
from splittui.execution.undertaking import Undertaking
from splittui.mailflow.roster import Roster
from splittui.tui.guide_worker import Looker, Looking, NotSeen, Stands

NOTHING_READ = cast("Roster", None)
STAND = cast("Stand", None)


class Slow:
    """An undertaking that looks twice, the second time when it may go on."""

    def __init__(self, error: Exception | None = None) -> None:
        self.first_done: dict[str, float] = {}
        self.may_go_on = threading.Event()
        self.error = error

    def look(self, found: Roster, at: float, tell) -> Stand:
        tell("the DNS")
        assert self.may_go_on.wait(10)
        if self.error is not None:
            raise self.error
        tell("the servers")
        return STAND


def told(heard: queue.Queue[Message], number: int) -> list[Message]:
    """What is told until the look of that number has ended."""
    messages = []
    while True:
        message = heard.get(timeout=10)
        messages.append(message)
        if isinstance(message, (Stands, NotSeen)) and message.number == number:
            return messages


def test_a_look_tells_what_it_looks_at_and_then_where_things_stand() -> None:
    heard: queue.Queue[Message] = queue.Queue()
    slow = Slow()
    slow.may_go_on.set()
    number = Looker().start(cast("Undertaking", slow), NOTHING_READ, heard.put)
    messages = told(heard, number)
    assert [one.words for one in messages if isinstance(one, Looking)] == ["both systems", "the DNS", "the servers"]
    assert isinstance(messages[-1], Stands)


def test_a_look_that_was_overtaken_asks_nothing_further_and_tells_nothing_more() -> None:
    heard: queue.Queue[Message] = queue.Queue()
    looker, first, second = Looker(), Slow(), Slow()
    old = looker.start(cast("Undertaking", first), NOTHING_READ, heard.put)
    while not (isinstance(message := heard.get(timeout=10), Looking) and message.words == "the DNS"):
        continue
    second.may_go_on.set()
    new = looker.start(cast("Undertaking", second), NOTHING_READ, heard.put)
    first.may_go_on.set()
    messages = told(heard, new)
    assert not any(isinstance(one, (Looking, Stands, NotSeen)) and one.number == old for one in messages)


@pytest.mark.parametrize(
    ("error", "words"), [(OSError("no space"), "no space"), (ValueError("odd"), "ValueError: odd")]
)
def test_whatever_ends_a_look_is_told(error: Exception, words: str) -> None:
    heard: queue.Queue[Message] = queue.Queue()
    slow = Slow(error)
    slow.may_go_on.set()
    number = Looker().start(cast("Undertaking", slow), NOTHING_READ, heard.put)
    last = told(heard, number)[-1]
    assert isinstance(last, NotSeen)
    assert last.words == words
