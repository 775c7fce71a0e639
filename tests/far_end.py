"""The far end of runner tests: the lab's zmprov as a real process on pipes, and the faults that can befall it."""

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from splittui.lab.directory import Directory
from splittui.zimbra.zmprov.session import Listener, ZmprovSession

ROOT = Path(__file__).parent.parent


class PipeStream:
    """A zmprov process on pipes, stderr in stdout; bytes, in the sizes the kernel gives."""

    def __init__(self, home: Path, arguments: tuple[str, ...] = ("-l", "-m", "-f", "/dev/stdin")) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "splittui.lab.zmprov", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "ZIMBRA_HOME": str(home), "PYTHONPATH": str(ROOT), "LC_ALL": "C", "LANG": "C"},
            bufsize=0,
        )

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(data)
        except BrokenPipeError:
            # As over a network: the write succeeds, and the end of the output tells.
            return

    def read(self, timeout: float) -> bytes:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            raise TimeoutError
        return os.read(self.process.stdout.fileno(), 65536)

    def close_stdin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def cancel(self) -> bool:
        self.process.kill()
        self.process.wait()
        return True

    def exit_status(self) -> int | None:
        return self.process.wait(10)


class FaultyStream(PipeStream):
    """Does ``fault`` once, instead of sending the first line that starts with ``at``."""

    def __init__(self, home: Path, at: bytes, fault: Callable[[PipeStream, bytes], None]) -> None:
        super().__init__(home)
        self._at, self._fault = at, fault
        self._done = False

    def write(self, data: bytes) -> None:
        if data.startswith(self._at) and not self._done:
            self._done = True
            self._fault(self, data)
        else:
            super().write(data)


def dies_before_reading_it(stream: PipeStream, data: bytes) -> None:
    stream.process.kill()
    stream.process.wait()


def dies_after_doing_it(stream: PipeStream, data: bytes) -> None:
    """Sends the line, lets it take effect, and ends before anybody hears of it."""
    PipeStream.write(stream, data)
    PipeStream.write(stream, b"ms zimbra.example.com zimbraServiceEnabled mta\n")
    stream.process.wait(10)
    assert stream.process.stdout is not None
    while os.read(stream.process.stdout.fileno(), 65536):
        pass


def is_refused(stream: PipeStream, data: bytes) -> None:
    """The same command with a value that Zimbra refuses."""
    PipeStream.write(stream, data.rstrip(b"\n") + b" zimbraHideInGal maybe\n")


def never_answers(stream: PipeStream, data: bytes) -> None:
    """The line is swallowed on the way."""


@dataclass
class Pipes:
    """The FarEnd of a runner: sessions on pipes, each with the fault that ``faults`` has for it (by start number)."""

    home: Path
    faults: Mapping[int, tuple[bytes, Callable[[PipeStream, bytes], None]]] = field(default_factory=dict)
    answer_seconds: float = 20.0
    shell_status: int = 0
    secrets: Mapping[str, str] = field(default_factory=dict)
    streams: list[PipeStream] = field(default_factory=list)
    shells: list[tuple[str, ...]] = field(default_factory=list)

    def session(self, listener: Listener) -> ZmprovSession:
        fault = self.faults.get(len(self.streams))
        stream = FaultyStream(self.home, *fault) if fault else PipeStream(self.home)
        self.streams.append(stream)
        session = ZmprovSession(stream, listener, self.answer_seconds)
        session.open()
        return session

    def release(self, session: ZmprovSession) -> None:
        session.close()

    def given(self, name: str) -> str:
        return self.secrets[name]

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        self.shells.append(argv)
        return self.shell_status, "done\n"

    def end(self) -> None:
        """Waits for every process; one that hangs would fail the test here."""
        for stream in self.streams:
            if stream.process.poll() is None:
                stream.process.wait(10)
            for pipe in (stream.process.stdin, stream.process.stdout):
                if pipe is not None:
                    pipe.close()


def attributes(home: Path, address: str) -> dict[str, list[str]] | None:
    """An account as the lab's directory has it."""
    with Directory(home / "lab" / "directory.db") as directory:
        found = directory.find("zimbraMailDeliveryAddress", address)
    return found[0][1] if found else None


def change(home: Path, address: str, **values: str) -> None:
    """Somebody else changes an account behind the console's back."""
    with Directory(home / "lab" / "directory.db") as directory:
        dn, entry = directory.find("zimbraMailDeliveryAddress", address)[0]
        directory.replace(dn, {**entry, **{name: [value] for name, value in values.items()}})


def remove(home: Path, address: str) -> None:
    """Somebody else deletes an account."""
    with Directory(home / "lab" / "directory.db") as directory:
        directory.delete(directory.find("zimbraMailDeliveryAddress", address)[0][0])


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread
