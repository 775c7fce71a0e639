"""The existing mail system, by what is known of it: what it accepts, and what it does with what it has accepted."""

from __future__ import annotations

from splittui.mailflow.route import OK, Reply
from splittui.mailflow.world import Client, Keeps, System, World


def receive(world: World, address: str, client: Client) -> tuple[Reply, Keeps | None, str]:
    """Its reply to RCPT TO, what it does with the mail (None: mail for a foreign domain), and why."""
    legacy, own = world.legacy, world.domain.lower()
    domain = address.rpartition("@")[2].lower()
    if domain != own and not (legacy.claims_subdomains and domain.endswith(f".{own}")):
        if client.system is System.LEGACY or (client.system is System.ZIMBRA and legacy.relays_for_zimbra):
            return OK, None, f"it relays for {client.system}"
        return Reply(554, f"5.7.1 <{address}>: Relay access denied"), None, f"{domain} is not its domain"
    keeps = legacy.keeps(address) if domain == own else Keeps.REJECTS
    known = address.lower() in legacy.routes
    if keeps is Keeps.REJECTS:
        text = f"5.1.1 <{address}>: Recipient address rejected: User unknown"
        return Reply(550, text), keeps, f"nobody on {legacy.host} has the address, and it refuses the unknown"
    if keeps is Keeps.HERE:
        because = "it has a mailbox of that address" if known else "it keeps mail for every address of the domain"
    elif keeps is Keeps.ZIMBRA:
        because = "it routes the address to Zimbra" if known else "it forwards every address it does not know to Zimbra"
    else:
        because = f"what {legacy.host} does with it is not known"
    return OK, keeps, because
