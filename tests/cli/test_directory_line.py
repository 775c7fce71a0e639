"""What was made of the existing system's directory, in a line."""

from splittui.cli.directory_line import directory_line
from splittui.model.entries import Kind, LegacyAccount
from splittui.model.snapshot import LegacyHalf, Reading


def half(*accounts: LegacyAccount, without_address: int = 0) -> LegacyHalf:
    return LegacyHalf(
        Reading(True, 0.0), {account.address: account for account in accounts}, without_address=without_address
    )


def test_counts_and_a_sample() -> None:
    people = [LegacyAccount(f"p{number}@example.com", f"Person {number}") for number in range(9)]
    special = [
        LegacyAccount("off@example.com", enabled=False, aliases=("o@example.com",)),
        LegacyAccount("away@example.com", forwards_to="smtp:[zimbra.example.com]:25"),
        LegacyAccount("room@example.com", kind=Kind.RESOURCE),
    ]
    assert directory_line("mail.example.com", half(*people, *special, without_address=3)) == (
        "mail.example.com: 11 people, 1 resource, 3 without mail, 1 disabled, 1 sent on; "
        "sample: Person 0 <p0@example.com>, Person 3 <p3@example.com>, Person 6 <p6@example.com>"
    )


def test_few_are_all_shown_and_cleaned() -> None:
    shown = directory_line(
        "m",
        half(
            LegacyAccount("a@example.com", "\x1b[31mred", aliases=("b@example.com",), forwards_to="c@example.com"),
        ),
    )
    assert shown == "m: 1 person, 1 sent on; sample: ␛[31mred <a@example.com> also b@example.com -> c@example.com"


def test_nobody() -> None:
    assert directory_line("m", half()) == "m: 0 people"
