"""The preview: everything that a plan will change, before anything is changed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from splittui.mailflow.roster import Roster
from splittui.model.text import clean
from splittui.planning.brake import Limits, brake, too_many
from splittui.planning.plan import MASK, Plan
from splittui.planning.plan_json import fingerprint
from splittui.planning.staleness import ground
from splittui.tui.clipboard import copy
from splittui.tui.keymap import Hint
from splittui.tui.lines import cells, count, people
from splittui.tui.plan_file import write_plan
from splittui.tui.preview_lines import commands, directions, preview
from splittui.tui.preview_ways import PlannedWays
from splittui.tui.screens.confirm import ConfirmScreen, EnterGuard
from splittui.tui.screens.file_question import write_to_asked
from splittui.tui.widgets.fold_view import FoldView
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of

_NOTHING_YET = "nothing is changed yet"


class PreviewScreen(Screen[bool]):
    """Dismissed with true where the plan is to be applied. ``roster`` is what it was made from."""

    DEFAULT_CSS = """
    PreviewScreen {
        #title { height: 1; background: $panel; }
        FoldView { height: 1fr; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "apply", tooltip="apply the plan", show=False),
        Binding("w", "write", "write to a file", tooltip="write the plan to a file", show=False),
        Binding("c", "copy", "copy commands", tooltip="copy the command lines", show=False),
        Binding("enter", "swallow", show=False, priority=True),
        Binding("escape,q", "back", "back", tooltip="back; nothing is changed", show=False),
    ]

    def __init__(
        self,
        plan: Plan,
        roster: Roster,
        *,
        title: str = "",
        limits: Limits | None = None,
    ) -> None:
        super().__init__()
        self.plan = plan
        self._split = roster.split
        self._roster = roster
        self._ways = PlannedWays(roster.tracer, plan)
        self._heading = clean(title) or "Preview"
        self._limits = limits
        self._fingerprint = fingerprint(plan)
        self.guard = EnterGuard()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An Enter typed before the preview was there folds nothing; ``a`` is meant, and goes through at once."""
        return self.guard.holds if action == "swallow" else True

    def action_swallow(self) -> None:
        """Does nothing."""

    def compose(self) -> ComposeResult:
        glyphs = glyphs_of(self.app)
        yield Static(id="title", markup=False)
        yield FoldView(preview(self.plan, self._split, self._ways, glyphs), glyphs)
        yield KeyHints()

    def on_mount(self) -> None:
        self.query_one(FoldView).focus()
        self.run_worker(self._ways.prepare, thread=True)
        whom = f" to {people(len(self.plan.people))}" if self.plan.people else ""
        hints = [Hint("a", f"apply{whom}", "apply")] if self.can_apply else []
        hints.append(Hint("Enter", "fold"))
        if self.plan.steps:
            hints += [Hint("w", "write file", "write"), Hint("c", "copy", "copy")]
        hints += [Hint("e", "unfold all"), Hint("E", "fold all"), Hint("Esc", "back", "back")]
        self.query_one(KeyHints).show(hints)

    def on_resize(self) -> None:
        """The title tells as much as there is room for; that nothing is changed yet is always there."""
        dot = glyphs_of(self.app).dot
        width = self.size.width - 2
        short = "-".join(self._fingerprint.split("-")[:2])
        everything = [
            self._heading,
            people(len(self.plan.people)) if self.plan.people else count(len(self.plan.steps), "step"),
            f"fingerprint {short}",
        ]
        where = directions(self.plan, legacy=clean(self._split.legacy))
        brief = [everything[0], where, everything[2]] if where else everything
        choices = (brief, everything, [everything[0], everything[2]], everything[:1])
        fitting = (dot.join(choice) for choice in choices)
        left = next((text for text in fitting if cells(text) + len(_NOTHING_YET) + 2 <= width), "")
        gap = " " * max(1, width - cells(left) - len(_NOTHING_YET))
        self.query_one("#title", Static).update(
            Content.assemble(" ", (left, "bold"), gap, (_NOTHING_YET, "bold $accent"), " ")
        )

    @property
    def can_apply(self) -> bool:
        """Whether there is anything to run."""
        return bool(self.plan.steps)

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_apply(self) -> None:
        """Applies at once, or asks: for the domain's name where mail is in danger, for the number of many people."""
        if not self.can_apply:
            self.notify("Not applied: there is nothing in the plan to run.", severity="warning", markup=False)
            return
        dangers = [clean(danger) for danger in self.plan.dangers]
        if dangers:
            question = "Apply it in spite of this?"
            self.app.push_screen(
                ConfirmScreen(question, expected=self.plan.domain, detail="\n".join(dangers), yes="Apply"),
                self._confirmed,
            )
            return
        if self._limits is None:
            self.dismiss(True)
            return
        refused = too_many(self.plan, self._limits)
        if refused:
            self.notify(f"Not applied: {refused}", severity="warning", markup=False)
            return
        held = brake(self.plan, self._roster.people, self._limits)
        if held is None:
            self.dismiss(True)
            return
        question = f"Apply to {people(len(self.plan.people))}?" if self.plan.people else "Apply it?"
        self.app.push_screen(
            ConfirmScreen(question, expected=held.word, detail=f"That is {held.reason}.", yes="Apply"),
            self._confirmed,
        )

    def _confirmed(self, answer: bool | None) -> None:
        if answer:
            self.dismiss(True)

    def action_back(self) -> None:
        self.dismiss(False)

    def action_copy(self) -> None:
        text = commands(self.plan)
        if not text:
            self.notify("There is no command to copy.", markup=False)
            return
        masked = "The passwords in it are masked: it is to be read, not to be pasted." if MASK in text else ""
        copy(self, text, f"{len(self.plan.steps):,} command lines", masked)

    def action_write(self) -> None:
        if not self.plan.steps:
            self.notify("There is nothing in the plan to write.", markup=False)
            return
        name = f"plan-{self._fingerprint[:9]}.json"
        write_to_asked(self, "Write the plan to which file?", name, self._write)

    def _write(self, path: Path, replace: bool) -> None:
        plan = dataclasses.replace(self.plan, ground=ground(self._split, self._roster.snapshot))
        write_plan(path, plan, replace=replace)
