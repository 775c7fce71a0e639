"""Running a plan from the command line: what is asked before, what is told meanwhile, what is printed at the end."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from splittui.cli.by_hand import HandWork
from splittui.cli.exits import CommandError, Exit
from splittui.cli.plan_text import show_plan
from splittui.cli.signals import ended_by_signals
from splittui.execution.control import Control
from splittui.execution.events import Asks, Event, LiveKind, LiveLine, Outcome, RunEnded, StepEnded, Verified
from splittui.execution.runner import Earlier
from splittui.execution.site import Site
from splittui.execution.verification import Check
from splittui.model.home import Person
from splittui.model.text import clean
from splittui.planning.brake import brake, too_many
from splittui.planning.plan import Plan
from splittui.planning.plan_json import Json, fingerprint
from splittui.tui.glyphs import ASCII
from splittui.tui.verified_lines import verified_lines

_MARKS = {LiveKind.SENT: "prov> ", LiveKind.RUN: "    $ ", LiveKind.RECEIVED: "      ", LiveKind.NOTE: "    ! "}


def carry_out(
    opened: Site,
    plan: Plan,
    known: Mapping[str, Person],
    options: argparse.Namespace,
    earlier: Earlier | None = None,
) -> Exit:
    """Runs the plan when everything that must be asked was answered, and prints what became of it.

    ``known`` is everybody by address; ``earlier`` the run that is taken up again. Raises CommandError with
    ``Exit.REFUSED`` where it is not run.
    """
    if not plan.steps:
        if options.json:
            print_json({"fingerprint": fingerprint(plan), "outcomes": [], "clean": True, "error": ""})
        show_plan(plan, sys.stderr.write)
        return Exit.OK
    _refuse_dangers(plan, options)
    if not _let_go(opened, plan, known, options) and not options.yes:
        show_plan(plan, sys.stderr.write)
        if not sys.stdin.isatty():
            raise CommandError("Nothing was sent: say --yes, or answer at a terminal.", Exit.REFUSED)
        if not _typed(f"Run these {len(plan.steps)} steps? Type yes: ", "yes"):
            raise CommandError("Nothing was sent.", Exit.REFUSED)
    control = Control(opened.limits.per_minute)
    by_hand = HandWork(control)

    def tell(event: Event) -> None:
        if isinstance(event, Asks):
            by_hand.ask(event)
        else:
            _narrate(plan, event)

    with ended_by_signals(control):
        ended = opened.run(plan, tell, control, earlier)
    verified = opened.verify(plan, ended, rcpt=options.probe)
    if options.json:
        print_json({**_result(plan, ended), "verified": [_check(check) for check in verified.checks]})
    _summary(ended)
    _tell(verified)
    if by_hand.unattended:
        print(f"Do it, then go on at a terminal: splittui resume {ended.run_id}", file=sys.stderr)
        return Exit.REFUSED
    return Exit.OK if ended.clean and not verified.wrong else Exit.FAILED


def _refuse_dangers(plan: Plan, options: argparse.Namespace) -> None:
    if plan.dangers and options.override != plan.domain:
        show_plan(plan, sys.stderr.write)
        raise CommandError(
            f"Nothing was sent: {' '.join(plan.dangers)} To run it all the same, add --override {plan.domain}",
            Exit.REFUSED,
        )


def _let_go(opened: Site, plan: Plan, known: Mapping[str, Person], options: argparse.Namespace) -> bool:
    """Whether a held plan was let go by a word typed now; raises where the brake holds it."""
    refused = too_many(plan, opened.limits)
    if refused:
        raise CommandError(f"Nothing was sent: {refused}", Exit.REFUSED)
    held = brake(plan, known, opened.limits)
    if held is None or options.confirm == held.word:
        return False
    show_plan(plan, sys.stderr.write)
    if options.yes or not sys.stdin.isatty():
        raise CommandError(
            f"Nothing was sent: this is {held.reason}. To run it, add --confirm {held.word}", Exit.REFUSED
        )
    print(f"This is {held.reason}.", file=sys.stderr)
    if not _typed(f"Type {held.word} to run it: ", held.word):
        raise CommandError("Nothing was sent.", Exit.REFUSED)
    return True


def _typed(question: str, word: str) -> bool:
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == word.lower()


def print_json(data: Json) -> None:
    """One JSON value on stdout."""
    json.dump(data, sys.stdout, ensure_ascii=True)
    print()


def _narrate(plan: Plan, event: Event) -> None:
    if isinstance(event, LiveLine):
        print(f"  {event.host}  {_MARKS[event.kind]}{clean(event.text)}", file=sys.stderr)
    elif isinstance(event, StepEnded):
        step = plan.steps[event.index]
        print(f"{event.outcome.value:9} {step.address or step.command}: {clean(event.message)}", file=sys.stderr)


def _summary(ended: RunEnded) -> None:
    counts = ", ".join(f"{ended.count(outcome)} {outcome.value}" for outcome in Outcome if ended.count(outcome))
    print(f"Run {ended.run_id}: {counts}." + (f" {ended.error}" if ended.error else ""), file=sys.stderr)


def _tell(verified: Verified) -> None:
    """What the MTAs themselves say of it."""
    for kind, text in verified_lines(verified):
        print(f"{ASCII.good if kind == 'good' else ASCII.of(kind)} {text}", file=sys.stderr)


def _check(check: Check) -> dict[str, Json]:
    return {
        "address": check.address,
        "host": check.host,
        "asked": check.asked,
        "expected": check.expected,
        "answered": check.answered,
        "agrees": check.agrees,
        "trouble": check.trouble,
    }


def _result(plan: Plan, ended: RunEnded) -> dict[str, Json]:
    return {
        "run": ended.run_id,
        "fingerprint": fingerprint(plan),
        "outcomes": [
            {"address": step.address, "command": step.command, "outcome": outcome.value}
            for step, outcome in zip(plan.steps, ended.outcomes, strict=True)
        ],
        "clean": ended.clean,
        "stopped": ended.stopped,
        "error": ended.error,
    }
