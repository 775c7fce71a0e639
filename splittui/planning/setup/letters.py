"""Letters to those who were moved: what is new for their mail programs, from a template that the operator may edit.

Only the fields named here are filled in, so a template can reach nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from string import Template

from splittui.model.text import clean


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
        name=name or address,
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

Open it in a browser at ${web}; your password is ${password}.

If you use a mail program, change these settings of your account, and nothing else:

- Incoming mail (IMAP): ${imap}
- Incoming mail (POP): ${pop}
- Outgoing mail (SMTP): ${smtp}
- Phone (ActiveSync, Exchange): ${activesync}
- Outlook: ${outlook}

What your old program still shows from ${legacy} is no longer added to. If something is missing, please ask us.
"""
"""The letter as it is until the operator writes another."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
_HEADING = re.compile(r"^#{1,6} +(.*)$", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")


def as_markdown(template: str, values: Letter) -> str:
    """The letter as Markdown; names are written so that nothing in them is taken for markup. Raises TemplateError."""
    return _filled(template, {key: _MARKUP.sub(r"\\\1", value) for key, value in _values(values).items()})


def as_text(template: str, values: Letter) -> str:
    """The same letter as plain text: headings underlined, marks of emphasis gone. Raises TemplateError."""
    plain = _EMPHASIS.sub(r"\2", _HEADING.sub(_underlined, template))
    return _filled(plain, _values(values))


def _values(values: Letter) -> dict[str, str]:
    return {key: clean(value) for key, value in asdict(values).items()}


def _underlined(heading: re.Match[str]) -> str:
    return f"{heading[1]}\n{'=' * len(heading[1])}"


def _filled(template: str, values: Mapping[str, str]) -> str:
    try:
        return Template(template).substitute(values)
    except KeyError as error:
        known = ", ".join(FIELDS)
        raise TemplateError(f"The template names ${{{error.args[0]}}}; there are: {known}") from error
    except ValueError as error:
        raise TemplateError(f"{error}: a dollar sign that stands for itself is written $$") from error
