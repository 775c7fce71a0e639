"""The guided set-up as data: guides, their tasks as they stand now, and what the tasks would change.

Everything here is a function of what was seen. Nothing looks by itself, and nothing is carried out.
"""

from __future__ import annotations

from splittui.planning.setup.guide import Guide, LockedError
from splittui.planning.setup.guides import Goal, entrance_after, guide
from splittui.planning.setup.seen import Backscatter, Bound, Choices, Fate, Probed, Seen, Standpoint, version_of
from splittui.planning.setup.task import Check, Gate, Look, LookKind, Need, State, Task

__all__ = [
    "Backscatter",
    "Bound",
    "Check",
    "Choices",
    "Fate",
    "Gate",
    "Goal",
    "Guide",
    "LockedError",
    "Look",
    "LookKind",
    "Need",
    "Probed",
    "Seen",
    "Standpoint",
    "State",
    "Task",
    "entrance_after",
    "guide",
    "version_of",
]
