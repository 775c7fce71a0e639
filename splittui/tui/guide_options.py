"""What can be chosen for a task of the guide and for its undertaking, and what choosing it means. Pure.

A choice is a setting of the profile. What needs a directory's names is not asked for here: it is told which keys of the
profile to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from splittui.config.write import Value
from splittui.model.router import ManualRouter, System
from splittui.model.split import Split
from splittui.planning.settings import Restart
from splittui.planning.setup import Backscatter, Choices, Goal, Task
from splittui.planning.setup.sources import BookMode


@dataclass(frozen=True, slots=True)
class Option:
    """One answer. ``setting`` is its dotted name in the profile, without a ``value`` a number is asked for.

    ``keys`` are lines to be written into the profile by hand instead, where there are any.
    """

    group: str
    name: str
    words: str
    setting: str = ""
    value: Value | None = None
    chosen: bool = False
    keys: tuple[str, ...] = ()


def options(task: Task | None, goal: Goal, choices: Choices, split: Split, profile: str) -> tuple[Option, ...]:
    """The task's own choices first, then those of the whole undertaking."""
    own = list(_of_task(task, choices, split, profile)) if task is not None else []
    return (*own, *_of_all(goal, choices, split))


def has_own(task: Task) -> bool:
    """Whether there is something to choose for this task itself."""
    return task.key in ("address-book", "authentication", "backscatter", "quiet") or _restarts(task) or bool(task.words)


def _restarts(task: Task) -> bool:
    return task.key in ("relay-host", "outbound", "trust-legacy", "distrust-legacy", "refuse-unlisted", "backscatter")


def _of_task(task: Task, choices: Choices, split: Split, profile: str) -> Iterator[Option]:
    match task.key:
        case "address-book":
            yield from _book(choices, split, profile)
        case "authentication":
            yield from _passwords(choices, profile)
        case "backscatter":
            yield from _backscatter(choices, split)
        case "quiet":
            yield Option(
                "Quiet for",
                f"{choices.quiet_days} days",
                "for so many days no mail may have passed before a system is switched off; Enter asks for the number",
                "setup.quiet_days",
                chosen=True,
            )
    if _restarts(task):
        yield from _restart(choices)
    if task.words:
        yield from _system(choices, split)


def _backscatter(choices: Choices, split: Split) -> Iterator[Option]:
    group = "No mail for nobody from strangers"
    for name, kind, words in (
        ("firewall", Backscatter.FIREWALL, f"only {split.legacy} may speak to port 25 of {split.zimbra}: the safest"),
        ("verify", Backscatter.VERIFY, f"{split.zimbra} asks {split.legacy} about each address before it takes mail"),
        ("filter", Backscatter.FILTER, "Zimbra's own split-domain restriction, with the existing system trusted"),
    ):
        yield Option(group, name, words, "setup.backscatter", name, choices.backscatter is kind)


def _restart(choices: Choices) -> Iterator[Option]:
    for name, kind, words in (
        ("zmmtactl", Restart.ZMMTACTL, "zmmtactl restart: Zimbra's own way; mail waits for some seconds"),
        ("postfix", Restart.POSTFIX, "only postfix itself is restarted: shorter, the milters go on"),
    ):
        yield Option("How the MTA takes it up", name, words, "setup.restart", name, choices.restart is kind)


def _system(choices: Choices, split: Split) -> Iterator[Option]:
    by_hand = isinstance(split.router, ManualRouter)
    setting = "legacy.router.system" if by_hand else "setup.system"
    now = split.router.system if isinstance(split.router, ManualRouter) else choices.system
    for system in System:
        words = f"the words for {split.legacy} are those of {system.value}"
        yield Option(f"What {split.legacy} is", system.value, words, setting, system.value, now is system)


def _book(choices: Choices, split: Split, profile: str) -> Iterator[Option]:
    book, group = choices.address_book, "Where the address book looks"
    yield Option(
        group,
        "internal",
        f"Zimbra's own entries; placeholders stand for the people on {split.legacy}",
        "setup.address_book.mode",
        "internal",
        book is not None and book.mode is BookMode.INTERNAL,
    )
    for name, mode, words in (
        ("external", BookMode.EXTERNAL, "a directory alone: its keys are written into the profile by hand"),
        ("both", BookMode.BOTH, "Zimbra's own entries and a directory: its keys are written into the profile by hand"),
    ):
        yield Option(
            group,
            name,
            words,
            chosen=book is not None and book.mode is mode,
            keys=(
                f"[profile.{profile}.setup.address_book]",
                f'mode = "{name}"',
                'url = "ldaps://directory.example.com"',
                'base = "dc=example,dc=com"',
                'bind_dn = "cn=reader,dc=example,dc=com"    # leave out: anonymous',
                'password_env = "DIRECTORY_PASSWORD"        # or password_command',
                'filter = "ad"                              # or an LDAP filter with %s',
                'attributes = ["mail=email"]                # leave out: Zimbra\'s own',
                "hide_placeholders = true                   # where its people stand in Zimbra too",
            ),
        )


def _passwords(choices: Choices, profile: str) -> Iterator[Option]:
    yield Option(
        "Who checks passwords",
        "a directory",
        "its keys are written into the profile by hand; without them Zimbra's own passwords stay, and s leaves it out",
        chosen=choices.authentication is not None,
        keys=(
            f"[profile.{profile}.setup.authentication]",
            'mechanism = "ad"                           # or ldap',
            'url = "ldaps://directory.example.com"',
            'bind_template = "%u@example.com"           # or filter, with base and bind_dn; never both',
            "fallback = true                            # Zimbra's own password counts too",
        ),
    )


def _of_all(goal: Goal, choices: Choices, split: Split) -> Iterator[Option]:
    zimbra, legacy = split.zimbra, split.legacy
    if goal is Goal.PRIMARY:
        yield from _yes_no(
            f"{zimbra} relays for {legacy}",
            "trust_legacy",
            choices.trust_legacy,
            f"{legacy} sends its mail for other domains through {zimbra}",
            f"{legacy} sends its mail for other domains by itself",
        )
        yield from _yes_no(
            "An address that nobody has",
            "refuse_unlisted",
            choices.refuse_unlisted,
            "Zimbra's own users are told at once",
            "Zimbra's own users get a message back",
        )
    elif goal in (Goal.SECONDARY, Goal.TO_SECONDARY):
        yield from _yes_no(
            "Zimbra's mail for other domains",
            "through_legacy",
            choices.through_legacy,
            f"all of it goes through {legacy}",
            f"{zimbra} sends it by itself",
        )


def _yes_no(group: str, name: str, now: bool, yes: str, no: str) -> Iterator[Option]:
    yield Option(group, "yes", yes, f"setup.{name}", True, now)
    yield Option(group, "no", no, f"setup.{name}", False, not now)
