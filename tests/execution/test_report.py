"""The page of a run that went wrong in every way: it tells what really was, and shows nothing as markup."""

from splittui.execution.events import LiveKind, LiveLine, Outcome
from splittui.execution.history import JournalledStep, RunRecord
from splittui.execution.report import html
from splittui.planning.plan import Act, Change, Plan, Step
from tests.cli.test_history import Page
from tests.sites import SPLIT

TRANSPORT = "zimbraMailTransport"
HOSTILE = "<script>alert('x')</script>\x1b[2J&amp;"


def step(name: str) -> Step:
    return Step(
        host=SPLIT.zimbra,
        act=Act.MODIFY,
        tokens=("ma", f"{name}@example.com", TRANSPORT, "lmtp:planned.example.com:7025"),
        summary="to Zimbra",
        address=f"{name}@example.com",
        changes=(Change(f"{name}@example.com", TRANSPORT, ("smtp:before",), ("lmtp:planned.example.com:7025",)),),
    )


def journalled(number: int, outcome: Outcome | None, message: str, after: str = "") -> JournalledStep:
    seen = {TRANSPORT: (after,)} if after else {}
    ended = None if outcome is None else 3.0
    return JournalledStep(number, "ma", {TRANSPORT: ("smtp:before",)}, 2.0, outcome, message, seen, ended)


def run() -> RunRecord:
    names = ("good", "edited", "refused", "lost", "never")
    steps = {
        0: journalled(0, Outcome.DONE, "read back: fine", "lmtp:planned.example.com:7025"),
        1: journalled(1, Outcome.CONFLICT, "left alone: changed since", "smtp:somebody-else"),
        2: journalled(2, Outcome.FAILED, f"zmprov said yes, but {HOSTILE}", "smtp:something-else"),
        3: journalled(3, None, ""),
    }
    plan = Plan(SPLIT.domain, SPLIT.role, 1.0, tuple(map(step, names)))
    return RunRecord(7, HOSTILE, "ann", "aaaa-bbbb", plan, None, 2.0, None, HOSTILE, False, steps)


def page() -> Page:
    said = LiveLine(SPLIT.zimbra, LiveKind.RECEIVED, HOSTILE)
    return Page(html(run(), {2: [said]}, "splittui undo 7"))


def test_everybody_is_told_with_what_really_was() -> None:
    text = page().text
    for words in ("good", "edited", "refused", "lost", "never"):
        assert f"{words}@example.com" in text
    assert "broken off" in text
    assert "ann by profile" in text
    assert "Not finished for: edited@example.com, refused@example.com, lost@example.com, never@example.com" in text
    assert "As it was read last:zimbraMailTransport: smtp:somebody-else" in text
    assert "As it was read last:zimbraMailTransport: smtp:something-else" in text
    assert text.count("As it was read last:") == 2, "what came about as planned is told once"
    assert "it was sent, and the run was gone before its answer" in text
    assert "nothing was changed" not in text
    assert "splittui undo 7" in text


def test_what_a_host_says_is_shown_and_never_taken_for_markup() -> None:
    shown = page()
    assert not shown.open
    assert "script" not in shown.tags
    assert not {"src", "href"} & set(shown.attributes)
    assert "<script>alert('x')</script>" in shown.text
    assert "&amp;" in shown.text
    assert "\x1b" not in shown.text
