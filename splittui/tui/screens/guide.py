"""The guide: the tasks of one undertaking as both systems show them now, and each carried out from here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from splittui.config.write import Value
from splittui.execution.guidance import SETTLING, Stand
from splittui.execution.undertaking import ROLE_AFTER
from splittui.model.text import clean
from splittui.planning.plan import MASK
from splittui.planning.setup import Goal, State, Task
from splittui.tui.clipboard import copy
from splittui.tui.fold_line import FoldLine
from splittui.tui.guide_desk import GuideDesk
from splittui.tui.guide_keys import guide_bindings
from splittui.tui.guide_options import Option, has_own, options
from splittui.tui.keymap import Hint
from splittui.tui.lines import line
from splittui.tui.plan_file import write_text
from splittui.tui.run_job import RunJob
from splittui.tui.screens.confirm import AskScreen, ConfirmScreen
from splittui.tui.screens.details import TextScreen
from splittui.tui.screens.file_question import write_to_asked
from splittui.tui.screens.guided import GuidedScreen
from splittui.tui.screens.options import OptionsScreen
from splittui.tui.task_lines import advice_for, copied, rows, standing, task_lines
from splittui.tui.widgets.text_view import glyphs_of, wrapped

_CHOSEN_FIRST = ("address-book", "authentication")
"""Tasks that have nothing to run before something is chosen."""

_LOOK_AGAIN = 5.0


class GuideScreen(GuidedScreen):
    """``stand``: what was seen of it a moment ago, where that is at hand."""

    BINDINGS: ClassVar[list[BindingType]] = guide_bindings("options", "leave_out", "copy", "write")

    def __init__(
        self, desk: GuideDesk, goal: Goal, stand: Stand | None = None, first_done: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(desk, goal)
        self.stand, self.first_done = stand, first_done or {}
        self._key = ""
        self._job_before: RunJob | None = None
        self._carried = ""
        self._settles_until = 0.0

    @property
    def current(self) -> Task | None:
        """The one under the cursor."""
        tasks = self.stand.guide.tasks if self.stand is not None else ()
        return tasks[self.rows.cursor] if self.rows.cursor < len(tasks) else None

    # Drawing

    def draw(self) -> None:
        glyphs, stand = glyphs_of(self.app), self.stand
        if stand is None:
            self.rows.empty_text = f"looking at both systems, which changes nothing{glyphs.more}"
            self.rows.show(())
            self.draw_frame()
            return
        tasks = stand.guide.tasks
        following = stand.guide.next
        wanted = self._key or (following.key if following is not None else tasks[0].key)
        cursor = next((at for at, task in enumerate(tasks) if task.key == wanted), 0)
        anew = cursor != self.rows.cursor or not self._key
        self._key = wanted
        self.rows.show(rows(stand.guide, self._desk.site.split, glyphs), cursor)
        self._size_list()
        self.rows.show_line(cursor)
        self.draw_details(anew=anew)

    def told(self, index: int) -> list[FoldLine]:
        task = self.current
        if self.stand is None or task is None:
            return []
        self._key = task.key
        split, glyphs = self._desk.site.split, glyphs_of(self.app)
        return task_lines(self.stand.guide, task, split, glyphs, self.first_done.get(task.key))

    def titles(self) -> tuple[str, str]:
        stand = self.stand
        return f"Guide · {self._desk.site.split.domain}: {self.goal}", standing(stand.guide) if stand else ""

    def status(self) -> str:
        if self.stand is None:
            return "nothing is seen yet"
        guide, following = self.stand.guide, self.stand.guide.next
        at = time.strftime("%H:%M:%S", time.localtime(self.stand.seen.at))
        if guide.finished:
            told = "all of it is so" + (f"; {following.title} may still be done" if following else "")
        elif following is None:
            told = "nothing can be done now; each task says what it waits for"
        else:
            held = next((at for at, task in enumerate(guide.tasks, 1) if task.check.obstacle and not task.settled), 0)
            told = f"next is {guide.tasks.index(following) + 1}, {following.title}"
            told = f"{held} must be mended first · {told}" if held and following.optional else told
        return f"seen at {at} · {told}"

    def hints(self) -> list[Hint]:
        task = self.current
        keys = [Hint("Enter", self._verb(task), "enter")] if task is not None else []
        keys += [Hint("Tab", "details" if self.rows.has_focus else "list", "other"), Hint("Esc", "back", "back")]
        if task is not None:
            keys += [] if self.rows.has_focus else [Hint("Space", "fold")]
            keys += [Hint("o", "options", "options")]
            keys += [Hint("s", "take in" if task.state is State.SKIPPED else "leave out", "leave_out")] * task.optional
            keys += [Hint("c", "copy", "copy"), Hint("w", "write", "write")] if task.plan.steps else []
        return [*keys, Hint("r", "look", "look_again"), Hint("?", "help", "help")]

    def _verb(self, task: Task | None) -> str:
        if task is None or not task.free:
            return "why"
        if task.key == "profile":
            return "write it"
        if task.plan.steps:
            return "preview"
        return "choose" if task.key in _CHOSEN_FIRST else "what to do"

    # Looking

    def seen(self) -> None:
        """After a run that began here the cursor goes to the next task, and what settles by itself is waited for."""
        job, stand = self._desk.job, self.stand
        if stand is None:
            return
        if self._carried and job is not None and job is not self._job_before and job.ended is not None:
            carried, self._carried, self._key = self._carried, "", ""
            self._settles_until = time.monotonic() + SETTLING
            self._tell_what_is_not_so(stand, carried)
        if stand.settles and time.monotonic() < self._settles_until:
            self.set_timer(_LOOK_AGAIN, self.look)

    def _tell_what_is_not_so(self, stand: Stand, key: str) -> None:
        """A run that went well and a task that is not done: what the systems lack has to be said."""
        task = stand.guide[key]
        if task.free and task.check.missing:
            again = "It is looked at again every few seconds." if stand.settles else "r looks again."
            self.warn(f"Not seen yet: {task.title}", "\n".join([*map(clean, task.check.missing), again]))

    # Carrying out

    def action_enter(self) -> None:
        """Shows the plan of the task, or what to do about it."""
        task, stand = self.current, self.stand
        if task is None or stand is None:
            self.warn("Nothing is seen yet", "It is still being looked at; Esc leaves.")
        elif not task.free:
            self.warn(task.title, advice_for(task))
        elif self.progress:
            self.warn("Still looking", "What can be done is known when that is over: the status line says so.")
        elif task.key == "profile":
            self._ask_for_role()
        elif task.plan.steps:
            self._carried, self._job_before = task.key, self._desk.job
            self._desk.preview(stand.guide.plan(task.key), f"Preview{glyphs_of(self.app).dot}{task.key}")
        elif task.key in _CHOSEN_FIRST:
            self.action_options()
        else:
            self.warn(task.title, advice_for(task))

    def _ask_for_role(self) -> None:
        role = ROLE_AFTER[self.goal]
        question = f"Write into the profile that Zimbra is the {role}?"
        detail = "What is planned and found from now on goes by it. No system is changed by this."

        def answered(yes: bool | None) -> None:
            if yes and self.choose({"role": role.value}):
                self._key = ""

        self.app.push_screen(ConfirmScreen(question, detail=detail, yes="Write it"), answered)

    # Choices

    def action_options(self) -> None:
        """What can be chosen here."""
        task, profile = self.current, self._desk.site.profile
        found = options(task, self.goal, self.under.choices, self._desk.site.split, profile.name)
        if found:
            title = task.title if task is not None and has_own(task) else self.goal
            self.app.push_screen(OptionsScreen(title, found), self._chosen)
        else:
            self.notify("There is nothing to choose for this task.", markup=False, timeout=4)

    def _chosen(self, option: Option | None) -> None:
        if option is None:
            return
        if option.keys:
            file = self._desk.site.profile.file
            lines = [
                line(f"Write these keys into {clean(str(file))}, then press r in the guide:"),
                (),
                *map(line, option.keys),
            ]
            self.app.push_screen(TextScreen(f"{option.group}: {option.name}", lambda width: wrapped(lines, width)))
        elif option.value is None:
            question = f"{option.group} how many days? (0 to 365)"
            self.app.push_screen(AskScreen(question, option.name.split()[0]), partial(self._counted, option.setting))
        else:
            self.choose({option.setting: option.value})

    def _counted(self, setting: str, said: str | None) -> None:
        if said is not None and said.isascii() and said.isdigit():
            self.choose({setting: int(said)})
        elif said is not None:
            self.warn("Not written", f"{said} is not a number of days.")

    def action_leave_out(self) -> None:
        """Leaves an optional task out with a reason, or takes it in again."""
        task = self.current
        if task is None:
            return
        setting = f"setup.skipped.{task.key}"
        if task.key in self.under.choices.skipped and task.state is State.SKIPPED:
            self.choose({setting: None})
        elif task.state is State.SKIPPED:
            self.warn(task.title, f"Nobody left it out: {task.because}.")
        elif task.state is State.DONE:
            self.warn(task.title, "It is done already, so there is nothing to leave out.")
        elif not task.optional:
            self.warn(task.title, "It cannot be left out: others rest on it, or mail would be lost without it.")
        else:
            question = f"Leave out “{task.title}”. Why? The reason is written into the profile."
            self.app.push_screen(AskScreen(question), partial(self._reason, setting))

    def _reason(self, setting: str, reason: str | None) -> None:
        settings: dict[str, Value | None] = {setting: reason}
        if reason is not None:
            self.choose(settings)

    # Handing on

    def action_copy(self) -> None:
        task = self.current
        text, what = copied(task) if task is not None else ("", "")
        if not text:
            self.notify("This task has no words or commands to copy.", markup=False, timeout=4)
            return
        masked = "The passwords in it are masked: it is to be read, not to be pasted." if MASK in text else ""
        copy(self, text, what, masked)

    def action_write(self) -> None:
        task = self.current
        text = copied(task)[0] if task is not None else ""
        if task is None or not text:
            self.notify("This task has no words or commands to write.", markup=False, timeout=4)
            return
        name = f"{self._desk.site.split.domain}-{task.key}.txt"
        heading = clean(f"{task.title}: {task.what}")
        write_to_asked(
            self,
            "Write the words to which file?",
            name,
            lambda path, replace: write_text(path, f"{heading}\n\n{text}\n", replace=replace),
        )
