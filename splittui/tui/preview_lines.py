"""What the preview of a plan says, as a tree of lines that can be folded. Pure.

What mail does before and after it stands at the end.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from splittui.model.entries import Side
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.accounts import HOST, STATUS, TRANSPORT
from splittui.planning.plan import Act, Change, Finding, Plan, Severity, Step
from splittui.tui.fold_line import FOLD_ABOVE, FoldLine
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Line, Span, Tone, cells, count, line, people
from splittui.tui.preview_ways import PlannedWays, WayLines

_UNSET = "(not set)"
_SEVERITIES = {
    Severity.ERROR: ("error", Tone.BAD),
    Severity.WARNING: ("warning", Tone.WARN),
    Severity.INFO: ("note", Tone.STRONG),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people a plan moves where; ``made`` and ``deleted`` are placeholders of people who stay."""

    to_zimbra: int
    to_legacy: int
    made: int
    deleted: int


def counts(plan: Plan) -> Counts:
    """Each person once, by where all the steps that concern them lead."""
    made: set[str] = set()
    deleted: set[str] = set()
    moved: dict[str, Side] = {}
    for step in plan.steps:
        if step.act is Act.DELETE:
            deleted.add(step.address)
        elif step.act is Act.CREATE and step.side is Side.LEGACY:
            made.add(step.address)
        elif step.address and step.side is not None:
            moved[step.address] = step.side
    sides = list(moved.values())
    return Counts(sides.count(Side.ZIMBRA), sides.count(Side.LEGACY), len(made - moved.keys()), len(deleted))


def directions(plan: Plan, zimbra: str = "Zimbra", legacy: str = "legacy") -> str:
    """``37 people to Zimbra, 1 to legacy``, in few words; empty where the plan concerns nobody."""
    of = counts(plan)
    to_legacy = f"{of.to_legacy:,}" if of.to_zimbra else people(of.to_legacy)
    parts = [
        *([f"{people(of.to_zimbra)} to {zimbra}"] if of.to_zimbra else []),
        *([f"{to_legacy} to {legacy}"] if of.to_legacy else []),
        *([f"{count(of.made, 'placeholder')} made"] if of.made else []),
        *([f"{count(of.deleted, 'placeholder')} deleted"] if of.deleted else []),
    ]
    return ", ".join(parts)


def summary(plan: Plan, legacy: str) -> str:
    """The plan in one sentence: who goes where, how many values change, what there is to know."""
    changed = [change for step in plan.steps if _moves(step) for change in step.changes]
    statuses = [change.after for change in changed if change.attribute == STATUS]
    unlocked, locked = statuses.count(("active",)), statuses.count(("locked",))
    transports, hosts = (sum(c.attribute == name for c in changed) for name in (TRANSPORT, HOST))
    found = [finding.severity for finding in plan.findings]
    parts = [
        *([count(transports, "transport")] if transports else []),
        *([count(hosts, "mail host")] if hosts else []),
        *([f"{unlocked:,} unlocked"] if unlocked else []),
        *([f"{locked:,} locked"] if locked else []),
        *(count(found.count(s), _SEVERITIES[s][0]) for s in _SEVERITIES if s in found),
        *([f"{len(plan.refusals):,} refused"] if plan.refusals else []),
    ]
    who = directions(plan, legacy=clean(legacy)) or (
        "nobody is moved" if plan.people or not plan.steps else f"{count(len(plan.steps), 'step')}, and nobody is moved"
    )
    return f"{who}: {', '.join(parts)}" if parts else who


def _moves(step: Step) -> bool:
    """Whether the step flips an account, or makes one that is final on Zimbra."""
    return step.act is Act.MODIFY or (step.act is Act.CREATE and step.side is Side.ZIMBRA)


def commands(plan: Plan) -> str:
    """Every command line in order, one a line, exactly as it is sent but with secrets masked."""
    return "\n".join(text for step in plan.steps for text in step.lines)


def preview(plan: Plan, split: Split, ways: PlannedWays, glyphs: Glyphs) -> list[FoldLine]:
    """The whole preview; ``ways`` are those of mail before and after it."""
    lines = [FoldLine(0, line((summary(plan, split.legacy), Tone.STRONG)))]
    lines += remarks(plan, glyphs)
    lines += changes(plan, split, glyphs)
    lines += WayLines(ways, glyphs).all(plan.people)
    return lines


def remarks(plan: Plan, glyphs: Glyphs) -> list[FoldLine]:
    """What is to be known of the plan, the worst first, and whom it leaves untouched and why."""
    moved = set(plan.people)
    worst_first = sorted(plan.findings, key=lambda f: list(_SEVERITIES).index(f.severity))
    found = [row for finding in worst_first for row in _finding(finding, moved, glyphs)]
    return [*found, *_refusals(plan, glyphs)]


def changes(plan: Plan, split: Split, glyphs: Glyphs) -> list[FoldLine]:
    """What changes, alike changes together, and the commands that change it, host by host."""
    groups = [row for group in _alike(plan.steps).values() for row in _group(group, glyphs)]
    return [*groups, *_commands(plan, split)]


def _node(depth: int, content: Line, below: Sequence[FoldLine], opened: bool = True) -> list[FoldLine]:
    return [FoldLine(depth, content, len(below), opened), *below]


