"""What the preview of a plan says."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.config import Limits
from splittui.planning.accounts import TRANSPORT
from splittui.planning.plan import Act, Change, Finding, Plan, Severity, Step
from splittui.planning.undo import undo_plan
from splittui.tui.glyphs import ASCII, UNICODE
from splittui.tui.lines import Tone, cells, line, text_of, wrap
from splittui.tui.preview_lines import FoldLine, beyond, commands, counts, directions, preview, summary
from tests.sites import SECONDARY, SPLIT
from tests.tui.plans import HOSTILE, MADE_AT, mixed_plan, move_plan, numbered

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]")


def texts(lines: list[FoldLine]) -> list[str]:
    return [text_of(line.content) for line in lines]


def below(lines: list[FoldLine], start: str) -> list[str]:
    """What is folded into the first line that begins so."""
    index = next(i for i, line in enumerate(lines) if text_of(line.content).startswith(start))
    return texts(lines[index + 1 : index + 1 + lines[index].below])


def mixed_preview() -> list[FoldLine]:
    plan, known = mixed_plan()
    return preview(plan, SPLIT, known, UNICODE)


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
    mail = below(preview(undo, SPLIT, known, UNICODE), "mail to x@example.com")
    assert mail[1].endswith("rejected: Zimbra does not know the address")


def test_a_single_person_is_shown_down_to_the_attribute() -> None:
    plan, known = move_plan(["bar"])
    lines = preview(plan, SPLIT, known, UNICODE)
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
    lines = preview(plan, SPLIT, known, UNICODE)
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
    told = below(
        preview(plan, SPLIT, known, UNICODE), "on zimbra.example.com, as zimbra, through one zmprov: 6 commands"
    )
    assert told[:-1] == [step.command for step in plan.steps[:-1]]
    assert told[-1] == "then: /opt/zimbra/bin/zmmtactl reload norewrite  (Postfix forgets the old routes)"
    assert commands(plan).splitlines() == [step.command for step in plan.steps]


def test_hosts_that_take_turns_keep_their_order() -> None:
    plan, known = move_plan(["bar"])
    there = replace(plan.steps[0], host="mail.example.com")
    plan = replace(plan, steps=(there, plan.steps[0], there))
    heads = [text for text in texts(preview(plan, SPLIT, known, UNICODE)) if "command" in text]
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
    assert texts(preview(replace(plan, findings=found), SPLIT, known, UNICODE))[1] == "! warning  2 addresses: x"


def test_errors_come_before_warnings_and_notes() -> None:
    plan, known = move_plan(["bar"])
    found = (
        Finding(Severity.INFO, "i", "one"),
        Finding(Severity.WARNING, "w", "two"),
        Finding(Severity.ERROR, "e", "x"),
    )
    told = texts(preview(replace(plan, findings=found), SPLIT, known, UNICODE))
    assert told[1:4] == ["✗ error  x", "! warning  two", "· note  one"]


def test_the_way_of_mail_now_and_after() -> None:
    plan, known = move_plan(["bar"])
    assert below(preview(plan, SPLIT, known, UNICODE), "mail to bar@example.com") == [
        "now    internet → zimbra.example.com → mail.example.com   mailbox there",
        "after  internet → zimbra.example.com                      mailbox there",
    ]


def test_the_way_of_somebody_new_begins_with_a_rejection() -> None:
    told = mixed_preview()
    at = texts(told).index("mail to dave@example.com")
    assert texts(told)[at + 1].endswith("rejected: Zimbra does not know the address")
    assert texts(told)[at + 2].endswith("mailbox there")


@pytest.mark.parametrize(
    ("transport", "end"),
    [
        ("", "by the domain's transport: the account has none"),
        ("SMTP:mail.example.com", "Postfix cannot use SMTP:mail.example.com"),
        ("smtp:elsewhere.example.net:25", "elsewhere.example.net is in neither system"),
    ],
)
def test_odd_transports_do_not_arrive(transport: str, end: str) -> None:
    plan, _ = move_plan(["bar"])
    change = Change("bar@example.com", TRANSPORT, (transport,) if transport else (), ("lmtp:store.example.com:7025",))
    plan = replace(plan, steps=(replace(plan.steps[0], changes=(change,)),))
    now, after = below(preview(plan, SPLIT, {}, UNICODE), "mail to bar@example.com")
    assert now.endswith(end)
    assert re.fullmatch("after  internet → zimbra.example.com → store.example.com  +mailbox there", after)


def test_as_a_secondary_mail_is_followed_from_a_zimbra_user() -> None:
    plan, known = move_plan(["bar"])
    assert below(preview(plan, SECONDARY, known, UNICODE), "mail to")[1].startswith("after  a Zimbra user → zimbra")


def test_thousands_of_people_share_the_lines_that_are_alike() -> None:
    plan, known = move_plan(numbered(1_000))
    lines = preview(plan, SPLIT, known, UNICODE)
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
    for text in texts(preview(hostile, SPLIT, known, UNICODE)):
        assert not CONTROL.search(text)


def test_ascii_mode_is_ascii() -> None:
    plan, known = mixed_plan()
    assert all(text.isascii() for text in texts(preview(plan, SPLIT, known, ASCII)))


def test_limits_are_people_and_percent_of_a_side() -> None:
    plan, known = move_plan(numbered(10))
    assert beyond(plan, known, Limits(people=9, percent=100)).startswith("more than the 9 people")
    assert beyond(plan, known, Limits(people=10, percent=99)) == (
        "100 % of the people on the existing mail system, more than 99 %"
    )
    assert beyond(plan, known, Limits(people=10, percent=100)) == ""


def test_one_person_is_never_too_many() -> None:
    plan, known = move_plan(["bar"])
    assert beyond(plan, known, Limits(people=1, percent=1)) == ""


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
    lines = preview(plan if number else Plan(plan.domain, plan.role, 0.0), SPLIT, known, UNICODE)
    for index, one in enumerate(lines):
        inside = lines[index + 1 : index + 1 + one.below]
        assert len(inside) == one.below
        assert all(other.depth > one.depth for other in inside)
