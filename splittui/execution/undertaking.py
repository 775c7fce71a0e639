"""One undertaking of the guided set-up at one site, looked at as often as something was done."""

from __future__ import annotations

from collections.abc import Mapping

from splittui.config.write import Settings, change
from splittui.execution.guidance import Guidance, Stand, Tell
from splittui.execution.seen_done import SeenDone
from splittui.execution.site import Site
from splittui.mailflow.roster import Roster
from splittui.model.entries import Role
from splittui.planning.setup import Choices, Goal
from splittui.remote import RemoteError

ROLE_AFTER = {Goal.TO_PRIMARY: Role.PRIMARY, Goal.TO_SECONDARY: Role.SECONDARY}
"""The role that the profile must say after a change of role."""

ROLE_DURING = {Goal.PRIMARY: Role.PRIMARY, Goal.SECONDARY: Role.SECONDARY}
"""The role that the profile must say already for a set-up."""


class Undertaking:
    """``choices`` are the profile's, unless somebody wishes otherwise for this once."""

    def __init__(self, site: Site, goal: Goal, choices: Choices | None = None) -> None:
        self.site, self.goal = site, goal
        self.choices = choices or site.profile.setup.choices
        self._memory = SeenDone(site.journal_file, site.profile.name)
        self._version = ""

    def look(self, found: Roster, at: float, tell: Tell) -> Stand:
        """Looks at all that the tasks ask for; ``found`` is what was just read. Only looks, and remembers what is done.

        Raises OSError where that cannot be remembered.
        """
        if not self._version:
            self._version = self._asked_version()
        guidance = Guidance(self.site, self.goal, self.choices)
        stand = guidance.look(found, self._version, at, tell, self.first_done)
        self._memory.keep(self.goal, stand.guide, at)
        return stand

    def _asked_version(self) -> str:
        try:
            return self.site.version()
        except RemoteError:
            # Without a version a guide goes by which attributes there are.
            return ""

    @property
    def first_done(self) -> Mapping[str, float]:
        """When each task was first seen done on this machine, by its key."""
        return self._memory.of(self.goal)

    def choose(self, settings: Settings) -> None:
        """Writes choices, or the role, into the profile, and goes by them from now on. Raises ConfigError."""
        self.site.renew(change(self.site.profile, settings))
        self.choices = self.site.profile.setup.choices

    def say_role(self) -> None:
        """Writes the role that this change of role leads to into the profile. Raises ConfigError."""
        self.choose({"role": ROLE_AFTER[self.goal].value})
