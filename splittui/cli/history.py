"""``splittui history`` and ``splittui export``: what earlier runs did."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from splittui import config
from splittui.cli.exits import CommandError, Exit
from splittui.execution import journal
from splittui.execution.events import Outcome
from splittui.execution.history import History, HistoryError, RunRecord
from splittui.execution.report import html, moment
from splittui.model.text import clean
from splittui.planning.plan_json import Json, plan_to_json

COLUMNS = (
    "run",
    "step",
    "address",
    "host",
    "act",
    "command",
    "outcome",
    "message",
    "before",
    "after",
    "sent_at",
    "ended_at",
)


def history(options: argparse.Namespace) -> Exit:
    """Lists the runs, the newest first, or shows one."""
    profile = config.load(options.config, options.profile)
    with_file = _history(profile)
    if options.run_number is not None:
        run = _run(with_file, options.run_number)
        if options.json:
            _print(json.dumps(_whole(run)))
        else:
            _show(run)
        return Exit.OK
    runs = _runs(with_file, profile.name)
    if options.json:
        _print(json.dumps([_brief(run) for run in runs]))
        return Exit.OK
    if not runs:
        print(f"No run of {profile.name} is in the journal yet.", file=sys.stderr)
    for run in runs:
        people = f"{len(run.plan.people)} people"
        print(f"{run.id:>5}  {moment(run.started_at)}  {run.who:<10} {people:>12}  {run.state.value:<11} {_told(run)}")
    return Exit.OK


def export(options: argparse.Namespace) -> Exit:
    """Writes one run as CSV, JSON or an HTML page."""
    with_file = _history(config.load(options.config, options.profile))
    run = _run(with_file, options.run_number)
    if options.format == "csv":
        text = _csv(run)
    elif options.format == "json":
        text = json.dumps(_whole(run), indent=1) + "\n"
    else:
        undo = f"splittui undo {run.id}" if run.undoable else ""
        text = html(run, with_file.lines(run.id), undo)
    if options.out is None:
        _print(text, end="")
    else:
        _write(options.out, text)
    return Exit.OK


def _history(profile: config.Profile) -> History:
    return History(profile.journal or journal.default_file())


def _runs(found: History, profile: str) -> list[RunRecord]:
    try:
        return found.runs(profile)
    except HistoryError as error:
        raise CommandError(str(error)) from error


def _run(found: History, number: int) -> RunRecord:
    try:
        return found.run(number)
    except HistoryError as error:
        raise CommandError(str(error)) from error


def _told(run: RunRecord) -> str:
    counts = ", ".join(f"{run.count(o)} {o.value}" for o in Outcome if run.count(o))
    again = f" (takes up run {run.resumes} again)" if run.resumes is not None else ""
    return f"{counts}{again}"


def _show(run: RunRecord) -> None:
    print(f"Run {run.id} of {run.who}, plan {run.fingerprint}: {run.state.value}. {_told(run)}")
    print(f"began {moment(run.started_at)}, ended {moment(run.ended_at) or 'never'}")
    if run.error:
        print(clean(run.error))
    for number, step in enumerate(run.plan.steps):
        done = run.steps.get(number)
        said = clean(done.message) if done is not None else ""
        print(f"{number + 1:>5}  {run.outcome(number).value:9} {step.address or step.host}  {clean(step.command)}")
        if said:
            print(f"         {said}")
    if not run.finished:
        print(f"To finish it: splittui resume {run.id}", file=sys.stderr)
    if run.undoable:
        print(f"To take it back: splittui undo {run.id}", file=sys.stderr)


def _brief(run: RunRecord) -> dict[str, Json]:
    counts: dict[str, Json] = {outcome.value: run.count(outcome) for outcome in Outcome}
    return {
        "run": run.id,
        "profile": run.profile,
        "who": run.who,
        "fingerprint": run.fingerprint,
        "resumes": run.resumes,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "state": run.state.value,
        "error": run.error,
        "people": list(run.plan.people),
        "outcomes": counts,
    }


def _whole(run: RunRecord) -> dict[str, Json]:
    steps: list[Json] = []
    for number, step in enumerate(run.plan.steps):
        done = run.steps.get(number)
        before: dict[str, Json] = {n: list(v) for n, v in done.before.items()} if done is not None else {}
        after: dict[str, Json] = {n: list(v) for n, v in done.after.items()} if done is not None else {}
        steps.append(
            {
                "step": number + 1,
                "address": step.address,
                "host": step.host,
                "act": step.act.value,
                "command": step.command,
                "outcome": run.outcome(number).value,
                "message": done.message if done is not None else "",
                "before": before,
                "after": after,
                "sent_at": done.sent_at if done is not None else None,
                "ended_at": done.ended_at if done is not None else None,
            }
        )
    return {**_brief(run), "steps": steps, "plan": plan_to_json(run.plan)}


def _csv(run: RunRecord) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, step in enumerate(run.plan.steps):
        done = run.steps.get(number)
        sent, ended = (moment(done.sent_at), moment(done.ended_at)) if done is not None else ("", "")
        said = done.message if done is not None else ""
        seen = (_values(done.before), _values(done.after)) if done is not None else ("", "")
        told = (step.address, step.host, step.act.value, step.command, run.outcome(number).value, said)
        row = (*told, *seen, sent, ended)
        writer.writerow((run.id, number + 1, *map(_cell, row)))
    return out.getvalue()


def _values(found: Mapping[str, tuple[str, ...]]) -> str:
    """What was read of an entry, in one cell."""
    return "; ".join(f"{name}={', '.join(values)}" for name, values in found.items())


def _cell(text: str) -> str:
    """A spreadsheet takes a cell that begins with one of these as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _print(text: str, end: str = "\n") -> None:
    print(text, end=end)


def _write(file: Path, text: str) -> None:
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise CommandError(f"{file} exists: it is not written over. Name a new one.") from None
    except OSError as error:
        raise CommandError(f"{file}: cannot be written: {error}") from error
