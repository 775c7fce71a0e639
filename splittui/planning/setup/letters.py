"""Letters to those who were moved: what is new for their mail programs, from a template that the operator may edit.

Only the fields named here are filled in, so a template can reach nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from string import Template

from splittui.model.entries import Domain, Kind, Side
from splittui.model.home import Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.moves import Move, lives_there
from splittui.planning.moves import refusal as no_move


class TemplateError(ValueError):
    """The template cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter may name. Everything is text as it is to be read."""

    name: str
    address: str
    domain: str
    when: str
    zimbra: str
    legacy: str
    web: str
    imap: str
    pop: str
    smtp: str
    activesync: str
    outlook: str
    password: str


FIELDS = tuple(Letter.__dataclass_fields__)


def letter(
    address: str, name: str, *, domain: str, zimbra: str, legacy: str, when: str, web: str = "", outside: bool = False
) -> Letter:
    """The letter to one person, with the settings that Zimbra has unless somebody changed its ports.

    ``outside``: passwords are checked by the directory they were in before, so everybody keeps theirs.
    """
    return Letter(
        name=clean(name).strip() or address,
        address=address,
        domain=domain,
        when=when,
        zimbra=zimbra,
        legacy=legacy,
        web=web or f"https://{zimbra}/",
        imap=f"{zimbra}, port 993, SSL/TLS",
        pop=f"{zimbra}, port 995, SSL/TLS",
        smtp=f"{zimbra}, port 587, STARTTLS, with your address and password",
        activesync=f"{zimbra}, user {address}",
        outlook=f"IMAP as above, or the Zimbra Connector for Outlook with the server {zimbra}",
        password="the one you have" if outside else "the one you were given",
    )


MARKDOWN = """# Your mailbox has moved

Dear ${name},

since ${when} your mailbox **${address}** is on a new server, ${zimbra}. Your address stays the same, and mail that is
sent to you arrives there by itself.

Open it in a browser at ${web} with your address and your password, which is ${password}.

If you use a mail program, change these settings of your account, and nothing else:

- Incoming mail (IMAP): ${imap}
- Incoming mail (POP): ${pop}
- Outgoing mail (SMTP): ${smtp}
- Phone (ActiveSync, Exchange): ${activesync}
- Outlook: ${outlook}

What your old program still shows from ${legacy} is no longer added to. If something is missing, please ask us.
"""
"""The letter as it is until the operator writes another."""

_PLACE = Template.pattern
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_FIRST = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")
_HEADING = re.compile(r"#{1,6} +(.*)")
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
_DEFAULT_PORTS = {"https": "443", "http": "80"}


def no_letter(split: Split, snapshot: Snapshot, address: str, row: Person | None) -> str:
    """Why this person gets no letter, or empty text: who was not moved must not read that they were.

    ``row`` is None where neither system knows the address. The snapshot must be complete.
    """
    reason = no_move(split, snapshot, row, Move(address, Side.ZIMBRA))
    if row is None:
        return reason
    if reason and not lives_there(reason):
        return reason
    if row.kind is Kind.RESOURCE:
        return "is a resource: nobody reads its mail"
    if row.side is Side.ZIMBRA and row.zimbra is not None and row.zimbra.status == "locked":
        return f"is locked on {split.zimbra}, so that nobody can log in: set it active first"
    return "" if reason else f"was not moved to {split.zimbra} ({row.reason})"


def web_address(domain: Domain, zimbra: str) -> str:
    """Where people open their mailbox: the public address that the domain has, or else Zimbra's host."""
    host = domain.one("zimbraPublicServiceHostname")
    if not host:
        return f"https://{zimbra}/"
    protocol = domain.one("zimbraPublicServiceProtocol") or "https"
    port = domain.one("zimbraPublicServicePort")
    return f"{protocol}://{host}{f':{port}' if port not in ('', _DEFAULT_PORTS.get(protocol)) else ''}/"


def asks_outside(domain: Domain) -> bool:
    """Whether Zimbra asks another directory for passwords."""
    return domain.one("zimbraAuthMech").lower() not in ("", "zimbra")


def check(template: str) -> None:
    """Raises TemplateError, with the line, where the template cannot be filled in."""
    if not template.strip():
        raise TemplateError("it is empty")
    for place in _PLACE.finditer(template):
        line = template.count("\n", 0, place.start()) + 1
        if place["invalid"] is not None:
            raise TemplateError(
                f"line {line}: a dollar sign that begins no field: one that stands for itself is written $$. {_known()}"
            )
        name = place["named"] or place["braced"]
        if name is not None and name not in FIELDS:
            raise TemplateError(f"line {line}: there is no field {place[0]}. {_known()}")


def as_markdown(template: str, values: Letter) -> str:
    """The letter as Markdown; names are written so that nothing in them is taken for markup. Raises TemplateError."""
    check(template)
    return _filled(template, {key: _literal(value) for key, value in _values(values).items()})


def as_text(template: str, values: Letter) -> str:
    """The same letter as plain text: headings underlined, marks of emphasis gone. Raises TemplateError."""
    check(template)
    filled = _values(values)
    lines: list[str] = []
    for line in template.split("\n"):
        heading = _HEADING.match(line)
        # In braces a field's name cannot grow by what stands behind a mark that goes.
        source = _PLACE.sub(_braced, heading[1] if heading else line)
        lines.append(_filled(_EMPHASIS.sub(r"\2", source), filled))
        if heading:
            lines.append("=" * len(lines[-1]))
    return "\n".join(lines)


def _known() -> str:
    return "The fields are " + ", ".join(f"${{{field}}}" for field in FIELDS)


def _values(values: Letter) -> dict[str, str]:
    return {key: clean(value).strip() for key, value in asdict(values).items()}


def _literal(value: str) -> str:
    """The value as Markdown that shows just it, also at the beginning of a line."""
    return _FIRST.sub(_behind, _MARKUP.sub(r"\\\1", value))


def _behind(first: re.Match[str]) -> str:
    return f"{first[1]}\\" if first[1].isdigit() else f"\\{first[1]}"


def _braced(place: re.Match[str]) -> str:
    name = place["named"] or place["braced"]
    return place[0] if name is None else f"${{{name}}}"


def _filled(template: str, values: Mapping[str, str]) -> str:
    return Template(template).substitute(values)
