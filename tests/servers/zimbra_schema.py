"""Zimbra's LDAP schema for a real slapd, made from the attributes that the lab knows.

Syntaxes and matching rules are those that Zimbra's AttributeManagerUtil writes for each type; the object classes and
their kinds are those of its zimbra-ocs.xml. The OIDs are of a private arc: nothing asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import splittui.lab
from tests.servers.slapd import SCHEMAS

GLOBALS = ("sizelimit unlimited", "moduleload dynlist")
"""Lines of slapd.conf before the database. zmprov and Postfix read without a limit (zm-ldap-utilities)."""

DATABASE = (
    "index zimbraId,zimbraDomainName,zimbraDomainAliasTargetId,zimbraMemberOf,cn eq",
    "index uid,mail,zimbraMailDeliveryAddress,zimbraMailAlias,zimbraOldMailAddress eq",
    "index zimbraMailForwardingAddress,zimbraMailCatchAllAddress,zimbraMailCanonicalAddress eq",
    "index zimbraAllowFromAddress,zimbraMailHost,zimbraMailTransport eq",
    "overlay dynlist",
    "dynlist-attrset groupOfURLs memberURL member",
)
"""Lines of slapd.conf for the database: indexes, and dynamic groups as Zimbra has them."""

_ATTRIBUTES = Path(splittui.lab.__file__).parent / "data" / "attributes.json"
_STRING = "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch"
_IA5 = "SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreSubstringsMatch"
_INTEGER = "SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 EQUALITY integerMatch"
_GENTIME = "1.3.6.1.4.1.1466.115.121.1.24 EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch"
_SYNTAX = {
    "astring": _IA5,
    "binary": "SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 EQUALITY octetStringMatch",
    "boolean": "SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 EQUALITY booleanMatch",
    "cs_emailp": _IA5,
    "email": _IA5,
    "enum": _STRING,
    "gentime": f"SYNTAX {_GENTIME}",
    "id": _STRING,
    "integer": _INTEGER,
    "long": _INTEGER,
    "port": _INTEGER,
    "regex": _STRING,
    "string": _STRING,
}
_OWN = ("zimbra", "amavis", "company", "otherTelephone", "thumbnailPhoto")
"""How the names begin that OpenLDAP's own schemas do not define."""


@dataclass(frozen=True, slots=True)
class _Class:
    """``kind`` is Zimbra's word for the entries that carry it: attributes name the kinds that they may stand on."""

    name: str
    kind: str
    place: str
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


_CLASSES = (
    _Class("zimbraMailRecipient", "mailRecipient", "SUP top AUXILIARY"),
    _Class("zimbraAccount", "account", "SUP zimbraMailRecipient AUXILIARY", ("zimbraId", "zimbraAccountStatus")),
    _Class("zimbraCalendarResource", "calendarResource", "SUP top AUXILIARY"),
    _Class(
        "zimbraDomain",
        "domain",
        "SUP zimbraMailRecipient AUXILIARY",
        ("zimbraId", "zimbraDomainName", "zimbraDomainType"),
    ),
    _Class("zimbraServer", "server", "SUP top STRUCTURAL", ("zimbraId",), ("cn",)),
    _Class("zimbraCOS", "cos", "SUP top STRUCTURAL", ("zimbraId",), ("cn",)),
    _Class("zimbraGlobalConfig", "globalConfig", "SUP top AUXILIARY"),
    _Class("zimbraDistributionList", "distributionList", "SUP top STRUCTURAL", ("zimbraId",), ("uid",)),
    _Class("zimbraGroup", "group", "SUP top AUXILIARY", ("zimbraId",)),
    _Class("zimbraGroupDynamicUnit", "groupDynamicUnit", "SUP top AUXILIARY", ("zimbraId",), ("mail",)),
    _Class("zimbraGroupStaticUnit", "groupStaticUnit", "SUP top STRUCTURAL", ("zimbraId",), ("cn", "mail")),
    _Class("zimbraAlias", "alias", "SUP top STRUCTURAL", ("zimbraId",), ("uid", "cn")),
)


def schema() -> str:
    """The text of a .schema file, to be included after core, cosine and inetorgperson."""
    facts: dict[str, dict[str, object]] = json.loads(_ATTRIBUTES.read_text(encoding="utf-8"))
    kinds: dict[str, set[str]] = {}
    for name, each in facts.items():
        on = each["on"]
        assert isinstance(on, list)
        for kind in on:
            kinds.setdefault(str(kind), set()).add(name)
    amavis = {name for name in facts if name.startswith("amavis")}
    lines = [_attribute(number, name, each) for number, (name, each) in enumerate(facts.items()) if _is_own(name)]
    lines += [_class(number, each, kinds) for number, each in enumerate(_CLASSES)]
    lines.append(_object_class(len(_CLASSES), "amavisAccount", "SUP top AUXILIARY", (), amavis))
    return f"include {SCHEMAS}/dyngroup.schema\nobjectIdentifier Lab 1.3.6.1.4.1.32473.25\n" + "".join(lines)


def _is_own(name: str) -> bool:
    return name.startswith(_OWN)


def _attribute(number: int, name: str, facts: Mapping[str, object]) -> str:
    single = "" if facts.get("multi") is True else " SINGLE-VALUE"
    return f"attributetype ( Lab:1.{number} NAME '{name}' {_SYNTAX[str(facts['type'])]}{single} )\n"


def _class(number: int, found: _Class, kinds: Mapping[str, set[str]]) -> str:
    may = ({*kinds.get(found.kind, ()), *found.may} - {"objectClass"}) - set(found.must)
    return _object_class(number, found.name, found.place, found.must, may)


def _object_class(number: int, name: str, place: str, must: Iterable[str], may: Iterable[str]) -> str:
    required = f" MUST ( {' $ '.join(must)} )" if must else ""
    # Each name on a line of its own: slapd takes no long ones.
    names = " $\n ".join(sorted(may))
    allowed = f" MAY ( {names} )" if may else ""
    return f"objectclass ( Lab:2.{number} NAME '{name}' {place}{required}{allowed} )\n"
