"""Changes of the existing mail system's routing as JSON, out and in."""

from __future__ import annotations

from splittui.model.router import System
from splittui.planning import json_fields
from splittui.planning.json_fields import Json, PlanFormatError
from splittui.planning.route_change import (
    AttributeChange,
    EntryChange,
    HandWork,
    RouteChange,
    RouteCommand,
    TableLine,
)


def route_to_json(route: RouteChange) -> dict[str, Json]:
    match route:
        case RouteCommand():
            return {"kind": "command", "do": list(route.do), "back": list(route.back), "show": list(route.show)}
        case TableLine():
            values: dict[str, Json] = {"table": route.table, "key": route.key}
            return {"kind": "table", **values, "before": route.before, "after": route.after}
        case EntryChange():
            changes: list[Json] = [
                {"attribute": c.attribute, "before": list(c.before), "after": list(c.after)} for c in route.changes
            ]
            entry: dict[str, Json] = {"base": route.base, "attribute": route.attribute, "value": route.value}
            return {"kind": "entry", **entry, "changes": changes}
        case HandWork():
            words: dict[str, Json] = {"do": list(route.do), "back": list(route.back), "show": list(route.show)}
            return {"kind": "hand", "system": route.system.value, **words}


def route_from_json(data: Json) -> RouteChange | None:
    """The change that ``route_to_json`` wrote. Raises PlanFormatError, and ValueError for a system there is not."""
    if data is None:
        return None
    found = json_fields.as_object(data, "a route")
    text, texts = json_fields.text, json_fields.texts
    match found.get("kind"):
        case "command":
            return RouteCommand(texts(found, "do"), texts(found, "back"), texts(found, "show"))
        case "table":
            return TableLine(*(text(found, key) for key in ("table", "key", "before", "after")))
        case "entry":
            changes = tuple(
                AttributeChange(text(c, "attribute"), texts(c, "before"), texts(c, "after"))
                for c in json_fields.objects(found, "changes", "a change of an attribute")
            )
            return EntryChange(text(found, "base"), text(found, "attribute"), text(found, "value"), changes)
        case "hand":
            system = System(text(found, "system"))
            return HandWork(system, texts(found, "do"), texts(found, "back"), texts(found, "show"))
    raise PlanFormatError("a route is of no kind that is known")
