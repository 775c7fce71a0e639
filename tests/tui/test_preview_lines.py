"""What the preview of a plan says."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.mailflow.roster import Roster, roster
from splittui.model.entries import Domain, LegacyAccount, Side, ZimbraAccount
from splittui.model.split import Split
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Change, Finding, Plan, Severity, Step
from splittui.planning.undo import undo_plan
from splittui.tui.fold_line import FoldLine, counted, made
from splittui.tui.glyphs import ASCII, UNICODE, Glyphs
from splittui.tui.lines import Tone, cells, line, text_of, wrap
from splittui.tui.preview_lines import commands, counts, directions, summary
from splittui.tui.preview_lines import preview as whole_preview
from splittui.tui.preview_ways import PlannedWays
from tests.mailflow.test_planned import ROUTER, THREE
from tests.sites import SECONDARY, SPLIT, on_legacy, on_zimbra, placeholder, snapshot
from tests.tui.plans import HOSTILE, MADE_AT, mixed_plan, move_plan, numbered

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]")


def preview(plan: Plan, known: Roster, glyphs: Glyphs = UNICODE) -> list[FoldLine]:
    """The preview with all that is left until it is unfolded."""
    lines: list[FoldLine] = []
    for one in whole_preview(plan, known.split, PlannedWays(known.tracer, plan), glyphs):
        lines += made(one)
    return counted(lines)


def texts(lines: list[FoldLine]) -> list[str]:
    return [text_of(line.content) for line in lines]


def below(lines: list[FoldLine], start: str) -> list[str]:
    """What is folded into the first line that begins so."""
    index = next(i for i, line in enumerate(lines) if text_of(line.content).startswith(start))
    return texts(lines[index + 1 : index + 1 + lines[index].below])


def mixed_preview() -> list[FoldLine]:
    plan, known = mixed_plan()
    return preview(plan, known, UNICODE)


def test_the_first_line_sums_up() -> None:
    plan, _ = mixed_plan()
    assert summary(plan, SPLIT.legacy) == (
        "3 people to Zimbra, 1 to mail.example.com: 4 transports, 2 mail hosts, 3 unlocked, 1 locked, 2 warnings, "
        "2 refused"
    )


def test_each_person_is_counted_once_by_the_last_step() -> None:
    plan, _ = mixed_plan()
    of = counts(plan)
    assert (of.to_zimbra, of.to_legacy, of.made, of.deleted) == (3, 1, 0, 0)


def test_an_undo_that_deletes_placeholders_says_so() -> None:
    plan, known = move_plan([])
    creation = Step("zimbra.example.com", Act.CREATE, ("ca", "x@example.com"), "a", "x@example.com", undo=("da", "x"))
    undo = undo_plan(SPLIT, replace(plan, steps=(creation,)), {0}, MADE_AT)
    assert directions(undo) == "1 placeholder deleted"
    assert below(preview(undo, known), "mail to x@example.com") == ["takes the same way as now"]


def test_a_single_person_is_shown_down_to_the_attribute() -> None:
    plan, known = move_plan(["bar"])
    lines = preview(plan, known, UNICODE)
    assert below(lines, "bar@example.com to Zimbra: transport to their own mail host") == [
        "zimbraAccountStatus  - locked",
        "                     + active",
        "zimbraMailTransport  - smtp:mail.example.com:25",
        "                     + lmtp:zimbra.example.com:7025",
    ]
    assert all(line.opened for line in lines)


def test_what_zimbra_writes_by_itself_is_told_apart() -> None:
    told = below(mixed_preview(), "2 people to Zimbra: a mail host")
    assert "                     + lmtp:zimbra.example.com:7025  (Zimbra writes this itself)" in told
    assert "zimbraMailHost       - (not set)" in told


def test_a_creation_has_nothing_before() -> None:
    told = below(mixed_preview(), "dave@example.com: a placeholder")
    assert "zimbraAccountStatus  + locked" in told
    assert not any(" - " in text for text in told)


def test_many_alike_changes_are_one_fold() -> None:
    plan, known = move_plan(numbered(37))
    lines = preview(plan, known, UNICODE)
    group = next(line for line in lines if text_of(line.content).startswith("37 people to Zimbra: transport"))
    assert not group.opened
    people = [line for line in below(lines, "37 people to Zimbra: transport") if line.startswith("person")]
    assert len(people) == 37
    assert people[0] == "person00000@example.com  smtp:mail.example.com:25 → lmtp:zimbra.example.com:7025"
    first = next(line for line in lines if text_of(line.content) == people[0])
    assert not first.opened
    assert first.below == 4


def test_commands_stand_in_the_order_in_which_they_are_sent() -> None:
    plan, known = mixed_plan()
    told = below(preview(plan, known, UNICODE), "on zimbra.example.com, as zimbra, through one zmprov: 6 commands")
    assert told[:-1] == [step.command for step in plan.steps[:-1]]
    assert told[-1] == "then: /opt/zimbra/bin/zmmtactl reload norewrite  (Postfix forgets the old routes)"
    assert commands(plan).splitlines() == [step.command for step in plan.steps]


def test_hosts_that_take_turns_keep_their_order() -> None:
    plan, known = move_plan(["bar"])
    there = replace(plan.steps[0], host="mail.example.com")
    plan = replace(plan, steps=(there, plan.steps[0], there))
    heads = [text for text in texts(preview(plan, known, UNICODE)) if "command" in text]
    assert heads == [
        "on mail.example.com: 1 command",
        "then on zimbra.example.com, as zimbra, through one zmprov: 1 command",
        "then on mail.example.com: 1 command",
    ]


def test_refusals_and_findings_have_sign_and_word() -> None:
    told = texts(mixed_preview())
    assert "✗ refused  ivan@example.com already lives on zimbra.example.com" in told
    assert any(text.startswith("! warning  3 people: mail.example.com still has a mailbox") for text in told)
    assert any(text.startswith("! warning  carol@example.com: ") for text in told)


def test_addresses_that_are_nobody_in_the_plan_are_not_called_people() -> None:
    plan, known = move_plan(["bar"])
    found = (Finding(Severity.WARNING, "w", "x", ("one@example.com", "two@example.com")),)
    assert texts(preview(replace(plan, findings=found), known, UNICODE))[1] == "! warning  2 addresses: x"


def test_errors_come_before_warnings_and_notes() -> None:
    plan, known = move_plan(["bar"])
    found = (
        Finding(Severity.INFO, "i", "one"),
        Finding(Severity.WARNING, "w", "two"),
        Finding(Severity.ERROR, "e", "x"),
    )
    told = texts(preview(replace(plan, findings=found), known, UNICODE))
    assert told[1:4] == ["✗ error  x", "! warning  two", "· note  one"]


def ways(entries: list[ZimbraAccount | LegacyAccount], to: Side, split: Split = SPLIT, **domain: object) -> list[str]:
    """What the preview of one person's move says about mail."""
    seen = snapshot(*entries, domain=Domain("example.com", True, domain))
    known = roster(split, seen)
    plan = plan_moves(split, seen, known.people, [Move(entries[0].address, to)], MADE_AT)
    return below(preview(plan, known), f"mail to {entries[0].address}")


