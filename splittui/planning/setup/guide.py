"""A guide: the tasks of one undertaking, in the order that loses no mail, each with its state as of now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from splittui.planning.plan import Plan
from splittui.planning.setup.task import Look, State, Task


class LockedError(Exception):
    """The task cannot be carried out now; the text says what it waits for, and why."""


@dataclass(frozen=True, slots=True)
class Guide:
    """The tasks of one undertaking. Order matters only where one ``needs`` another; they stand in the best order."""

    title: str
    tasks: tuple[Task, ...]

    def __getitem__(self, key: str) -> Task:
        """The task of that key. Raises KeyError."""
        for task in self.tasks:
            if task.key == key:
                return task
        raise KeyError(key)

    @property
    def finished(self) -> bool:
        """Whether everything is done, or left out on purpose. What is optional need not be."""
        return all(task.settled for task in self.tasks if not task.optional)

    @property
    def next(self) -> Task | None:
        """The first task that can be carried out now; what is optional comes after everything else."""
        free = [task for task in self.tasks if task.free]
        return next((task for task in free if not task.optional), free[0] if free else None)

    @property
    def looks(self) -> tuple[Look, ...]:
        """What has to be looked at for a full judgement, each once."""
        return tuple(dict.fromkeys(look for task in self.tasks for look in task.check.looks))

    def plan(self, key: str) -> Plan:
        """The plan of a task that can be carried out now. Raises LockedError, and KeyError."""
        task = self[key]
        if not task.free:
            raise LockedError(f"{task.title}: {task.state}{f', {task.because}' if task.because else ''}")
        return task.plan

    def rests_on(self, key: str) -> tuple[Task, ...]:
        """The tasks that are done and need this one: they must be taken back before it is."""
        return tuple(t for t in self.tasks if t.state is State.DONE and any(need.key == key for need in t.needs))


def judged(
    title: str, tasks: Collection[Task], skipped: Mapping[str, str], once_done: Collection[str] = frozenset()
) -> Guide:
    """The guide with the state of each task. ``once_done`` are the keys of those that were seen done at some time.

    A task waits for those it needs, and for what they need; it can only need one that stands before it.
    """
    found: dict[str, Task] = {}
    for task in tasks:
        found[task.key] = _judged(task, found, skipped, once_done)
    return Guide(title, tuple(_without_spent_means(task, found.values()) for task in found.values()))


def _judged(task: Task, before: Mapping[str, Task], skipped: Mapping[str, str], once_done: Collection[str]) -> Task:
    if task.check.done:
        return replace(task, state=State.DONE)
    if task.optional and task.key in skipped:
        return replace(task, state=State.SKIPPED, because=skipped[task.key])
    waits = _waits_for(task, before)
    if waits:
        return _closed(replace(task, state=State.BLOCKED, because=waits))
    closed_by = task.gate.closed_by if task.gate is not None else ()
    if task.check.obstacle or closed_by:
        return replace(task, state=State.BLOCKED, because=task.check.obstacle or "; ".join(closed_by))
    if task.key in once_done:
        return replace(task, state=State.NO_LONGER, because="; ".join(task.check.missing))
    return task


def _without_spent_means(task: Task, tasks: Collection[Task]) -> Task:
    """A task that was only a means is left out as soon as nothing waits for it any more."""
    waiting = [other for other in tasks if any(need.key == task.key for need in other.needs) and not other.settled]
    if not task.means or task.settled or waiting:
        return task
    return replace(task, state=State.SKIPPED, because="nothing waits for it any more")


def _waits_for(task: Task, before: Mapping[str, Task]) -> str:
    """The first task that this one rests on and that is not settled, however far back; empty where there is none.

    What was only a means for another task no longer counts once that one is done.
    """
    for need in task.needs:
        other = before[need.key]
        if not other.settled and not (other.means and task.settled):
            return f"waits for “{other.title}”: {need.because}"
        further = _waits_for(other, before)
        if further:
            return further
    return ""


def _closed(task: Task) -> Task:
    """A blocked task's gate is closed too."""
    if task.gate is None:
        return task
    return replace(task, gate=replace(task.gate, closed_by=(*task.gate.closed_by, task.because)))
