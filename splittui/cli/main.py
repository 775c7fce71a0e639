"""Arguments in, exit code out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from splittui import __version__
from splittui.cli.exits import CommandError, Exit
from splittui.config import ConfigError

_EXAMPLES = """\
examples:
  splittui demo                                        try it: a lab on this machine, nothing else is touched
  splittui                                             the console on your default profile
  splittui list --json                                 everybody, and where they live
  splittui trace bar@example.com                       where mail for bar goes, from everywhere, and why
  splittui prove bar@example.com                       sends marked messages and shows which way they really go
  splittui plan move bar@example.com --to zimbra --out bar.plan
  splittui apply bar.plan                              shows the plan, asks, runs it
  splittui move bar@example.com --to legacy --yes      plan and apply in one go
  splittui wave apply spring --first 20                the next 20 of a list that wave save has kept as spring
  splittui letters --run 12 --to letters               what is new, for everybody whom run 12 has moved
  splittui history                                     the runs so far; resume, undo and export take their numbers

exit codes: 0 done or nothing to do, 1 failed, 2 differences pending, 3 refused, 4 unreachable
"""


class _Parser(argparse.ArgumentParser):
    """Wrong usage exits with 1: argparse's 2 means "differences pending" here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.FAILED, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = _Parser(
        prog="splittui",
        description="Moves people between Zimbra and an existing mail system that share one mail domain.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"splittui {__version__}")
    top.add_argument("--config", type=Path, metavar="FILE", help="the file with the profiles")
    top.add_argument("--profile", metavar="NAME", help="the profile to use (default: the file's default_profile)")
    _console_options(top)
    top.set_defaults(run="splittui.cli.console:console")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    demo = commands.add_parser("demo", help="the console on a lab of its own; needs nothing, leaves nothing")
    _lab_options(demo)
    _console_options(demo, repeated=True)
    demo.set_defaults(run="splittui.cli.lab:demo")

    lab = commands.add_parser("lab", help="serve a lab in the foreground and print where it is as one JSON line")
    _lab_options(lab)
    lab.set_defaults(run="splittui.cli.lab:lab")

    people = commands.add_parser("list", help="everybody in the domain, and where they live")
    people.add_argument("addresses", nargs="*", metavar="ADDRESS", help="only these")
    people.add_argument("--home", choices=("zimbra", "legacy", "both", "nowhere", "odd"), help="only who lives there")
    people.add_argument("--json", action="store_true", help="an array of objects on stdout")
    people.set_defaults(run="splittui.cli.people:list_people")

    check = commands.add_parser("check", help="what is wrong with the split, and how to mend it (exit 2: something is)")
    check.add_argument("--json", action="store_true", help="an array of objects on stdout")
    check.set_defaults(run="splittui.cli.check:check")

    connect = commands.add_parser("connect", help="write a profile, or more of it, and try every way that it names")
    _connect_options(connect)
    connect.set_defaults(run="splittui.cli.connect:connect")

    setup = commands.add_parser(
        "setup", help="the guided set-up: where it stands, each task's commands, and with --yes the tasks one by one"
    )
    _setup_options(setup)
    setup.set_defaults(run="splittui.cli.setup:setup")

    trust = commands.add_parser("trust", help="accept a host's key, by the fingerprint that you compared")
    trust.add_argument("fingerprint", metavar="SHA256:...")
    trust.set_defaults(run="splittui.cli.trust:trust")

    trace = commands.add_parser("trace", help="where mail for an address goes, and why (exit 2: not all of it arrives)")
    trace.add_argument("address", metavar="ADDRESS")
    trace.add_argument("--from", dest="origin", choices=("internet", "zimbra", "legacy"), help="only mail from there")
    trace.add_argument("--plan", type=Path, metavar="FILE", help="as it would be after this plan, which is not run")
    trace.add_argument("--json", action="store_true", help="an object on stdout")
    trace.set_defaults(run="splittui.cli.trace:trace")

    prove = commands.add_parser("prove", help="send marked messages, see which way they go (exit 2: not as predicted)")
    prove.add_argument("addresses", nargs="+", metavar="ADDRESS")
    prove.add_argument("--from", dest="origin", choices=("internet", "zimbra", "legacy"), help="only mail from there")
    prove.add_argument("--sender", metavar="ADDRESS", help="who sends them and gets bounces (default: probe.sender)")
    prove.add_argument(
        "--wait", type=_wait, default=90.0, metavar="SECONDS", help="how long they are followed at most (default 90)"
    )
    prove.add_argument("--yes", action="store_true", help="do not ask")
    prove.add_argument("--json", action="store_true", help="an array of objects on stdout")
    prove.set_defaults(run="splittui.cli.prove:prove")

    _wave_commands(commands.add_parser("wave", help="people who are moved together, by a list, in parts"))

    plan = commands.add_parser("plan", help="make a plan; changes nothing (exit 2: there is something to change)")
    kinds = plan.add_subparsers(title="plans", metavar="KIND", required=True)
    move_plan = kinds.add_parser("move", help="a plan that moves people")
    _move_options(move_plan)
    move_plan.add_argument("--out", type=Path, metavar="FILE", help="write the plan to a new file, for apply")
    move_plan.set_defaults(run="splittui.cli.moves:plan_move")

    apply = commands.add_parser("apply", help="run a plan that was written by plan --out")
    apply.add_argument("file", type=Path, metavar="FILE")
    _apply_options(apply)
    apply.set_defaults(run="splittui.cli.moves:apply")

    move = commands.add_parser("move", help="plan and apply in one go")
    _move_options(move)
    _run_options(move)
    move.set_defaults(run="splittui.cli.moves:move")

    resume = commands.add_parser("resume", help="finish an earlier run; what it had done is never sent again")
    resume.add_argument("run_number", type=int, metavar="RUN", help="the number of a run")
    _apply_options(resume)
    resume.set_defaults(run="splittui.cli.again:resume")

    undo = commands.add_parser("undo", help="take an earlier run back; what others changed since is left alone")
    undo.add_argument("run_number", type=int, metavar="RUN", help="the number of a run")
    _apply_options(undo)
    undo.set_defaults(run="splittui.cli.again:undo")

    _letters_options(commands.add_parser("letters", help="what is new, in a letter to those who were moved to Zimbra"))

    history = commands.add_parser("history", help="the runs so far, or one of them step by step")
    history.add_argument("run_number", nargs="?", type=int, metavar="RUN", help="the number of a run")
    history.add_argument("--json", action="store_true", help="an array of runs, or the whole run, on stdout")
    history.set_defaults(run="splittui.cli.history:history")

    export = commands.add_parser("export", help="one run as CSV, JSON, or an HTML page for whoever has to know")
    export.add_argument("run_number", type=int, metavar="RUN", help="the number of a run")
    export.add_argument("--format", choices=("html", "csv", "json"), default="html", help="default: html")
    export.add_argument("--out", type=Path, metavar="FILE", help="write to a new file, not to stdout")
    export.set_defaults(run="splittui.cli.history:export")
    return top


