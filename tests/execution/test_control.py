"""The operator's hand on a run."""

import threading

from splittui.execution.control import Control
from tests.servers.ground import wait_until


class Clock:
    """A clock that every look at it moves on by a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_as_fast_as_it_goes() -> None:
    control = Control(clock=Clock())
    assert all(control.may_go_on(f"{n}@example.com") for n in range(100))


def test_people_a_minute() -> None:
    clock = Clock()
    control = Control(per_minute=600, clock=clock)
    began = [clock.now for n in range(5) if control.may_go_on(f"{n}@example.com")]
    assert len(began) == 5
    slow = Control(per_minute=30, clock=clock)
    assert slow.may_go_on("a@example.com")
    before = clock.now
    assert slow.may_go_on("a@example.com")
    assert clock.now == before, "the same person's next step does not wait"
    assert slow.may_go_on("b@example.com")
    assert clock.now - before >= 2.0


def test_slower_and_faster_in_steps_and_never_faster_than_allowed() -> None:
    control = Control(clock=Clock())
    seen = []
    for _ in range(7):
        control.slower()
        seen.append(control.per_minute)
    assert seen == [120, 60, 30, 12, 6, 2, 2]
    assert control.slowed
    for _ in range(6):
        control.faster()
    assert control.per_minute is None
    assert not control.slowed
    limited = Control(per_minute=50, clock=Clock())
    limited.slower()
    assert limited.per_minute == 30
    limited.faster()
    limited.faster()
    assert limited.per_minute == 50


def test_a_stop_ends_the_waiting() -> None:
    control = Control(per_minute=1)
    assert control.may_go_on("a@example.com")
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(control.may_go_on("b@example.com")))
    thread.start()
    control.stop()
    thread.join(5)
    assert answers == [False]


def test_a_paused_run_waits_and_goes_on() -> None:
    control = Control()
    control.pause()
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(control.may_go_on()))
    thread.start()
    assert not answers
    control.resume()
    wait_until(lambda: answers == [True], "it goes on")
    thread.join(5)
