"""What was made of the existing system's directory, in a line that shows whether the profile maps it rightly."""

from __future__ import annotations

from collections import Counter

from splittui.model.entries import Kind, LegacyAccount
from splittui.model.snapshot import LegacyHalf
from splittui.model.text import clean

_SAMPLE = 3
_WORDS = {
    Kind.PERSON: ("person", "people"),
    Kind.ADMIN: ("administrator", "administrators"),
    Kind.RESOURCE: ("resource", "resources"),
    Kind.LIST: ("list", "lists"),
    Kind.SYSTEM: ("system mailbox", "system mailboxes"),
    Kind.ARCHIVE: ("archive", "archives"),
    Kind.GUEST: ("guest", "guests"),
}


def directory_line(host: str, half: LegacyHalf) -> str:
    """How many of what, how many of them are special, and a few people spread over all of them."""
    accounts = list(half.accounts.values())
    kinds = Counter(account.kind for account in accounts)
    told = [
        f"{kinds[kind]:,} {words[kinds[kind] != 1]}"
        for kind, words in _WORDS.items()
        if kinds[kind] or kind is Kind.PERSON
    ]
    special = {
        "without mail": half.without_address,
        "disabled": sum(not account.enabled for account in accounts),
        "sent on": sum(bool(account.forwards_to) for account in accounts),
    }
    told += [f"{count:,} {word}" for word, count in special.items() if count]
    people = [account for account in accounts if account.kind is Kind.PERSON] or accounts
    some = people[:: max(1, len(people) // _SAMPLE)][:_SAMPLE]
    sample = f"; sample: {', '.join(map(_shown, some))}" if some else ""
    return f"{host}: {', '.join(told)}{sample}"


def _shown(account: LegacyAccount) -> str:
    name = f"{clean(account.name)} <{account.address}>" if account.name else account.address
    also = f" also {', '.join(account.aliases)}" if account.aliases else ""
    return name + also + (f" -> {clean(account.forwards_to)}" if account.forwards_to else "")
