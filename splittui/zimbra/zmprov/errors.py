"""What can go wrong in the dialogue, told apart by type. The texts are zmprov's own, on one line."""

from __future__ import annotations


class ZmprovError(Exception):
    """Base of everything the dialogue raises by itself."""


class CommandFailed(ZmprovError):
    """zmprov answered ``ERROR: CODE (MESSAGE)``: it refused the command and goes on.

    ``code`` is Zimbra's, as in ``account.NO_SUCH_ACCOUNT``; ``cause`` is the Java exception behind it, or empty.
    """

    def __init__(self, code: str, message: str, cause: str = "") -> None:
        super().__init__(f"{code} ({message})")
        self.code, self.message, self.cause = code, message, cause


class NoSuchEntry(CommandFailed):
    """There is no account, domain, server or COS of that name."""


class AlreadyExists(CommandFailed):
    """An entry or an alias of that name exists."""


class BadValue(CommandFailed):
    """An attribute name or value was refused."""


class InvalidRequest(CommandFailed):
    """The command goes against one of Zimbra's own rules, for example on mail host and transport."""


class PermissionDenied(CommandFailed):
    """The identity that zmprov runs under may not do this."""


class ServerUnavailable(CommandFailed):
    """zmprov could not reach mailboxd or the directory."""


class TooManyAccounts(CommandFailed):
    """The domain's or the licence's limit of accounts is reached."""


class NotACommand(ZmprovError):
    """zmprov answered with its usage text, or did not know the command; nothing was changed."""


class SessionEnded(ZmprovError):
    """zmprov ended in the middle: after an uncaught exception, a safeguard, a kill, or before its first prompt.

    ``status`` is the exit status where it is known, ``said`` its last words.
    """

    def __init__(self, said: str, status: int | None) -> None:
        last = said.strip().splitlines()
        words = next((line for line in last if "rror" in line or "xception" in line), last[-1] if last else "no output")
        super().__init__(f"zmprov ended (exit status {'unknown' if status is None else status}): {words}")
        self.said, self.status = said, status


class NoAnswer(ZmprovError):
    """zmprov did not answer within the time allowed."""

    def __init__(self, seconds: float, said: str) -> None:
        super().__init__(f"zmprov did not answer within {seconds:g} s" + (f"; it said: {said}" if said else ""))
        self.said = said


class NotForPlainInput(ZmprovError):
    """Refused before it was sent: zmprov reads plain standard input here, with its line editor and its history file."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Not sent: {why} Allow a shell for the zimbra user (sudoers: OPERATOR ALL=(zimbra) NOPASSWD: /bin/sh) "
            "instead of zmprov alone."
        )


class NotZmprov(ZmprovError):
    """What answers is not zmprov's prompt."""


_BY_CODE: dict[str, type[CommandFailed]] = {
    "account.NO_SUCH_ACCOUNT": NoSuchEntry,
    "account.NO_SUCH_DOMAIN": NoSuchEntry,
    "account.NO_SUCH_SERVER": NoSuchEntry,
    "account.NO_SUCH_COS": NoSuchEntry,
    "account.NO_SUCH_DISTRIBUTION_LIST": NoSuchEntry,
    "account.ACCOUNT_EXISTS": AlreadyExists,
    "account.DOMAIN_EXISTS": AlreadyExists,
    "account.SERVER_EXISTS": AlreadyExists,
    "account.DISTRIBUTION_LIST_EXISTS": AlreadyExists,
    "account.INVALID_ATTR_VALUE": BadValue,
    "account.INVALID_ATTR_NAME": BadValue,
    "account.INVALID_PASSWORD": BadValue,
    "ldap.INVALID_ATTR_VALUE": BadValue,
    "ldap.INVALID_ATTR_NAME": BadValue,
    "service.INVALID_REQUEST": InvalidRequest,
    "service.PERM_DENIED": PermissionDenied,
    "account.AUTH_FAILED": PermissionDenied,
    "account.TOO_MANY_ACCOUNTS": TooManyAccounts,
    "zclient.IO_ERROR": ServerUnavailable,
    "service.RESOURCE_UNREACHABLE": ServerUnavailable,
}


def command_failed(code: str, message: str, cause: str) -> CommandFailed:
    """The error of the type that fits the code."""
    return _BY_CODE.get(code, CommandFailed)(code, message, cause)
