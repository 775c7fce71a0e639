"""What can be undertaken: a set-up in either role, a change of role, the way on and the way back."""

from __future__ import annotations

from splittui.execution.undertaking import ROLE_DURING
from splittui.model.entries import Role
from splittui.planning.setup import Goal, Seen
from splittui.planning.setup.recommendation import Recommendation, recommended
from splittui.tui.fold_line import FoldLine
from splittui.tui.guide_desk import GuideDesk
from splittui.tui.keymap import Hint
from splittui.tui.screens.confirm import ConfirmScreen
from splittui.tui.screens.guide import GuideScreen
from splittui.tui.screens.guided import GuidedScreen
from splittui.tui.undertaking_lines import undertaking_lines, undertaking_rows, unfit
from splittui.tui.widgets.text_view import glyphs_of

_GOALS = tuple(Goal)
_SET_UP = {role: goal for goal, role in ROLE_DURING.items()}


class UndertakingsScreen(GuidedScreen):
    """The set-up in the profile's role is looked at, for what is recommended."""

    def __init__(self, desk: GuideDesk) -> None:
        super().__init__(desk, _SET_UP[desk.site.split.role])

    @property
    def hosted(self) -> bool:
        """Whether Zimbra has the domain."""
        roster = self._desk.roster
        return roster is not None and roster.snapshot.zimbra.domain.exists

    @property
    def advice(self) -> Recommendation | None:
        """The role to take; None while it is not known."""
        return recommended(self.stand.seen) if self.stand is not None else None

    def _came_back(self, _: None) -> None:
        """The guide may have written another role, or have overtaken the look of this screen."""
        goal = _SET_UP[self._desk.site.split.role]
        if goal is not self.goal:
            self._looked_at(goal)
        if self.stand is None or self.progress:
            self.look()
        self.draw()

    def draw(self) -> None:
        glyphs, split = glyphs_of(self.app), self._desk.site.split
        cursor = None if self.rows.line_count else _GOALS.index(self.goal)
        self.rows.show(undertaking_rows(split, self.advice, glyphs, hosted=self.hosted), cursor)
        self.draw_details(anew=False)

    def told(self, index: int) -> list[FoldLine]:
        seen = self._seen()
        if seen is None:
            return []
        return undertaking_lines(_GOALS[index], seen, self.advice, glyphs_of(self.app), hosted=self.hosted)

    def _seen(self) -> Seen | None:
        """What was seen, or as much of it as the console has read already."""
        roster = self._desk.roster
        if self.stand is not None:
            return self.stand.seen
        if roster is None:
            return None
        choices = self.under.choices
        return Seen(self._desk.site.split, roster.snapshot, roster.people, "", "", choices=choices)

    def titles(self) -> tuple[str, str]:
        split = self._desk.site.split
        return f"Guided set-up · {split.domain}", f"Zimbra is {split.role.upper()}" if self.hosted else "not set up yet"

    def status(self) -> str:
        found = self.advice
        return f"recommended: Zimbra as the {found.role} · nothing is changed by looking" if found else ""

    def hints(self) -> list[Hint]:
        other = "details" if self.rows.has_focus else "list"
        keys = [Hint("Enter", "its tasks", "enter"), Hint("Tab", other, "other")]
        return [*keys, Hint("r", "look again", "look_again"), Hint("Esc", "back", "back"), Hint("?", "help", "help")]

    def action_enter(self) -> None:
        """Goes to the tasks, or asks for the other role, or says why it is not for now."""
        goal = _GOALS[self.rows.cursor]
        no = unfit(goal, self._desk.site.split, hosted=self.hosted)
        if not no:
            self._open(goal)
        elif goal in ROLE_DURING:
            self._ask_for_role(goal, ROLE_DURING[goal])
        else:
            self.warn("Not now", f"{no[0].upper()}{no[1:]}.")

    def _open(self, goal: Goal) -> None:
        same = goal is self.goal and self.stand is not None
        self.app.push_screen(
            GuideScreen(self._desk, goal, self.stand if same else None, self.first_done if same else None),
            self._came_back,
        )

    def _ask_for_role(self, goal: Goal, role: Role) -> None:
        split = self._desk.site.split
        detail = (
            "The profile then says so, and what is planned and found goes by it. No system is changed by this.\n"
            f"Where mail flows with Zimbra as the {split.role} already, choose the change of role instead: its order "
            "loses no mail on the way."
        )

        def answered(yes: bool | None) -> None:
            if yes and self.choose({"role": role.value}):
                self._looked_at(goal)
                self._open(goal)

        question = f"Set up Zimbra as the {role} and write that into the profile?"
        self.app.push_screen(ConfirmScreen(question, detail=detail, yes="Write it"), answered)
