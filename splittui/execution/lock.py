"""One run at a time for each profile on this machine. The kernel frees the lock when its process is gone."""

from __future__ import annotations

import fcntl
import getpass
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType


class LockError(Exception):
    """The lock is taken, or cannot be; the text says by whom and since when."""

    next_step = "Wait until that run is over, or stop it there."


def holder_words(at: float) -> str:
    """Who takes a lock, for others to read: user, machine and time."""
    since = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{getpass.getuser()} on {socket.gethostname()}, since {since}"


def is_held(folder: Path, profile: str) -> bool:
    """Whether a run of the profile is going on in some process of this machine."""
    try:
        with ProfileLock(folder, profile, ""):
            return False
    except LockError:
        return True


class ProfileLock:
    """Held inside a ``with``. Raises LockError on entering."""

    def __init__(self, folder: Path, profile: str, words: str) -> None:
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in profile)
        self._file, self._words = folder / f"{name}.lock", words
        self._descriptor = -1

    def __enter__(self) -> ProfileLock:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LockError(f"The lock {self._file} cannot be opened: {error}.") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._descriptor, 1000).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise LockError(f"A run of this profile is going on already, by {holder or 'somebody'}.") from error
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{self._words}, process {os.getpid()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
