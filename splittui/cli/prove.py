"""``splittui prove``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from splittui.cli.exits import CommandError, Exit
from splittui.cli.people import addresses
from splittui.cli.reading import read, site
from splittui.cli.signals import ended_by_signals
from splittui.cli.trace import as_json as route_as_json
from splittui.execution.control import Control
from splittui.execution.events import LiveKind, LiveLine
from splittui.execution.prove import Proof, Prover
from splittui.execution.site import Site
from splittui.mailflow.agreement import Agreement
from splittui.mailflow.route import Route
from splittui.mailflow.world import Origin
from splittui.model.address import AddressError, domain_of, parse_address
from splittui.model.text import clean
from splittui.planning.plan_json import Json
from splittui.tui.glyphs import ASCII
from splittui.tui.trace_lines import plain_text

_MARKS = {LiveKind.SENT: "C: ", LiveKind.RUN: "$ ", LiveKind.RECEIVED: "S: ", LiveKind.NOTE: "! "}
_SIGNS = {Agreement.AGREES: "+", Agreement.DIFFERS: "x", Agreement.UNPROVEN: "!"}


def prove(options: argparse.Namespace) -> Exit:
    """Sends marked messages, after a confirmation, and shows which way they really went."""
    wanted = addresses(options.addresses)
    with site(options) as opened:
        sender = _sender(options.sender, opened)
        strangers = [address for address in wanted if domain_of(address) != opened.split.domain]
        if strangers:
            raise CommandError(
                f"{', '.join(strangers)}: only mail to {opened.split.domain} can be proven.", Exit.REFUSED
            )
        origins = _origins(options.origin, opened)
        seen = read(opened)
        if not seen.snapshot.complete:
            raise CommandError(
                "Nothing was sent: what was read is not complete, so nothing is predicted.", Exit.REFUSED
            )
        routes = [route for address in wanted for route in seen.tracer.routes(address) if route.origin in origins]
        _confirm(routes, sender, opened, options.yes)
        control = Control()
        with ended_by_signals(control):
            proofs = Prover(opened.standpoints, sender, _narrate, control, options.wait).prove(routes)
    if options.json:
        json.dump([as_json(proof) for proof in proofs], sys.stdout, ensure_ascii=True)
        print()
    else:
        print("\n\n".join("\n".join(_text(proof)) for proof in proofs))
    return _exit(proofs)


def _sender(given: str | None, opened: Site) -> str:
    if given is None and opened.profile.probing.sender:
        return opened.profile.probing.sender
    if given is None:
        raise CommandError(
            "Nothing was sent: say who sends it, with --sender or in the profile (probe.sender). Take an address of "
            "your own that gets mail, since bounces come back to it.",
            Exit.REFUSED,
        )
    try:
        return parse_address(given)
    except AddressError as error:
        raise CommandError(str(error)) from error


def _origins(wanted: str | None, opened: Site) -> list[Origin]:
    able = [origin for origin in Origin if opened.standpoints.vantage(origin) is not None]
    if wanted is None:
        return able
    if Origin(wanted) not in able:
        raise CommandError(
            f"Nothing was sent: the profile has no login on {opened.split.legacy} (legacy.ssh), from where its users' "
            "mail would be sent.",
            Exit.REFUSED,
        )
    return [Origin(wanted)]


def _confirm(routes: Sequence[Route], sender: str, opened: Site, yes: bool) -> None:
    """Says what will be sent, and asks unless ``yes``. Raises CommandError where the answer is not yes."""
    for route in routes:
        vantage = opened.standpoints.vantage(route.origin)
        by = vantage.name if vantage is not None else "nowhere"
        several = f"; it reaches {len(route.ends)} people" if len(route.ends) > 1 else ""
        who = _who(route.origin, opened)
        print(f"  a message to {route.address}, as mail from {who}, sent from {by}{several}", file=sys.stderr)
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nothing was sent: say --yes, or answer at a terminal.", Exit.REFUSED)
    asked = f"Send {'this message' if len(routes) == 1 else f'these {len(routes)} messages'} from {sender}? Type yes: "
    print(asked, end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise CommandError("Nothing was sent.", Exit.REFUSED)


def _who(origin: Origin, opened: Site) -> str:
    names = {Origin.ZIMBRA: f"a user of {opened.split.zimbra}", Origin.LEGACY: f"a user of {opened.split.legacy}"}
    return names.get(origin, "the internet")


def _narrate(line: LiveLine) -> None:
    print(f"  {clean(line.host)}  {_MARKS[line.kind]}{clean(line.text)}", file=sys.stderr)


def as_json(proof: Proof) -> dict[str, Json]:
    """One proof as ``prove --json`` shows it."""
    return {
        "address": proof.predicted.address,
        "from": proof.predicted.origin.value,
        "result": proof.agreement.value,
        "why": proof.why,
        "message_id": proof.message_id,
        "predicted": route_as_json(proof.predicted),
        "seen": None if proof.seen is None else route_as_json(proof.seen),
        "dialogue": list(proof.dialogue),
    }


def _text(proof: Proof) -> list[str]:
    told = [f"{proof.predicted.address}, as predicted", *plain_text(proof.predicted, ASCII)]
    if proof.seen is not None:
        told += ["", f"{proof.predicted.address}, as seen ({proof.message_id})", *plain_text(proof.seen, ASCII)]
    why = f": {clean(proof.why)}" if proof.why else ""
    return [*told, "", f"{_SIGNS[proof.agreement]} {proof.agreement.value}{why}"]


def _exit(proofs: Sequence[Proof]) -> Exit:
    if any(proof.agreement is Agreement.DIFFERS for proof in proofs):
        return Exit.PENDING
    if any(proof.unreachable for proof in proofs):
        return Exit.UNREACHABLE
    proven = proofs and all(proof.agreement is Agreement.AGREES for proof in proofs)
    return Exit.OK if proven else Exit.FAILED