def _finding(finding: Finding, moved: Container[str], glyphs: Glyphs) -> list[FoldLine]:
    word, tone = _SEVERITIES[finding.severity]
    sign = {Severity.ERROR: glyphs.bad, Severity.WARNING: glyphs.warning, Severity.INFO: glyphs.info}
    head: list[str | Span] = [(f"{sign[finding.severity]} {word}  ", tone)]
    addresses = [clean(address) for address in finding.addresses]
    if len(addresses) == 1:
        return [FoldLine(0, line(*head, f"{addresses[0]}: ", clean(finding.message)))]
    if not addresses:
        return [FoldLine(0, line(*head, clean(finding.message)))]
    who = [FoldLine(1, line(address)) for address in addresses]
    are_people = all(address in moved for address in finding.addresses)
    number = people(len(who)) if are_people else count(len(who), "address", "addresses")
    return _node(0, line(*head, f"{number}: ", clean(finding.message)), who, opened=False)


def _refusals(plan: Plan, glyphs: Glyphs) -> list[FoldLine]:
    if not plan.refusals:
        return []
    lines = [
        FoldLine(1, line((f"{glyphs.bad} refused  ", Tone.WARN), clean(r.address), (f" {clean(r.reason)}", Tone.QUIET)))
        for r in plan.refusals
    ]
    head = line(f"{people(len(lines))} refused and left untouched")
    return _node(0, head, lines, len(lines) <= FOLD_ABOVE)


def _alike(steps: Iterable[Step]) -> dict[str, list[Step]]:
    groups: dict[str, list[Step]] = {}
    for step in steps:
        if step.act is not Act.RELOAD:
            groups.setdefault(step.summary, []).append(step)
    return groups


def _group(group: Sequence[Step], glyphs: Glyphs) -> list[FoldLine]:
    title = clean(group[0].summary)
    joint = " " if title.startswith("to ") else ": "
    few = len(group) <= FOLD_ABOVE
    width = min(40, max(cells(step.address) for step in group))
    # Alike changes are alike lines: ten thousand people share the few that there are.
    diffs: dict[tuple[object, ...], list[FoldLine]] = {}
    below: list[FoldLine] = []
    for step in group:
        alike = (step.act, *((c.attribute, c.before, c.after, c.implied) for c in step.changes))
        if alike not in diffs:
            widest = max((len(change.attribute) for change in step.changes), default=0)
            diffs[alike] = [row for change in step.changes for row in _diff(change, step.act, widest)]
        head = line(clean(step.address)) if few else _brief(step, glyphs, width)
        below += _node(1, head, diffs[alike], few)
    who = people(len(group))
    if not all(step.address for step in group):
        who, joint = "", ""
    elif len(group) == 1:
        who = clean(group[0].address)
    if len(group) == 1:
        below = [replace(row, depth=1) for row in below[1:]]
    return _node(0, line((f"{who}{joint}{title}", Tone.STRONG)), below, few)


def _brief(step: Step, glyphs: Glyphs, width: int) -> Line:
    """A person with what matters most of the change, for the fold."""
    address = clean(step.address)
    transport = next((c for c in step.changes if c.attribute == TRANSPORT), None)
    if transport is None or step.act is not Act.MODIFY:
        return line(address)
    padded = address + " " * max(0, width - cells(address))
    return line(padded, (f"  {_shown(transport.before)} {glyphs.arrow} {_shown(transport.after)}", Tone.QUIET))


def _shown(values: tuple[str, ...]) -> str:
    return ", ".join(clean(value) for value in values) or _UNSET


def _diff(change: Change, act: Act, widest: int) -> Iterable[FoldLine]:
    name = clean(change.attribute).ljust(widest)
    note: Span = ("  (Zimbra writes this itself)" if change.implied else "", Tone.QUIET)
    sides = [("-", change.before, Tone.BEFORE), ("+", change.after, Tone.AFTER)]
    if act is Act.CREATE:
        sides = sides[1:]
    elif act is Act.DELETE:
        sides = sides[:1]
    for sign, values, tone in sides:
        for value in values or ("",):
            shown = (f"{sign} {clean(value)}", tone) if value else (f"{sign} {_UNSET}", Tone.QUIET)
            trailer = (note,) if sign == "+" and note[0] else ()
            yield FoldLine(2, ((f"{name}  ", Tone.PLAIN), shown, *trailer), hang=widest + 4)
            name = " " * widest


def _commands(plan: Plan, split: Split) -> list[FoldLine]:
    """The lines as they are sent, host by host in the order of the steps."""
    lines: list[FoldLine] = []
    start = 0
    for end in range(1, len(plan.steps) + 1):
        if end < len(plan.steps) and plan.steps[end].host == plan.steps[start].host:
            continue
        lines += _host(plan.steps[start:end], split, again=start > 0)
        start = end
    return lines


def _host(steps: Sequence[Step], split: Split, *, again: bool) -> list[FoldLine]:
    host = clean(steps[0].host)
    how = ", as zimbra, through one zmprov" if steps[0].host == split.zimbra else ""
    head = line((f"{'then ' if again else ''}on {host}", Tone.STRONG), f"{how}: {count(len(steps), 'command')}")
    few = sum(step.act is not Act.RELOAD for step in steps) <= FOLD_ABOVE
    return _node(0, head, [row for step in steps for row in _command(step, whole=few)], few)


def _command(step: Step, *, whole: bool) -> Iterable[FoldLine]:
    """The step's line, or, where there are few, all of its lines."""
    if step.act is Act.RELOAD:
        yield FoldLine(1, line("then: ", clean(step.command), (f"  ({clean(step.summary)})", Tone.QUIET)))
    elif whole:
        yield from (FoldLine(1, line(clean(text))) for text in step.lines)
    else:
        yield FoldLine(1, line(clean(step.command)))
