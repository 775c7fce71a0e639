"""Everything known about one person, side by side; and any other text worth a screen of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from splittui.model.home import Home, Person
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.tui.clipboard import copy
from splittui.tui.keymap import Hint
from splittui.tui.lines import Line, Span, Tone, cells, line, wrap
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import TextView, wrapped

_LABEL = 12
_WIDEST_COLUMN = 52
_NOT_SET = "-"


class TextScreen(Screen[None]):
    """A title and lines laid out for a width; y copies what ``copies`` names."""

    DEFAULT_CSS = """
    TextScreen {
        #title { height: 1; background: $panel; }
        TextView { height: 1fr; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", tooltip="copy the address", show=False),
        Binding("escape,q,enter", "back", "back", tooltip="back", show=False),
    ]

    def __init__(self, title: str, layout: Callable[[int], Sequence[Line]], copies: str = "") -> None:
        super().__init__()
        self._heading = clean(title)
        self._layout_text = layout
        self._copies = copies

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(" ", (self._heading, "bold")), id="title", markup=False)
        yield TextView(self._layout_text)
        yield KeyHints()

    def on_mount(self) -> None:
        self.query_one(TextView).focus()
        copies = [Hint("y", "copy the address", "copy")] if self._copies else []
        self.query_one(KeyHints).show([*copies, Hint("Up Down", "scroll"), Hint("Esc", "back", "back")])

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_copy(self) -> None:
        if self._copies:
            copy(self, self._copies, clean(self._copies))

    def action_back(self) -> None:
        self.dismiss(None)


class DetailsScreen(TextScreen):
    """One person on both systems. ``move``: the plan that would move them, where it is at hand."""

    def __init__(self, person: Person, split: Split, *, move: Plan | None = None) -> None:
        super().__init__(
            f"{person.address}   {person.name}".rstrip(),
            lambda width: details(person, split, width, move),
            person.address,
        )


def details(person: Person, split: Split, width: int, move: Plan | None = None) -> list[Line]:
    """The whole text for a width."""
    homes = {
        Home.ZIMBRA: f"lives on {split.zimbra} (Zimbra)",
        Home.LEGACY: f"lives on {split.legacy} (the existing mail system)",
        Home.BOTH: "lives on both: mail is split between two mailboxes",
        Home.NOWHERE: "lives nowhere: mail does not arrive",
        Home.ODD: "is routed oddly: mail may not arrive",
    }
    tone = Tone.STRONG if person.home in (Home.ZIMBRA, Home.LEGACY) else Tone.WARN
    head = [line((clean(homes[person.home]), tone)), line(clean(person.reason.removeprefix(f"{person.home}: ")))]
    lines = wrapped(head, width, 0)
    lines.append(())
    lines += _table(person, split, width)
    if person.alias_of:
        lines += [(), *wrapped([line(f"An alias of {clean(person.alias_of)} on {clean(split.zimbra)}.")], width)]
    if move is not None:
        lines += _move(move, width)
    return lines


def _table(person: Person, split: Split, width: int) -> Iterable[Line]:
    zimbra, legacy = person.zimbra, person.legacy
    column = min(_WIDEST_COLUMN, max(8, (width - _LABEL - 2) // 2))
    yield from _row("", (split.legacy,), (split.zimbra,), column, Tone.STRONG)
    yield from _row("", ("existing mail system",), ("Zimbra",), column, Tone.QUIET)
    none = ("nothing under this address",)
    if zimbra is None or legacy is None:
        here = ("an account",)
        yield from _row("entry", none if legacy is None else here, none if zimbra is None else here, column)
    rows: list[tuple[str, Sequence[str], Sequence[str]]] = [
        ("name", [zimbra.name] if zimbra else [], [legacy.name] if legacy else []),
        ("given name", [zimbra.given_name] if zimbra else [], [legacy.given_name] if legacy else []),
        ("surname", [zimbra.surname] if zimbra else [], [legacy.surname] if legacy else []),
        ("kind", [zimbra.kind.value] if zimbra else [], [legacy.kind.value] if legacy else []),
        (
            "status",
            [zimbra.status] if zimbra else [],
            ["enabled" if legacy.enabled else "disabled"] if legacy else [],
        ),
        ("mail", [zimbra.mail_status] if zimbra else [], [_final(legacy.forwards_to)] if legacy else []),
        ("transport", [zimbra.transport] if zimbra else [], [legacy.forwards_to] if legacy else []),
        ("mail host", [zimbra.host] if zimbra else [], []),
        ("aliases", zimbra.aliases if zimbra else [], legacy.aliases if legacy else []),
        ("forwards", zimbra.forwards if zimbra else [], []),
        ("own forwards", zimbra.user_forwards if zimbra else [], []),
        ("catch-all", zimbra.catch_all if zimbra else [], []),
        ("zimbraId", [zimbra.id] if zimbra else [], []),
    ]
    for label, ours, theirs in rows:
        if any(ours) or any(theirs) or label in ("transport", "mail host"):
            yield from _row(label, theirs, ours, column)


def _final(forwards_to: str) -> str:
    return "is sent on" if forwards_to else "is kept here"


def _row(label: str, left: Sequence[str], right: Sequence[str], column: int, tone: Tone = Tone.PLAIN) -> Iterable[Line]:
    """One row of the table; a cell takes as many lines as its values need."""
    sides = [_cell(values, column, tone) for values in (left, right)]
    for number in range(max(len(side) for side in sides)):
        head: Span = (label if number == 0 else "", Tone.QUIET)
        pieces: list[Span] = [(head[0].ljust(_LABEL), head[1])]
        for side, gap in zip(sides, ("  ", ""), strict=True):
            text, kind = side[number] if number < len(side) else ("", tone)
            pieces.append((text + " " * (column - cells(text) if gap else 0) + gap, kind))
        yield tuple(pieces)


def _cell(values: Sequence[str], column: int, tone: Tone) -> list[Span]:
    shown = [clean(value) for value in values if value]
    if not shown:
        return [(_NOT_SET, Tone.QUIET)]
    return [("".join(text for text, _ in row), tone) for value in shown for row in wrap(line(value), column)]


def _move(move: Plan, width: int) -> list[Line]:
    lines: list[Line] = [line(("A move would run", Tone.STRONG))]
    lines += [line(f"  {clean(step.command)}") for step in move.steps]
    lines += [line(f"  not possible: {clean(refusal.reason)}") for refusal in move.refusals]
    return [(), *wrapped(lines, width, 4)]
