"""What is wrong with a split, or will be: every check over what was read, worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from splittui.mailflow.findings import (
    address_book,
    config,
    domain,
    exchangers,
    lists,
    names,
    people,
    placeholders,
    transports,
    unreadable,
)
from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.scene import Scene, made
from splittui.mailflow.tracer import Tracer
from splittui.model.home import Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.plan import Severity

__all__ = ["Found", "findings"]

_CHECKS: tuple[Callable[[Scene], Iterator[Found]], ...] = (
    *domain.CHECKS,
    *config.CHECKS,
    *exchangers.CHECKS,
    *people.CHECKS,
    *placeholders.CHECKS,
    *transports.CHECKS,
    *unreadable.CHECKS,
    *names.CHECKS,
    *lists.CHECKS,
    *address_book.CHECKS,
)
_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def findings(split: Split, snapshot: Snapshot, roster: Mapping[str, Person], tracer: Tracer) -> tuple[Found, ...]:
    """Everything that is found. ``roster`` and ``tracer`` are those of this snapshot.

    Of a partial snapshot nothing is concluded from somebody's absence in the half that is not complete.
    """
    scene = made(split, snapshot, roster, tracer)
    if not snapshot.zimbra.domain.exists:
        return tuple(domain.not_hosted(scene))
    found = [one for check in _CHECKS for one in check(scene)]
    return tuple(sorted(found, key=lambda one: _RANK[one.severity]))