def _lab_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--accounts", type=_count, default=1200, metavar="N", help="how many people (default 1200)")
    command.add_argument("--seed", type=int, default=7, metavar="S", help="the same seed makes the same people")
    command.add_argument("--role", choices=("primary", "secondary"), default="primary", help="what Zimbra is")
    command.add_argument("--empty", action="store_true", help="nobody is on Zimbra yet: for the guide (splittui setup)")
    command.add_argument("--dir", type=Path, metavar="DIR", help="keep the lab there, or use the one that is there")
    command.add_argument(
        "--zmprov-delay", type=_seconds, default=0.0, metavar="SECONDS", help="what starting zmprov takes (a JVM: 2.4)"
    )


def _console_options(command: argparse.ArgumentParser, *, repeated: bool = False) -> None:
    default = argparse.SUPPRESS if repeated else None
    command.add_argument("--theme", default=default, metavar="NAME", help="a theme of the console (ansi-dark: yours)")
    command.add_argument(
        "--ascii",
        action="store_true",
        default=argparse.SUPPRESS if repeated else False,
        help="draw with plain ASCII characters",
    )


def _connect_options(command: argparse.ArgumentParser) -> None:
    become = ("direct", "sudo", "runuser", "su")
    command.add_argument("--domain", metavar="DOMAIN", help="the mail domain that is split")
    command.add_argument("--role", choices=("primary", "secondary"), help="what Zimbra is, or is to be")
    command.add_argument("--zimbra", metavar="HOST", help="Zimbra's host, as ssh knows it")
    command.add_argument("--zimbra-user", metavar="USER", help="who logs in there")
    command.add_argument("--become", choices=become, help="how that user becomes zimbra")
    command.add_argument("--legacy", metavar="HOST", help="the existing mail system's host")
    command.add_argument("--transport", metavar="TRANSPORT", help="how Postfix gets there (smtp:HOST:25)")
    command.add_argument("--people", type=Path, metavar="FILE", help="its people, exported as CSV or LDIF")
    command.add_argument("--legacy-ssh", metavar="HOST", help="where to log in for its routing, if at all")
    command.add_argument("--legacy-user", metavar="USER", help="who logs in there")
    command.add_argument("--legacy-become", choices=become, help="how that user becomes root there")
    command.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="any other setting of the profile"
    )
    command.add_argument("--yes", action="store_true", help="write it without asking")
    command.add_argument("--json", action="store_true", help="an array of what was tried on stdout")


