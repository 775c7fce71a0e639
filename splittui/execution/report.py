"""A run as one HTML page that tells its story without the program: no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from splittui.execution.events import LiveKind, LiveLine, Outcome
from splittui.execution.history import SO, JournalledStep, RunRecord
from splittui.model.text import clean
from splittui.planning.plan import Act, Step

_STYLE = """
:root { color-scheme: light dark; --quiet: #68707a; --good: #1a7f37; --bad: #c1121f; --warn: #9a6700; --line: #8884; }
@media (prefers-color-scheme: dark) { :root { --quiet: #9aa4af; --good: #4ac26b; --bad: #ff7b72; --warn: #d9a520; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.quiet { color: var(--quiet); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem;
border-bottom: 1px solid var(--line); } th { font-weight: 600; } code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
del { text-decoration: none; color: var(--bad); }
ins { text-decoration: none; color: var(--good); } summary { cursor: pointer; }
.number, .when { width: 1%; white-space: nowrap; }
.number { text-align: right; } .what { width: 55%; }
"""
_TONES = {
    Outcome.DONE: "good",
    Outcome.ALREADY: "good",
    Outcome.CONFLICT: "warn",
    Outcome.FAILED: "bad",
    Outcome.UNKNOWN: "bad",
    Outcome.SKIPPED: "quiet",
}
_WORDS = {
    Outcome.DONE: "done and read back",
    Outcome.ALREADY: "already so, nothing was sent",
    Outcome.CONFLICT: "left alone: changed since the plan was made",
    Outcome.FAILED: "failed: what was read back is told with each",
    Outcome.UNKNOWN: "sent, and what became of it is not known",
    Outcome.SKIPPED: "never sent",
}
_PROMPTS = {LiveKind.SENT: "prov> ", LiveKind.RUN: "$ ", LiveKind.RECEIVED: "", LiveKind.NOTE: "! "}


def html(run: RunRecord, lines: Mapping[int, Sequence[LiveLine]], undone_by: str = "") -> str:
    """The page. ``lines`` are the dialogue by step; ``undone_by`` is how the run is taken back, in words."""
    title = f"Run {run.id} on {run.plan.domain}: {run.state.value}"
    return "".join(
        (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>\n",
            *_head(run, title, undone_by),
            *_counts(run),
            *_findings(run),
            *_steps(run, lines),
            "</body></html>\n",
        )
    )


def _head(run: RunRecord, title: str, undone_by: str) -> Iterator[str]:
    ended = moment(run.ended_at) if run.ended_at is not None else "never: its process or its machine was gone"
    again = f", takes up run {run.resumes} again" if run.resumes is not None else ""
    yield f"<h1>{_text(title)}</h1>\n"
    yield (
        f'<p class="quiet">{_text(run.who)} by profile {_text(run.profile)}{again}<br>began {moment(run.started_at)}, '
        f"ended {ended}<br>plan <code>{_text(run.fingerprint)}</code>, made {moment(run.plan.made_at)}; "
        f"Zimbra is {run.plan.role.value} for {_text(run.plan.domain)}</p>\n"
    )
    if run.error:
        yield f'<p class="bad">It ended early: {_text(run.error)}</p>\n'
    if run.open_people:
        yield f"<p><b>Not finished for:</b> {_text(', '.join(run.open_people))}</p>\n"
    if undone_by:
        yield f"<p>To take it back: <code>{_text(undone_by)}</code></p>\n"


def _counts(run: RunRecord) -> Iterator[str]:
    yield "<h2>What became of it</h2>\n<table>\n"
    yield f'<tr><td class="number">{len(run.plan.people)}</td><td>people in the plan</td></tr>\n'
    yield f'<tr><td class="number">{len(run.plan.steps)}</td><td>steps in the plan</td></tr>\n'
    for outcome in Outcome:
        count = run.count(outcome)
        if count:
            words = f'<span class="{_TONES[outcome]}">{outcome.value}</span>: {_WORDS[outcome]}'
            yield f'<tr><td class="number">{count}</td><td>{words}</td></tr>\n'
    yield "</table>\n"


def _findings(run: RunRecord) -> Iterator[str]:
    if run.plan.findings:
        yield "<h2>Known before it began</h2>\n<ul>\n"
        for finding in run.plan.findings:
            yield f"<li>{_text(finding.severity.value)}: {_text(finding.message)}"
            yield (
                f' <span class="quiet">{_text(", ".join(finding.addresses))}</span></li>\n' if finding.addresses else ""
            )
        yield "</ul>\n"
    if run.plan.refusals:
        yield "<h2>Asked for, and not in the plan</h2>\n<ul>\n"
        yield from (f"<li>{_text(refusal.address)} {_text(refusal.reason)}</li>\n" for refusal in run.plan.refusals)
        yield "</ul>\n"


def _steps(run: RunRecord, lines: Mapping[int, Sequence[LiveLine]]) -> Iterator[str]:
    yield "<h2>Step by step</h2>\n<table>\n<tr><th>#</th><th>when</th><th>who</th><th>what</th><th>outcome</th></tr>\n"
    for number, step in enumerate(run.plan.steps):
        done = run.steps.get(number)
        outcome = run.outcome(number)
        said = done.message if done is not None else ""
        if done is not None and done.outcome is None and done.unknown:
            said = "it was sent, and the run was gone before its answer: read the entry to see"
        at = moment(done.sent_at or done.ended_at) if done is not None else ""
        # The day stands in the head of the page; of a run past midnight, in the title.
        when = f'<span title="{at}">{at[11:19]}</span>'
        yield (
            f'<tr id="step-{number + 1}"><td class="number">{number + 1}</td><td class="when">{when}</td>'
            f'<td>{_text(step.address)}</td><td class="what">{_what(step)}{_as_found(done, outcome)}'
            f"{_dialogue(lines.get(number, ()))}</td>"
            f'<td class="{_TONES[outcome]}">{outcome.value}<br><span class="quiet">{_text(said)}</span></td></tr>\n'
        )
    yield "</table>\n"


def _what(step: Step) -> str:
    parts = [f"{_text(step.summary)} <span class='quiet'>on {_text(step.host)}</span><pre>{_text(step.command)}\n"]
    for change in step.changes if step.act is not Act.RELOAD else ():
        note = "  (Zimbra writes this itself)" if change.implied else ""
        parts += [f"<del>- {_text(change.attribute)}: {_text(value)}</del>\n" for value in change.before]
        parts += [f"<ins>+ {_text(change.attribute)}: {_text(value)}{note}</ins>\n" for value in change.after]
    return "".join((*parts, "</pre>"))


def _as_found(done: JournalledStep | None, outcome: Outcome) -> str:
    """What the entry really was, where it is not what the plan says."""
    if done is None or outcome in SO or not done.after:
        return ""
    read = "".join(f"{_text(name)}: {_text(', '.join(values) or 'not set')}\n" for name, values in done.after.items())
    return f"<p>As it was read last:</p><pre>{read}</pre>"


def _dialogue(lines: Sequence[LiveLine]) -> str:
    if not lines:
        return ""
    said = "".join(f"{_text(line.host)}  {_PROMPTS[line.kind]}{_text(line.text)}\n" for line in lines)
    return f"<details><summary>what was said ({len(lines)} lines)</summary><pre>{said}</pre></details>"


def moment(at: float | None) -> str:
    """A time as an auditor wants it: in UTC, to the second."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _text(value: str) -> str:
    return escape(clean(value))