def test_only_the_origins_whose_way_changes_are_shown() -> None:
    # A legacy user's mail stays where it is: nothing routes it to Zimbra.
    assert ways([placeholder("bar"), on_legacy("bar")], Side.ZIMBRA) == [
        "from the internet and a Zimbra user",
        "now    zimbra.example.com → mail.example.com   mailbox there",
        "after  zimbra.example.com                      mailbox there",
    ]
    assert ways([placeholder("bar"), on_legacy("bar")], Side.ZIMBRA, replace(SPLIT, router=ROUTER))[3:] == [
        "from a legacy user",
        "now    mail.example.com                        mailbox there",
        "after  mail.example.com → zimbra.example.com   mailbox there",
    ]


def test_as_a_secondary_internet_mail_comes_by_the_other_system() -> None:
    split = replace(SECONDARY, router=ROUTER)
    assert ways([on_legacy("bar")], Side.ZIMBRA, split, **THREE) == [
        "from the internet and a legacy user",
        "now    mail.example.com                        mailbox there",
        "after  mail.example.com → zimbra.example.com   mailbox there",
        "from a Zimbra user",
        "now    zimbra.example.com → mail.example.com   mailbox there",
        "after  zimbra.example.com                      mailbox there",
    ]


def test_the_way_of_somebody_new_begins_with_a_refusal() -> None:
    assert ways([on_legacy("dave")], Side.ZIMBRA) == [
        "from the internet",
        "now    zimbra.example.com   refused: 550",
        "after  zimbra.example.com   mailbox there",
        "from a Zimbra user",
        "now    zimbra.example.com   bounced",
        "after  zimbra.example.com   mailbox there",
    ]


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"host": ""}, "waits"),
        ({"transport": "SMTP:mail.example.com"}, "waits"),
        ({"transport": "smtp:elsewhere.example.net:25"}, "outside both systems"),
        ({"transport": ""}, "bounced"),
    ],
)
def test_what_does_not_arrive_now_is_mended(changes: dict[str, str], end: str) -> None:
    who, now, after = ways([on_zimbra("bar", **changes), on_legacy("bar")], Side.ZIMBRA)
    assert who == "from the internet and a Zimbra user"
    assert now.endswith(end)
    assert re.fullmatch("after  zimbra.example.com +mailbox there", after)


