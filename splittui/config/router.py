"""How the existing mail system is told where a person lives."""

from __future__ import annotations

from splittui.config.table import Table
from splittui.model.router import Router, TemplateError, words


def router(legacy: Table) -> Router | None:
    if "router" not in legacy:
        return None
    table = legacy.table("router", ("kind", "show", "away", "here", "reload"))
    table.choice("kind", ("command",))
    for key in ("show", "away", "here"):
        try:
            found = words(table.text(key), address="{address}")
        except TemplateError as error:
            raise table.error(key, str(error)) from error
        if not any("{address}" in word for word in found):
            raise table.error(key, "has no {address} in it")
    if "ssh" not in legacy:
        raise legacy.error("ssh", "is missing: the router's commands are run over SSH")
    return Router(table.text("show"), table.text("away"), table.text("here"), table.text("reload", ""))
