"""The address book (GAL): people who stand in it twice."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import Scene, addresses, lines
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity

MODE = "zimbraGalMode"
OUTSIDE = "zimbraGalLdapURL"
HIDDEN = "zimbraHideInGal"


def shown_twice(scene: Scene) -> Iterator[Found]:
    """With mode ``both`` Zimbra adds what the outside directory finds to its own entries, and does not compare them."""
    domain = scene.snapshot.zimbra.domain
    if domain.one(MODE).lower() != "both" or not domain.one(OUTSIDE):
        return
    shown = [
        account
        for account in scene.by_transport[Leads.LEGACY]
        if not account.hidden_in_gal and scene.keeps(account.address) is not None
    ]
    if shown:
        names = addresses(shown)
        yield Found(
            Severity.WARNING,
            "gal-doubles",
            "People who stand in the address book twice",
            names,
            f"{MODE} is both, {OUTSIDE} is {domain.one(OUTSIDE)}, and their placeholders have no {HIDDEN} TRUE",
            "None to mail: but whoever looks them up finds each of them twice, as far as the outside address book "
            f"holds the people of {scene.split.legacy}.",
            (
                "Either leave it to the placeholders, if they are all there:",
                quote_line(("md", domain.name, MODE, "zimbra")),
                "Or hide the placeholders:",
                *lines("ma", names, HIDDEN, "TRUE"),
            ),
        )


CHECKS = (shown_twice,)
