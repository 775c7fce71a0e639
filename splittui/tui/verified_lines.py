"""What both MTAs said after a run, in lines: how many answers are as planned, which are not, and who did not answer.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from splittui.execution.events import Verified
from splittui.execution.verification import Check
from splittui.model.text import clean

_SHOWN = 5


def verified_lines(verified: Verified) -> Iterator[tuple[str, str]]:
    """Lines of cleaned text, each with its kind: ``good``, ``bad`` or ``warning``. Nothing where nothing was asked."""
    asked = len(verified.checks) - len(verified.unanswered)
    right = asked - len(verified.wrong)
    if asked:
        kind = "bad" if verified.wrong else "good"
        yield kind, f"asked where mail goes now, the MTAs gave {right:,} of {asked:,} answers as planned"
    for check in verified.wrong[:_SHOWN]:
        yield "bad", _wrong(check)
    if len(verified.wrong) > _SHOWN:
        yield "bad", f"and {len(verified.wrong) - _SHOWN:,} more"
    for host, trouble in {check.host: check.trouble for check in reversed(verified.unanswered)}.items():
        yield "warning", f"{clean(host)} could not be asked where mail goes now: {clean(trouble)}"
    if verified.not_kept:
        yield "warning", clean(verified.not_kept)


def _wrong(check: Check) -> str:
    said, planned = clean(check.answered) or "nothing", clean(check.expected) or "nothing"
    return f"{check.address}: on {clean(check.host)}, {clean(check.asked)} says {said} instead of {planned}"