def test_who_is_not_moved_by_the_plan_is_told_so() -> None:
    plan, known = move_plan(["bar"])
    nothing = replace(plan, steps=(replace(plan.steps[0], changes=(), tokens=()),))
    assert below(preview(nothing, known), "mail to bar@example.com") == ["takes the same way as now"]


def test_the_ways_of_many_are_worked_out_when_they_are_unfolded() -> None:
    plan, known = move_plan(numbered(30))
    head = whole_preview(plan, SPLIT, PlannedWays(known.tracer, plan), UNICODE)[-1]
    assert text_of(head.content) == "mail to these 30 people"
    assert head.later is not None
    person = head.later()[7]
    assert text_of(person.content) == "mail to person00007@example.com"
    assert person.later is not None
    assert [text_of(row.content)[:5] for row in person.later()] == ["from ", "now  ", "after"]
    assert all(one.later() is person.later() for one in head.later() if one.later)


def test_a_way_depends_on_what_the_plan_does_to_others() -> None:
    seen = snapshot(on_zimbra("boss", forwards=("ghost@example.com",)), placeholder("ghost"))
    known = roster(SPLIT, seen)
    plan = plan_moves(SPLIT, seen, known.people, [Move("ghost@example.com", Side.ZIMBRA)], MADE_AT)
    now, then = PlannedWays(known.tracer, plan).of("boss@example.com")
    assert now[0].brief == "1 of 2 copies delivered"
    assert then[0].brief == "2 copies, all delivered"


def test_thousands_of_people_share_the_lines_that_are_alike() -> None:
    plan, known = move_plan(numbered(1_000))
    lines = preview(plan, known, UNICODE)
    assert len(lines) > 9_000
    assert len({id(line) for line in lines}) < 5_500


def test_hostile_text_is_shown_without_being_interpreted() -> None:
    plan, known = move_plan(["bar"])
    step = replace(
        plan.steps[0],
        changes=(Change(HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,)),),
        summary=HOSTILE,
        address=HOSTILE,
        host=HOSTILE,
    )
    hostile = replace(plan, steps=(step,), findings=(Finding(Severity.ERROR, "x", HOSTILE, (HOSTILE,)),))
    for text in texts(preview(hostile, known, UNICODE)):
        assert not CONTROL.search(text)


def test_ascii_mode_is_ascii() -> None:
    plan, known = mixed_plan()
    assert all(text.isascii() for text in texts(preview(plan, known, ASCII)))


@given(st.text(max_size=200), st.integers(10, 60), st.integers(0, 8))
def test_wrapping_keeps_every_word_and_the_width(text: str, width: int, hang: int) -> None:
    half = len(text) // 2
    rows = wrap(line((text[:half], Tone.STRONG), text[half:]), width, hang)
    assert "".join(text_of(row) for row in rows).replace(" ", "") == text.replace(" ", "")
    for number, row in enumerate(rows):
        assert cells(text_of(row)) <= width - (hang if number else 0)


@settings(max_examples=25)
@given(st.integers(0, 40))
def test_lines_below_are_nested(number: int) -> None:
    plan, known = move_plan(numbered(number))
    lines = preview(plan if number else Plan(plan.domain, plan.role, 0.0), known, UNICODE)
    for index, one in enumerate(lines):
        inside = lines[index + 1 : index + 1 + one.below]
        assert len(inside) == one.below
        assert all(other.depth > one.depth for other in inside)
