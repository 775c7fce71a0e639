"""Zimbra's attribute schema: canonical names, cardinality, value checks, and what each kind of entry may carry.

Source: zimbra-attrs.xml facts for the attributes that matter; for the others the type was read off their default
values. The data are in ``splittui/lab/data/attributes.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from splittui.lab.prov.addresses import address_fault, is_id
from splittui.lab.prov.errors import Cause, invalid_request, invalid_value

_DATA = Path(__file__).parent.parent / "data" / "attributes.json"
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_GENTIME = re.compile(r"[0-9]{14}(\.[0-9]{1,3})?Z", re.ASCII)
_DIRECTORY_STRING = frozenset({"string", "enum", "id", "regex", "cs_emailp"})
_NOT_EMPTY = _DIRECTORY_STRING | {"boolean", "integer", "long", "port", "gentime"}
_WHOLE = {"integer": 2**31, "port": 2**31, "long": 2**63}
NUMBER_FORMAT = "java.lang.NumberFormatException"


@dataclass(frozen=True)
class Attribute:
    """One attribute: ``kind`` is Zimbra's type name, ``legal`` the enum values or the regex, ``on`` the entry kinds."""

    name: str
    kind: str
    legal: str
    multi: bool
    longest: int | None
    least: int | None
    callback: str
    immutable: bool
    deprecated: str
    on: frozenset[str]
    inherited: frozenset[str]

    @property
    def binary(self) -> bool:
        """Whether zmprov reads the value from a file and prints it as base64."""
        return self.kind == "binary"

    @property
    def may_be_empty(self) -> bool:
        """Whether an LDAP server accepts an empty value (IA5 strings and octets; not directory strings)."""
        return self.kind not in _NOT_EMPTY

    def check(self, values: str | Sequence[str]) -> None:
        """AttributeInfo.checkValue. ``values`` is a str for one value. Raises ServiceError."""
        if isinstance(values, str):
            self._check_one(values)
            return
        if not self.multi and len(values) > 1:
            raise invalid_request(f"{self.name} is a single-valued attribute")
        for value in values:
            self._check_one(value)

    def _check_one(self, value: str) -> None:
        if self.immutable:
            raise invalid_request(f"{self.name} is immutable")
        if not value:
            return
        if self.kind in _WHOLE:
            self._check_number(value)
        elif self.longest is not None and len(value) > self.longest:
            raise invalid_value(f"{self.name} value length({len(value)}) larger than max allowed: {self.longest}")
        if self.kind == "boolean" and value not in ("TRUE", "FALSE"):
            raise invalid_value(f"{self.name} must be TRUE or FALSE")
        if self.kind == "enum" and value not in self.legal.split(","):
            raise invalid_value(f"{self.name} must be one of: {self.legal}")
        if self.kind == "regex" and not re.search(self.legal, value):
            raise invalid_value(f"{self.name} must match the regex: {self.legal}")
        if self.kind == "id" and not is_id(value):
            raise invalid_value(f"{self.name} must be a valid id")
        if self.kind == "gentime" and not _GENTIME.fullmatch(value):
            raise invalid_value(f"{self.name} must be a valid generalized time: {value}")
        if self.kind == "email":
            _check_email(value)
        if self.kind == "cs_emailp":
            for part in value.split(","):
                _check_email(part.strip())

    def _check_number(self, value: str) -> None:
        limit = _WHOLE[self.kind]
        number = int(value) if _NUMBER.fullmatch(value) else limit
        if not -limit <= number < limit:
            cause = Cause(NUMBER_FORMAT, f'For input string: "{value}"')
            raise invalid_value(f"{self.name} must be a valid {self.kind}: {value}", cause)
        if self.least is not None and number < self.least:
            raise invalid_value(f"{self.name} value({number}) smaller than minimum allowed: {self.least}")
        if self.longest is not None and number > self.longest:
            raise invalid_value(f"{self.name} value({number}) larger than max allowed: {self.longest}")


def _check_email(value: str) -> None:
    if "@" not in value:
        raise invalid_value(f"address '{value}' does not include domain")
    bare = value[value.find("<") + 1 : value.rfind(">")] if value.endswith(">") and "<" in value else value
    fault = address_fault(bare)
    if fault is not None:
        raise invalid_value(
            f"{value} must be a valid email address", Cause("javax.mail.internet.AddressException", fault)
        )


class Schema:
    """All known attributes, looked up without case."""

    def __init__(self, path: Path = _DATA) -> None:
        self._raw: dict[str, tuple[str, dict[str, object]]] = {
            name.lower(): (name, facts) for name, facts in json.loads(path.read_text(encoding="utf-8")).items()
        }
        self._made: dict[str, Attribute] = {}
        self._inherited: dict[str, frozenset[str]] = {}

    def get(self, name: str) -> Attribute | None:
        """The attribute called ``name`` in any case, or None if Zimbra does not know it."""
        key = name.lower()
        made = self._made.get(key)
        if made is None and key in self._raw:
            made = self._made[key] = _attribute(*self._raw[key])
        return made

    def canonical(self, name: str) -> str:
        """The schema's spelling of ``name``, or ``name`` itself."""
        raw = self._raw.get(name.lower())
        return raw[0] if raw else name

    def inherited_by(self, kind: str) -> frozenset[str]:
        """Attributes that an entry of ``kind`` (account, domain, server) takes from its COS or the global config."""
        if kind not in self._inherited:
            found = (name for name, facts in self._raw.values() if kind in _words(facts, "inherited"))
            self._inherited[kind] = frozenset(found)
        return self._inherited[kind]


def _words(facts: dict[str, object], key: str) -> frozenset[str]:
    words = facts.get(key)
    return frozenset(str(word) for word in words) if isinstance(words, list) else frozenset()


def _number(facts: dict[str, object], key: str) -> int | None:
    number = facts.get(key)
    return number if isinstance(number, int) else None


def _attribute(name: str, facts: dict[str, object]) -> Attribute:
    return Attribute(
        name=name,
        kind=str(facts["type"]),
        legal=str(facts.get("value", "")),
        multi=facts.get("multi") is True,
        longest=_number(facts, "max"),
        least=_number(facts, "min"),
        callback=str(facts.get("callback", "")),
        immutable=facts.get("immutable") is True,
        deprecated=str(facts.get("deprecated", "")),
        on=_words(facts, "on"),
        inherited=_words(facts, "inherited"),
    )
