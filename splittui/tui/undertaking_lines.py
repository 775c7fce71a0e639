"""What can be undertaken at a site: a row for each, and what it means here, with its ways of mail as chains. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.execution.undertaking import ROLE_AFTER, ROLE_DURING
from splittui.model.entries import Role
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.setup import Goal, Seen, guide
from splittui.planning.setup.recommendation import Recommendation, meaning
from splittui.tui.fold_line import FoldLine, counted
from splittui.tui.glyphs import UNICODE, Glyphs
from splittui.tui.lines import Line, Span, Tone, line
from splittui.tui.row import Row
from splittui.tui.task_lines import heading

ARROW = " → "
"""Between the links of a way, as the guide's words have it."""


def name_of(goal: Goal, split: Split) -> str:
    """The undertaking in a few words."""
    return {
        Goal.PRIMARY: "Set up Zimbra as the primary",
        Goal.SECONDARY: "Set up Zimbra as the secondary",
        Goal.TO_PRIMARY: "Change of role: Zimbra becomes the primary",
        Goal.TO_SECONDARY: "Change of role: Zimbra becomes the secondary",
        Goal.FINISH: "Finish: everybody on Zimbra",
        Goal.ROLL_BACK: f"Roll back: everybody on {split.legacy}",
    }[goal]


def unfit(goal: Goal, split: Split, *, hosted: bool) -> str:
    """Why it is not for now at this site; empty where it is. ``hosted``: Zimbra has the domain."""
    role = split.role
    if goal in ROLE_DURING:
        return "" if ROLE_DURING[goal] is role else f"the profile says that Zimbra is the {role}"
    if not hosted:
        return f"nothing is set up yet: {split.zimbra} does not host {split.domain}"
    return f"Zimbra is the {role} already" if ROLE_AFTER.get(goal) is role else ""


def undertaking_rows(split: Split, found: Recommendation | None, glyphs: Glyphs, *, hosted: bool) -> list[Row]:
    """All six; those that are not for now are quiet and say so."""
    rows = []
    for goal in Goal:
        no = unfit(goal, split, hosted=hosted)
        other_role = bool(no) and goal in ROLE_DURING
        word = "other role" if other_role else "not now" if no else ""
        if found is not None and ROLE_DURING.get(goal) is found.role:
            word = f"recommended{', ' + word if word else ''}"
        name = clean(name_of(goal, split))
        brief = "Roll back: everybody on legacy" if goal is Goal.ROLL_BACK else name
        sign: Span = (glyphs.info, Tone.QUIET) if no else (glyphs.unfold, Tone.STRONG)
        rows.append(Row(sign, name, brief, (word, Tone.GOOD if "recommended" in word else Tone.QUIET), quiet=bool(no)))
    return rows


def undertaking_lines(
    goal: Goal, seen: Seen, found: Recommendation | None, glyphs: Glyphs, *, hosted: bool
) -> list[FoldLine]:
    """What it means at this site, with the real names. ``found``: None while the systems are still asked."""
    split = seen.split
    lines = [FoldLine(0, line((clean(name_of(goal, split)), Tone.STRONG)))]
    no = unfit(goal, split, hosted=hosted)
    if no:
        how = ". Enter asks whether the profile shall say the other role." if goal in ROLE_DURING else "."
        lines.append(FoldLine(0, line((f"{glyphs.warning} not now: ", Tone.WARN), clean(no), how)))
    lines += [FoldLine(0, ()), FoldLine(0, line(_means(goal, seen)), hang=0)]
    if goal in ROLE_DURING:
        lines += _advice(found, glyphs)
    role = ROLE_DURING.get(goal) or ROLE_AFTER.get(goal)
    if role is not None:
        words = meaning(seen, role)
        lines += heading("What it needs", (line(clean(need)) for need in words.needs))
        lines += [
            FoldLine(0, ()),
            FoldLine(0, line(("The ways of mail then", Tone.STRONG))),
            *_ways(words.ways, glyphs),
        ]
    tasks = guide(goal, seen).tasks
    lines += heading("Its tasks", (line(f"{at:>2} {clean(task.title)}") for at, task in enumerate(tasks, 1)))
    return counted(lines)


def _means(goal: Goal, seen: Seen) -> str:
    split = seen.split
    role = ROLE_DURING.get(goal) or ROLE_AFTER.get(goal)
    if role is not None:
        before = f"Zimbra is the {split.role} now. " if goal in ROLE_AFTER else ""
        return clean(before + meaning(seen, role).means)
    if goal is Goal.FINISH:
        return clean(
            f"Everybody who still lives on {split.legacy} moves to {split.zimbra}, mail from the internet comes in "
            f"there, and when no mail has passed between the two for some days, {split.legacy} is switched off."
        )
    rest = (
        f"{split.zimbra} forgets {split.domain}"
        if split.role is Role.SECONDARY
        else f"mail from the internet comes in at {split.legacy} again, and {split.zimbra} is switched off"
    )
    return clean(f"Everybody goes back to {split.legacy}, who must have a mailbox there first; then {rest}.")


def _advice(found: Recommendation | None, glyphs: Glyphs) -> list[FoldLine]:
    if found is None:
        words = f"What is recommended is known when both systems have been asked{glyphs.more}"
        return [FoldLine(0, ()), FoldLine(0, line((words, Tone.QUIET)))]
    for_it = [line((f"{glyphs.good} ", Tone.GOOD), clean(reason)) for reason in found.reasons]
    against = [line((f"{glyphs.info} against it: ", Tone.QUIET), clean(reason)) for reason in found.against]
    return heading(f"Recommended here: Zimbra as the {found.role}", [*for_it, *against])


def _ways(ways: tuple[str, ...], glyphs: Glyphs) -> Iterator[FoldLine]:
    for way in ways:
        whose, _, chain = way.partition(": ")
        yield FoldLine(1, line(f"mail {clean(whose)}" if whose.startswith("to ") else clean(whose)))
        yield FoldLine(2, chained(chain.split(ARROW), glyphs), hang=2)


def chained(links: list[str], glyphs: Glyphs) -> Line:
    """A way as a chain: hosts are strong, and how it ends has a sign."""
    # No arrow goes to a row of its own.
    gap = "\u00a0" if glyphs is UNICODE else " "
    spans: list[Span] = []
    for link in links[:-1]:
        spans += [(clean(link), Tone.STRONG), (f"{gap}{glyphs.arrow} ", Tone.QUIET)]
    last, _, says = links[-1].partition(", which says ")
    if says:
        return (
            *spans,
            (clean(last), Tone.STRONG),
            (f"{gap}{glyphs.arrow} ", Tone.QUIET),
            (f"{glyphs.bad} refused: {says}", Tone.WARN),
        )
    return (*spans, (f"{glyphs.good}{gap}{clean(last)}", Tone.GOOD))
