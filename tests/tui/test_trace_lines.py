"""Routes as chains: what is drawn of each, and how each way to end is told."""

import pytest

from splittui.mailflow.from_snapshot import world
from splittui.mailflow.route import End, Hop, HopKind, Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Origin, System
from splittui.model.entries import Kind
from splittui.model.snapshot import Snapshot
from splittui.tui.glyphs import ASCII, UNICODE, Glyphs
from splittui.tui.lines import Tone, text_of
from splittui.tui.trace_lines import branches, concerned, fold_lines, plain_text, verdict
from tests.sites import SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot
from tests.tui.plans import HOSTILE

SEEN = snapshot(
    on_zimbra("foo"),
    placeholder("bar"),
    on_legacy("bar"),
    placeholder("lost"),
    on_zimbra(
        "team",
        kind=Kind.LIST,
        transport="",
        host="",
        forwards=("foo@example.com", "bar@example.com", "lost@example.com", "x@home.example"),
    ),
    on_zimbra("pair", kind=Kind.LIST, transport="", host="", forwards=("foo@example.com", "bar@example.com")),
)


def route(local: str, origin: Origin = Origin.INTERNET, seen: Snapshot = SEEN) -> Route:
    return Tracer(world(SPLIT, seen)).route(f"{local}@example.com", origin)


def drawn(of: Route, glyphs: Glyphs = UNICODE, *, reasons: bool = False) -> list[str]:
    return [
        "  " * one.depth + text_of(one.content).replace("\u00a0", " ")
        for one in fold_lines(of, glyphs, reasons=reasons)
    ]


def test_a_chain_with_its_reasons_below_its_links() -> None:
    lines = fold_lines(route("bar"), UNICODE)
    assert drawn(route("bar"))[:4] == [
        "From the internet",
        "✓ delivered to the mailbox on mail.example.com (250)",
        "  internet →",
        "    the MX of example.com",
    ]
    assert lines[1].below == len(lines) - 2
    assert [one.opened for one in lines if one.depth == 1] == [False] * 5
    assert all(one.opened for one in fold_lines(route("bar"), UNICODE, reasons=True))


def test_who_writes_by_the_web_client_starts_at_the_browser() -> None:
    assert drawn(route("foo", Origin.ZIMBRA))[2:5] == [
        "  a Zimbra user's web browser →",
        "  zimbra.example.com web client's server →",
        "    Zimbra's web client uses its own MTA",
    ]


def test_a_host_is_named_where_the_mail_comes_to_it() -> None:
    words = [f"{link.host}|{link.text}" for branch in branches(route("foo")) for link in branch.links]
    assert words == [
        "|internet",
        "zimbra.example.com|postfix server",
        "|account transport says to use lmtp:zimbra.example.com:7025",
        "zimbra.example.com|delivers it to the mailbox",
    ]


def test_a_loop_is_told_without_colour() -> None:
    text = drawn(route("lost"))
    assert text[1].startswith("✗ LOOPS between zimbra.example.com and mail.example.com, until")
    assert any(line.startswith("  ✗ mail.example.com meets its own mail again") for line in text)
    assert fold_lines(route("lost"), UNICODE)[1].content[0][1] is Tone.BAD
    assert all(line.isascii() for line in drawn(route("lost"), ASCII))


def test_each_copy_of_a_list_has_a_branch_of_its_own() -> None:
    found = branches(route("pair"))
    assert [branch.end and branch.end.address for branch in found] == [None, "foo@example.com", "bar@example.com"]
    assert [len(branch.links) for branch in found] == [3, 2, 3]
    assert verdict(route("pair")).words == "delivered: 2 copies (250)"
    text = drawn(route("pair"))
    assert "  for foo@example.com  ✓ delivered on zimbra.example.com" in text


def test_of_many_copies_only_the_bad_ones_are_unfolded() -> None:
    lines = [one for one in fold_lines(route("team"), UNICODE) if text_of(one.content).startswith("for ")]
    assert [(text_of(one.content).split()[1], one.opened) for one in lines] == [
        ("foo@example.com", False),
        ("bar@example.com", False),
        ("lost@example.com", True),
        ("x@home.example", False),
    ]
    assert verdict(route("team")).words.startswith("3 of 4 copies delivered; lost@example.com LOOPS")


def test_the_lines_below_a_line_are_counted() -> None:
    for of in (route("team"), route("bar"), route("lost"), route("nobody")):
        lines = fold_lines(of, UNICODE)
        for index, one in enumerate(lines):
            below = lines[index + 1 : index + 1 + one.below]
            assert all(other.depth > one.depth for other in below)
            following = lines[index + 1 + one.below :]
            assert not following or following[0].depth <= one.depth


@pytest.mark.parametrize(
    ("outcome", "kind", "words"),
    [
        (Outcome.DELIVERED, "good", "delivered to the mailbox on there (250)"),
        (Outcome.BOUNCED, "bad", "BOUNCES: accepted (250), then bounced by there: 550 no"),
        (Outcome.LOOPED, "bad", "LOOPS between here and there, until there bounces it: 550 no"),
        (Outcome.DEFERRED, "warning", "WAITS on there until it is mended: 550 no"),
        (Outcome.DISCARDED, "bad", "LOST: accepted (250), then thrown away by there"),
        (Outcome.UNKNOWN, "warning", "NOT KNOWN: accepted (250); what there does then is not known"),
    ],
)
def test_every_outcome_has_a_sign_and_a_word(outcome: Outcome, kind: str, words: str) -> None:
    text = "" if outcome is Outcome.DELIVERED else "550 no"
    end = End(outcome, System.LEGACY, "there", "a@example.com", text, "it is mended")
    hops = tuple(Hop(host, HopKind.SENDS, "x", "x") for host in ("internet", "here", "there"))
    found = verdict(Route("a@example.com", Origin.INTERNET, hops, outcome, 250, "", (end,)))
    assert (found.kind, found.words) == (kind, words)


def test_an_unknown_address_is_refused_at_rcpt() -> None:
    assert verdict(route("nobody")).words.startswith("refused: 550 at RCPT by zimbra.example.com: 5.1.1")
    assert plain_text(route("nobody"), ASCII)[-3] == "  x zimbra.example.com refuses it: 550"


def test_hostile_values_are_only_text() -> None:
    seen = snapshot(on_zimbra("evil", transport=f"smtp:{HOSTILE}", host=""))
    for origin in Origin:
        of = route("evil", origin, seen)
        for text in (*drawn(of, reasons=True), *plain_text(of, ASCII)):
            assert text.isprintable()


def test_whose_moves_matter() -> None:
    known = people(SEEN)
    assert concerned(known["bar@example.com"]) == {"bar@example.com"}
    assert concerned(known["pair@example.com"]) == {"pair@example.com", "foo@example.com", "bar@example.com"}