def _move_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("addresses", nargs="+", metavar="ADDRESS")
    command.add_argument("--to", choices=("zimbra", "legacy"), required=True, help="the new home")
    command.add_argument("--json", action="store_true", help="the plan, or the result, as JSON on stdout")


def _setup_options(command: argparse.ArgumentParser) -> None:
    goals = ("primary", "secondary", "to-primary", "to-secondary", "finish", "roll-back")
    command.add_argument("goal", nargs="?", choices=goals, help="the undertaking (default: the profile's role)")
    command.add_argument("--task", metavar="TASK", help="one task whole: what, why, commands, words for the other side")
    command.add_argument(
        "--system",
        choices=("postfix", "sendmail", "exchange", "exchange-online", "google", "other"),
        help="what the existing mail system is, for the exact words (default: setup.system)",
    )
    command.add_argument(
        "--skip", action="append", default=[], metavar="TASK=REASON", help="leave an optional task out, and say why"
    )
    command.add_argument(
        "--choose",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="write a choice for the set-up into the profile, such as backscatter=verify or skipped.TASK=REASON",
    )
    command.add_argument("--roles", action="store_true", help="what either role means here, and which to take")
    command.add_argument(
        "--save", type=Path, metavar="DIR", help="write the words for the existing system's administrator to files"
    )
    command.add_argument("--json", action="store_true", help="the tasks on stdout, or the one")
    _run_options(command)


