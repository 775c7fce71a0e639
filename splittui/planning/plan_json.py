"""Plans as JSON, out and in, and their fingerprint. No secret is ever in it: the plan does not know any."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from splittui.model.entries import Role, Side
from splittui.model.zmprov_line import parse_line
from splittui.planning.plan import Act, Change, Fact, Finding, Plan, Refusal, Severity, Step

FORMAT = 1

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class PlanFormatError(ValueError):
    """The text is not a plan this program wrote, or was changed since; the message says where."""


def fingerprint(plan: Plan) -> str:
    """A name for exactly these steps on exactly these values: 16 hexadecimal digits of SHA-256, in groups of four."""
    return _fingerprint(plan, [_step_to_json(step) for step in plan.steps])


def _fingerprint(plan: Plan, steps: list[Json]) -> str:
    digest = hashlib.sha256(f"{plan.domain}\n{plan.role.value}\n".encode())
    for step in steps:
        digest.update(json.dumps(step, sort_keys=True, ensure_ascii=True).encode() + b"\n")
    name = digest.hexdigest()
    return "-".join(name[i : i + 4] for i in range(0, 16, 4))


def plan_to_json(plan: Plan) -> dict[str, Json]:
    """The whole plan, ready for ``json.dumps``."""
    steps: list[Json] = [_step_to_json(step) for step in plan.steps]
    return {
        "format": FORMAT,
        "fingerprint": _fingerprint(plan, steps),
        "domain": plan.domain,
        "role": plan.role.value,
        "made_at": plan.made_at,
        "steps": steps,
        "findings": [
            {"severity": f.severity.value, "code": f.code, "message": f.message, "addresses": list(f.addresses)}
            for f in plan.findings
        ],
        "refused": [{"address": r.address, "reason": r.reason} for r in plan.refusals],
    }


def plan_from_json(data: Json) -> Plan:
    """The plan that ``plan_to_json`` wrote. Raises PlanFormatError, also where the fingerprint does not fit."""
    top = _object(data, "the plan")
    if top.get("format") != FORMAT:
        raise PlanFormatError(f"This is not a plan of format {FORMAT}.")
    try:
        plan = Plan(
            domain=_text(top, "domain"),
            role=Role(_text(top, "role")),
            made_at=_number(top, "made_at"),
            steps=tuple(_step_from_json(_object(s, "a step")) for s in _list(top, "steps")),
            findings=tuple(
                Finding(Severity(_text(f, "severity")), _text(f, "code"), _text(f, "message"), _texts(f, "addresses"))
                for f in (_object(f, "a finding") for f in _list(top, "findings"))
            ),
            refusals=tuple(
                Refusal(_text(r, "address"), _text(r, "reason"))
                for r in (_object(r, "a refusal") for r in _list(top, "refused"))
            ),
        )
    except PlanFormatError:
        raise
    except ValueError as error:
        raise PlanFormatError(f"The plan has a value that does not exist: {error}") from error
    if fingerprint(plan) != top.get("fingerprint"):
        raise PlanFormatError("The plan was changed after it was made: its fingerprint does not fit its steps.")
    return plan


def _step_to_json(step: Step) -> dict[str, Json]:
    return {
        "host": step.host,
        "act": step.act.value,
        "command": step.command,
        "secrets": list(step.secrets),
        "address": step.address,
        "to": step.side.value if step.side else None,
        "summary": step.summary,
        "changes": [
            {
                "entry": c.entry,
                "attribute": c.attribute,
                "before": list(c.before),
                "after": list(c.after),
                "implied": c.implied,
            }
            for c in step.changes
        ],
        "expect": _facts_to_json(step.expect),
        "verify": _facts_to_json(step.verify),
        "undo": list(step.undo),
        "probe": list(step.probe),
    }


def _step_from_json(data: Mapping[str, Json]) -> Step:
    to = data.get("to")
    return Step(
        host=_text(data, "host"),
        act=Act(_text(data, "act")),
        tokens=tuple(parse_line(_text(data, "command"))),
        secrets=tuple(int(_number({"n": n}, "n")) for n in _list(data, "secrets")),
        address=_text(data, "address"),
        side=None if to is None else Side(_text(data, "to")),
        summary=_text(data, "summary"),
        changes=tuple(
            Change(
                _text(c, "entry"),
                _text(c, "attribute"),
                _texts(c, "before"),
                _texts(c, "after"),
                c.get("implied") is True,
            )
            for c in (_object(c, "a change") for c in _list(data, "changes"))
        ),
        expect=_facts_from_json(_object(data.get("expect"), "expect")),
        verify=_facts_from_json(_object(data.get("verify"), "verify")),
        undo=_texts(data, "undo"),
        probe=_texts(data, "probe"),
    )


def _facts_to_json(facts: Iterable[Fact]) -> dict[str, Json]:
    return {fact.attribute: list(fact.values) for fact in facts}


def _facts_from_json(data: Mapping[str, Json]) -> tuple[Fact, ...]:
    return tuple(Fact(attribute, _texts(data, attribute)) for attribute in data)


def _object(data: Json, what: str) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise PlanFormatError(f"{what} is not an object")
    return data


def _list(data: Mapping[str, Json], key: str) -> list[Json]:
    value = data.get(key)
    if not isinstance(value, list):
        raise PlanFormatError(f"{key!r} is missing or not a list")
    return value


def _text(data: Mapping[str, Json], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise PlanFormatError(f"{key!r} is missing or not text")
    return value


def _texts(data: Mapping[str, Json], key: str) -> tuple[str, ...]:
    return tuple(_text({"value": item}, "value") for item in _list(data, key))


def _number(data: Mapping[str, Json], key: str) -> float:
    value = data.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise PlanFormatError(f"{key!r} is missing or not a number")
    return value
