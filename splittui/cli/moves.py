"""``splittui plan move``, ``splittui apply`` and ``splittui move``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from splittui.cli.exits import CommandError, Exit
from splittui.cli.people import addresses
from splittui.cli.plan_file import plan_in
from splittui.cli.reading import read, site
from splittui.execution.control import Control
from splittui.execution.events import Event, LiveKind, LiveLine, Outcome, RunEnded, StepEnded
from splittui.execution.site import Site
from splittui.mailflow.danger import with_dangers
from splittui.model.entries import Side
from splittui.model.text import clean
from splittui.planning.moves import Move, PlanningError, plan_moves
from splittui.planning.plan import Act, Plan, Severity
from splittui.planning.plan_json import Json, fingerprint, plan_to_json

_MARKS = {LiveKind.SENT: "prov> ", LiveKind.RUN: "    $ ", LiveKind.RECEIVED: "      ", LiveKind.NOTE: "    ! "}


def plan_move(options: argparse.Namespace) -> Exit:
    """Makes a plan and shows it, or writes it; exit 2 where there is something to change."""
    wanted = addresses(options.addresses)
    with site(options) as opened:
        plan = _planned(opened, wanted, Side(options.to))
    if options.out is not None:
        _write(options.out, plan)
    if options.json:
        _print_json(plan_to_json(plan))
    else:
        _show(plan, sys.stdout.write)
    if _refused(plan):
        return Exit.REFUSED
    return Exit.PENDING if plan.steps else Exit.OK


def apply(options: argparse.Namespace) -> Exit:
    """Runs a plan from a file."""
    with site(options) as opened:
        plan = plan_in(options.file, opened.split)
        seen = read(opened)
        if not seen.snapshot.complete:
            raise CommandError(
                "Nothing was sent: what was read is not complete, so the plan is not judged.", Exit.REFUSED
            )
        return _carry_out(opened, with_dangers(opened.split, seen.snapshot, plan), options)


def move(options: argparse.Namespace) -> Exit:
    """Plans and applies in one go."""
    wanted = addresses(options.addresses)
    with site(options) as opened:
        plan = _planned(opened, wanted, Side(options.to))
        if _refused(plan):
            _show(plan, sys.stderr.write)
            raise CommandError("Nothing was sent: not everybody asked for can be moved.", Exit.REFUSED)
        return _carry_out(opened, plan, options)


def _planned(opened: Site, wanted: list[str], to: Side) -> Plan:
    seen = read(opened)
    moves = [Move(address, to) for address in wanted]
    try:
        plan = plan_moves(opened.split, seen.snapshot, seen.people, moves, time.time())
    except PlanningError as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    return with_dangers(opened.split, seen.snapshot, plan)


def _refused(plan: Plan) -> bool:
    """Whether somebody cannot be moved who is not where he shall be already."""
    return any(not refusal.reason.startswith("already lives") for refusal in plan.refusals)


def _carry_out(opened: Site, plan: Plan, options: argparse.Namespace) -> Exit:
    if not plan.steps:
        if options.json:
            _print_json({"fingerprint": fingerprint(plan), "outcomes": [], "clean": True, "error": ""})
        _show(plan, sys.stderr.write)
        return Exit.OK
    if plan.dangers and options.override != plan.domain:
        _show(plan, sys.stderr.write)
        raise CommandError(
            f"Nothing was sent: {' '.join(plan.dangers)} To run it all the same, add --override {plan.domain}",
            Exit.REFUSED,
        )
    if not options.yes:
        _show(plan, sys.stderr.write)
        if not sys.stdin.isatty():
            raise CommandError("Nothing was sent: say --yes, or answer at a terminal.", Exit.REFUSED)
        print(f"Run these {len(plan.steps)} steps? Type yes: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() != "yes":
            raise CommandError("Nothing was sent.", Exit.REFUSED)
    control = Control()
    with _ended_by_signals(control):
        ended = opened.run(plan, lambda event: _narrate(plan, event), control)
    if options.json:
        _print_json(_result(plan, ended))
    _summary(ended)
    return Exit.OK if ended.clean else Exit.FAILED


@contextmanager
def _ended_by_signals(control: Control) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a kill end the run after the step in flight."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: control.stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _narrate(plan: Plan, event: Event) -> None:
    if isinstance(event, LiveLine):
        print(f"  {event.host}  {_MARKS[event.kind]}{clean(event.text)}", file=sys.stderr)
    elif isinstance(event, StepEnded):
        step = plan.steps[event.index]
        print(f"{event.outcome.value:9} {step.address or step.command}: {clean(event.message)}", file=sys.stderr)


def _summary(ended: RunEnded) -> None:
    counts = ", ".join(f"{ended.count(outcome)} {outcome.value}" for outcome in Outcome if ended.count(outcome))
    print(f"Run {ended.run_id}: {counts}." + (f" {ended.error}" if ended.error else ""), file=sys.stderr)


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


def _write(file: Path, plan: Plan) -> None:
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(plan_to_json(plan), out, indent=1)
            out.write("\n")
    except FileExistsError:
        raise CommandError(f"{file} exists: a plan is never written over another file. Name a new one.") from None
    except OSError as error:
        raise CommandError(f"{file}: the plan cannot be written: {error}") from error


def _print_json(data: Json) -> None:
    json.dump(data, sys.stdout, ensure_ascii=True)
    print()


def _show(plan: Plan, write: Callable[[str], object]) -> None:
    write(f"Plan {fingerprint(plan)} for {plan.domain}: {len(plan.people)} people, {len(plan.steps)} steps\n")
    host = ""
    for step in plan.steps:
        if step.host != host:
            host = step.host
            write(f"on {host}:\n")
        write(f"  {clean(step.command)}\n")
        for change in step.changes if step.act is not Act.RELOAD else ():
            note = "   (Zimbra writes this itself)" if change.implied else ""
            for value in change.before:
                write(f"      - {change.attribute}: {clean(value)}\n")
            for value in change.after:
                write(f"      + {change.attribute}: {clean(value)}{note}\n")
    signs = {Severity.INFO: "i", Severity.WARNING: "!", Severity.ERROR: "E"}
    for finding in plan.findings:
        write(f"{signs[finding.severity]} {finding.message} ({_few(finding.addresses)})\n")
    for refusal in plan.refusals:
        write(f"x {refusal.address} {refusal.reason}\n")


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
