"""How a command can fail, as zmprov reports it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """The Java exception named in the ``(cause: CLASS MESSAGE)`` tail of an error line."""

    name: str
    message: str


class ServiceError(Exception):
    """A ServiceException: printed as ``ERROR: CODE (MESSAGE) (cause: ...)``; the batch goes on."""

    def __init__(self, code: str, message: str, cause: Cause | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.cause = cause

    def line(self, with_cause: bool) -> str:
        """The line on stderr, without its newline. SOAP mode prints no cause."""
        tail = f" (cause: {self.cause.name} {self.cause.message})" if with_cause and self.cause else ""
        return f"ERROR: {self.code} ({self.message}){tail}"


class UsageError(Exception):
    """The arguments do not fit the command (an ArgException): its usage is printed, after ``hint`` if there is one."""

    def __init__(self, hint: str = "") -> None:
        super().__init__(hint)
        self.hint = hint


class ProgramEndError(Exception):
    """System.exit in the middle of a command: ``line`` goes to stderr and the rest of the batch is lost."""

    def __init__(self, status: int, line: str = "") -> None:
        super().__init__(line)
        self.status = status
        self.line = line


class JavaCrashError(Exception):
    """An uncaught RuntimeException: the stack trace goes to stderr, the program ends with status 1.

    ``frames`` are the innermost ones; the frames of the main program follow them.
    """

    def __init__(self, exception: str, frames: tuple[str, ...]) -> None:
        super().__init__(exception)
        self.exception = exception
        self.frames = frames


def invalid_request(message: str, cause: Cause | None = None) -> ServiceError:
    """service.INVALID_REQUEST."""
    return ServiceError("service.INVALID_REQUEST", f"invalid request: {message}", cause)


def failure(message: str, cause: Cause | None = None) -> ServiceError:
    """service.FAILURE."""
    return ServiceError("service.FAILURE", f"system failure: {message}", cause)


def invalid_value(message: str, cause: Cause | None = None) -> ServiceError:
    """account.INVALID_ATTR_VALUE."""
    return ServiceError("account.INVALID_ATTR_VALUE", message, cause)


def no_such(kind: str, key: str) -> ServiceError:
    """account.NO_SUCH_<KIND>, for kinds named in lower case: account, domain, server, cos, alias, distribution list."""
    return ServiceError(f"account.NO_SUCH_{kind.upper().replace(' ', '_')}", f"no such {kind}: {key}")


SERVICE_EXCEPTION = "com.zimbra.common.service.ServiceException"


def as_cause(error: ServiceError) -> Cause:
    """A plain ServiceException as the cause of another error."""
    return Cause(SERVICE_EXCEPTION, error.message)
