"""``splittui check``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import groupby

from splittui.cli.directory_line import directory_line
from splittui.cli.exits import Exit
from splittui.cli.reading import read, site
from splittui.mailflow.findings import Found, findings
from splittui.model.text import clean
from splittui.planning.plan import Severity
from splittui.planning.plan_json import Json

_SHOWN = 5
_PLURAL = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "notes"}


def check(options: argparse.Namespace) -> Exit:
    """What is wrong with the split, or will be, as text or as JSON; changes nothing."""
    with site(options) as opened:
        seen = read(opened)
    print(f"splittui: {directory_line(seen.split.legacy, seen.snapshot.legacy)}", file=sys.stderr)
    found = findings(seen.split, seen.snapshot, seen.people, seen.tracer)
    if options.json:
        json.dump([as_json(one) for one in found], sys.stdout, ensure_ascii=True)
        print()
    else:
        print("\n".join(_text(found) or ["Nothing was found in what was read."]))
    if not seen.snapshot.complete:
        return Exit.FAILED
    return Exit.PENDING if found else Exit.OK


def as_json(one: Found) -> dict[str, Json]:
    """One finding as ``check --json`` shows it."""
    return {
        "severity": one.severity.value,
        "code": one.code,
        "title": one.title,
        "addresses": list(one.addresses),
        "evidence": one.evidence,
        "consequence": one.consequence,
        "fix": list(one.fix),
    }


def _text(found: Sequence[Found]) -> list[str]:
    told: list[str] = []
    for severity, group in groupby(found, key=lambda one: one.severity):
        of_this = list(group)
        told.append(f"{len(of_this)} {_PLURAL[severity] if len(of_this) > 1 else _PLURAL[severity].removesuffix('s')}")
        for one in of_this:
            told += ["", f"  {clean(one.title)} [{one.code}]"]
            if one.addresses:
                told.append(f"    who          {_folded(one.addresses)}")
            told.append(f"    evidence     {clean(one.evidence)}")
            told.append(f"    consequence  {clean(one.consequence)}")
            told += _fix(one.fix)
        told.append("")
    return told[:-1]


def _folded(addresses: Sequence[str]) -> str:
    shown = ", ".join(clean(address) for address in addresses[:_SHOWN])
    more = len(addresses) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def _fix(fix: Sequence[str]) -> list[str]:
    told = [f"    {'fix' if not number else '':11}  {clean(line)}" for number, line in enumerate(fix[:_SHOWN])]
    more = len(fix) - _SHOWN
    return [*told, f"    {'':11}  and {more:,} more"] if more > 0 else told
