"""Entries for directories under test, as LDIF."""

from __future__ import annotations

from collections.abc import Iterator

SUFFIX = "dc=example,dc=com"
PEOPLE = f"ou=people,{SUFFIX}"

BASE = (
    f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n"
    f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n\n"
)


def person(uid: str, *lines: str) -> str:
    """An inetOrgPerson; ``lines`` are added to it, classes where slapadd wants them: beside each other."""
    classes = [line for line in lines if line.startswith("objectClass:")]
    return "\n".join(
        (
            f"dn: uid={uid},{PEOPLE}",
            "objectClass: inetOrgPerson",
            *classes,
            f"uid: {uid}",
            f"cn: {uid.title()} Person",
            "sn: Person",
            *(line for line in lines if line not in classes),
            "\n",
        )
    )


def crowd(count: int) -> Iterator[str]:
    """So many people with addresses, below PEOPLE."""
    yield BASE
    for number in range(count):
        yield person(f"user{number}", f"mail: user{number}@example.com", f"displayName: User Number {number}")