def _wave_commands(wave: argparse.ArgumentParser) -> None:
    kinds = wave.add_subparsers(title="what to do with a wave", metavar="WHAT", required=True)
    save = kinds.add_parser("save", help="keep a list of people under a name; nobody is moved yet")
    save.add_argument("name", metavar="NAME")
    save.add_argument("--to", choices=("zimbra", "legacy"), default="zimbra", help="where they move (default zimbra)")
    save.add_argument("file", metavar="FILE", help="an address a line, or CSV with a column address; - for stdin")
    listing = kinds.add_parser("list", help="the waves, and how far they are by the journal")
    listing.add_argument("--json", action="store_true", help="an array of objects on stdout")
    show = kinds.add_parser("show", help="everybody in a wave, with how far they are; reads both systems")
    plan = kinds.add_parser("plan", help="a plan for whose turn it is; changes nothing (exit 2: there is something)")
    plan.add_argument("--out", type=Path, metavar="FILE", help="write the plan to a new file, for apply")
    apply = kinds.add_parser("apply", help="move those whose turn it is")
    retry = kinds.add_parser("retry", help="move those who failed, and nobody else")
    remove = kinds.add_parser("remove", help="forget a wave; its runs and its people stay as they are")
    for name, command in (("show", show), ("plan", plan), ("apply", apply), ("retry", retry), ("remove", remove)):
        command.add_argument("name", metavar="NAME")
        command.set_defaults(run=f"splittui.cli.wave:{name}")
    retry.set_defaults(first=None)
    save.set_defaults(run="splittui.cli.wave:save")
    listing.set_defaults(run="splittui.cli.wave:list_waves")
    for command in (show, plan):
        command.add_argument("--json", action="store_true", help="an object on stdout")
    for command in (plan, apply):
        command.add_argument("--first", type=_count, metavar="N", help="only the next N (default: all of them)")
    for command in (apply, retry):
        _apply_options(command)


def _letters_options(letters: argparse.ArgumentParser) -> None:
    letters.add_argument("addresses", nargs="*", metavar="ADDRESS", help="who gets one; only who lives on Zimbra does")
    letters.add_argument("--run", dest="of_run", type=int, metavar="N", help="those who moved to Zimbra in that run")
    letters.add_argument("--wave", metavar="NAME", help="those of a wave")
    letters.add_argument("--all", action="store_true", help="everybody who lives on Zimbra now")
    letters.add_argument("--when", metavar="TEXT", help="since when (default: the day of the run that moved them)")
    letters.add_argument("--to", type=Path, metavar="DIR", help="write ADDRESS.md and ADDRESS.txt there")
    letters.add_argument("--force", action="store_true", help="also over files that hold something else")
    letters.add_argument(
        "--command",
        metavar="LINE",
        help="hand each text to a program on stdin; {address}, {name} and {file} stand for the letter's (no shell)",
    )
    letters.add_argument("--markdown", action="store_true", help="print, or hand over, Markdown and not plain text")
    letters.add_argument("--template", action="store_true", help="write the template beside the profiles, to edit it")
    letters.add_argument("--json", action="store_true", help="an array of objects on stdout")
    letters.set_defaults(run="splittui.cli.letters:letters")


def _apply_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    _run_options(command)


def _run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.add_argument(
        "--probe", action="store_true", help="ask the new homes by SMTP, too, whether they take mail; sends none"
    )
    command.add_argument(
        "--confirm",
        metavar="WORD",
        default="",
        help="the word that is asked for where a plan is large, deletes, or concerns everybody",
    )
    command.add_argument(
        "--override",
        metavar="DOMAIN",
        default="",
        help="run a plan although an error was found in it: the domain's name, to be sure that you mean it",
    )


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("must be from 1 to 1000000")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 60:
        raise argparse.ArgumentTypeError("must be from 0 to 60 seconds")
    return number


def _wait(text: str) -> float:
    number = float(text)
    if not 1 <= number <= 3600:
        raise argparse.ArgumentTypeError("must be from 1 to 3600 seconds")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; never shows a traceback for what an operator can meet."""
    options = parser().parse_args(arguments)
    module, _, name = options.run.partition(":")
    command: Callable[[argparse.Namespace], Exit] = getattr(import_module(module), name)
    try:
        return command(options)
    except CommandError as error:
        print(f"splittui: {error}", file=sys.stderr)
        return error.code
    except ConfigError as error:
        print(f"splittui: {error}", file=sys.stderr)
        return Exit.FAILED
    except KeyboardInterrupt:
        print("splittui: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.FAILED
