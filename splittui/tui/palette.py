"""The command palette: every action of the screen it was opened on, found by its name, with its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from splittui.tui.keymap import KEYS, key_name


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    help: str
    run: Callable[[], object]


class ScreenCommands(Provider):
    """The bindings that are alive on the screen below the palette."""

    def _commands(self) -> Iterator[_Command]:
        seen: set[str] = set()
        order = {key.action: index for index, key in enumerate(KEYS)}
        alive = self.screen.active_bindings.values()
        for active in sorted(alive, key=lambda active: order.get(active.binding.action, len(order))):
            binding = active.binding
            if binding.system or not active.enabled or binding.action in seen or not binding.description:
                continue
            if not (binding.show or binding.tooltip) or binding.action.endswith("command_palette"):
                continue
            seen.add(binding.action)
            run = partial(self.app.run_action, binding.action, active.node)
            yield _Command(f"{binding.description}   {key_name(binding.key)}", binding.tooltip, run)
        yield _Command("theme", "choose the colours", self.app.action_change_theme)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(command.name, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        """What the name or the sentence of is like the query."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.name)
            if score > 0:
                yield Hit(score, matcher.highlight(command.name), command.run, help=command.help)
            elif (score := matcher.match(command.help)) > 0:
                yield Hit(score / 2, command.name, command.run, help=command.help)
