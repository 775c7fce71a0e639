"""One key at a time: what a key did is done before the next one is looked at.

Textual hands a key to the focused widget's own queue, and a binding runs only when the key has come back up from
there. Keys that arrive together (typed ahead, pasted, sent by a script) would then act on the screen as it was before
the first of them: ``/bar``, Enter, ``m`` could move somebody else. Here a key's binding runs at once, and what is typed
into a line is waited for until everything it set off is done.
"""

from __future__ import annotations

import asyncio

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.widgets import Input

_PATIENCE = 0.25
"""Seconds to wait for a widget; one that was just taken away never answers."""


class OrderedKeysApp(App[int]):
    """An app whose keys take effect in the order in which they were pressed."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._press(event)
        else:
            await super().on_event(event)

    def key_comes(self) -> None:
        """Told of each key before it takes effect."""

    async def _press(self, event: events.Key) -> None:
        self.key_comes()
        focused = self.focused
        typed = isinstance(focused, Input) and event.is_printable
        if not typed:
            for priority in (True, False):
                if await self._check_bindings(event.key, priority=priority):
                    return
        await super().on_event(event)
        if focused is not None:
            await _settled(focused)


async def _settled(widget: DOMNode) -> None:
    """Waits until the widget, and then each node above it, has worked off what is in its queue now."""
    for node in widget.ancestors_with_self:
        if isinstance(node, App):
            return
        await _worked_off(node)


async def _worked_off(pump: MessagePump) -> None:
    if not pump.is_running:
        return
    done = asyncio.Event()
    pump.call_later(done.set)
    try:
        await asyncio.wait_for(done.wait(), _PATIENCE)
    except TimeoutError:
        return
