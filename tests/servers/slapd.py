"""A real slapd in a folder of its own, on a loopback address."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.ground import free_port, unavailable

SLAPD = "/usr/sbin/slapd"
SCHEMAS = Path("/etc/ldap/schema")
ADMIN_PASSWORD = "s3cret of the admin"
TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's certificate and key, and the CA that clients check it with."""

    certificate: Path
    key: Path
    ca: Path


@dataclass
class Slapd:
    """One server. ``suffix`` may be empty, as Zimbra's is. ``schemas`` are names of /etc/ldap/schema or own files.

    ``globals`` and ``database`` are further lines of slapd.conf (limits, access rules, overlays) in those two places.
    """

    folder: Path
    suffix: str = "dc=example,dc=com"
    schemas: Sequence[str | Path] = ("core", "cosine", "inetorgperson")
    globals: Sequence[str] = ()
    database: Sequence[str] = ()
    tls: Tls | None = None
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    command: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://{self.address}:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://{self.address}:{self.tls_port}"

    @property
    def admin(self) -> str:
        """Who may do everything; the password is ADMIN_PASSWORD."""
        return f"cn=admin,{self.suffix}" if self.suffix else "cn=config"

    def __enter__(self) -> Slapd:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it and waits until it answers. Skips the test where there is no slapd."""
        if not os.access(SLAPD, os.X_OK):
            unavailable("slapd is not installed")
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        self._configuration().write_text(self._lines())
        urls = self.url if self.tls is None else f"{self.url} {self.tls_url}"
        log = (self.folder / "slapd.log").open("ab")
        self.process = subprocess.Popen(
            (*self.command, SLAPD, "-h", urls, "-f", str(self._configuration()), "-d", "0"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        if not self.command:
            self._await()

    def load(self, ldif: str | Iterable[str]) -> None:
        """Adds entries while the server is not running: 100,000 in a few seconds. Before ``start``."""
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        self._configuration().write_text(self._lines())
        words = (f"{SLAPD}", "-T", "add", "-q", "-f", str(self._configuration()), "-b", self.suffix)
        text = ldif if isinstance(ldif, str) else "".join(ldif)
        if not os.access(SLAPD, os.X_OK):
            unavailable("slapd is not installed")
        done = subprocess.run(words, input=text.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def add(self, ldif: str) -> None:
        """Adds entries to the running server (ldapadd)."""
        self._client("ldapadd", ldif)

    def modify(self, ldif: str) -> None:
        """Changes entries of the running server (ldapmodify)."""
        self._client("ldapmodify", ldif)

    def freeze(self) -> None:
        """The server stops answering, but its connections stay."""
        assert self.process is not None
        self._signal(signal.SIGSTOP)
        # The signal stops one thread at first; another one could still answer. This returns once all of them stand.
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process is None:
            return
        self._signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _client(self, program: str, ldif: str) -> None:
        if not shutil.which(program):
            unavailable("ldap-utils is not installed")
        password = self.folder / "password"
        password.write_text(ADMIN_PASSWORD)
        words = (*self.command, program, "-x", "-H", self.url, "-D", self.admin, "-y", str(password))
        done = subprocess.run(words, input=ldif.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def _configuration(self) -> Path:
        return self.folder / "slapd.conf"

    def _await(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + TIMEOUT
        while True:
            assert self.process.poll() is None, (self.folder / "slapd.log").read_text()
            try:
                socket.create_connection((self.address, self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, f"slapd did not answer in {TIMEOUT} seconds"
                time.sleep(0.01)

    def _lines(self) -> str:
        includes = [SCHEMAS / f"{name}.schema" if isinstance(name, str) else name for name in self.schemas]
        tls = self.tls
        lines = [
            *(f"include {file}" for file in includes),
            f"pidfile {self.folder}/slapd.pid",
            "modulepath /usr/lib/ldap",
            "moduleload back_mdb",
            *self.globals,
            *(
                (
                    f"TLSCertificateFile {tls.certificate}",
                    f"TLSCertificateKeyFile {tls.key}",
                    f"TLSCACertificateFile {tls.ca}",
                )
                if tls
                else ()
            ),
            "database mdb",
            f'suffix "{self.suffix}"',
            f'rootdn "{self.admin}"',
            *((f'rootpw "{ADMIN_PASSWORD}"',) if self.suffix else ()),
            f"directory {self.folder}/db",
            "maxsize 1073741824",
            "dbnosync",
            "index objectClass eq",
            *self.database,
        ]
        if not self.suffix:
            # With the suffix "" no rootpw can stand here (slapd 2.5): the rootdn is below cn=config.
            lines = [
                *lines[: lines.index("database mdb")],
                "database config",
                f'rootpw "{ADMIN_PASSWORD}"',
                *lines[lines.index("database mdb") :],
            ]
        return "\n".join(lines) + "\n"
