"""Plans as JSON, out and in, and their fingerprint. No secret is ever in it: the plan does not know any."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from splittui.model.entries import Role, Side
from splittui.model.zmprov_line import parse_line
from splittui.planning.json_fields import Json as Json
from splittui.planning.json_fields import PlanFormatError as PlanFormatError
from splittui.planning.json_fields import as_object, items, number, objects, text, texts
from splittui.planning.plan import Act, Change, Fact, Finding, Plan, Refusal, Severity, Step, Target
from splittui.planning.route_json import route_from_json, route_to_json

FORMAT = 1


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
        "ground": _facts_to_json(plan.ground),
    }


def plan_from_json(data: Json) -> Plan:
    """The plan that ``plan_to_json`` wrote. Raises PlanFormatError, also where the fingerprint does not fit."""
    top = as_object(data, "the plan")
    if top.get("format") != FORMAT:
        raise PlanFormatError(f"This is not a plan of format {FORMAT}.")
    try:
        plan = Plan(
            domain=text(top, "domain"),
            role=Role(text(top, "role")),
            made_at=number(top, "made_at"),
            steps=tuple(_step_from_json(step) for step in objects(top, "steps", "a step")),
            findings=tuple(
                Finding(Severity(text(f, "severity")), text(f, "code"), text(f, "message"), texts(f, "addresses"))
                for f in objects(top, "findings", "a finding")
            ),
            refusals=tuple(
                Refusal(text(r, "address"), text(r, "reason")) for r in objects(top, "refused", "a refusal")
            ),
            # Runs that were journalled by an earlier splittui have none.
            ground=_facts_from_json(as_object(top.get("ground", {}), "the ground")),
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
        "route": None if step.route is None else route_to_json(step.route),
        "target": step.target.value,
        "entry": step.entry,
        "given": list(step.given),
    }


def _step_from_json(data: Mapping[str, Json]) -> Step:
    to = data.get("to")
    act = Act(text(data, "act"))
    route = route_from_json(data.get("route"))
    if (route is None) is (act is Act.ROUTE):
        raise PlanFormatError(f"a step to {act} has no route, or one too many")
    return Step(
        host=text(data, "host"),
        act=act,
        tokens=tuple(parse_line(text(data, "command"))) if route is None else (),
        secrets=tuple(int(number({"n": n}, "n")) for n in items(data, "secrets")),
        address=text(data, "address"),
        side=None if to is None else Side(text(data, "to")),
        summary=text(data, "summary"),
        changes=tuple(
            Change(
                text(c, "entry"), text(c, "attribute"), texts(c, "before"), texts(c, "after"), c.get("implied") is True
            )
            for c in objects(data, "changes", "a change")
        ),
        expect=_facts_from_json(as_object(data.get("expect"), "expect")),
        verify=_facts_from_json(as_object(data.get("verify"), "verify")),
        undo=texts(data, "undo"),
        route=route,
        target=Target(text(data, "target")),
        entry=text(data, "entry"),
        given=texts(data, "given"),
    )


def _facts_to_json(facts: Iterable[Fact]) -> dict[str, Json]:
    return {fact.attribute: list(fact.values) for fact in facts}


def _facts_from_json(data: Mapping[str, Json]) -> tuple[Fact, ...]:
    return tuple(Fact(attribute, texts(data, attribute)) for attribute in data)
