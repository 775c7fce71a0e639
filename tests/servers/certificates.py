"""A certificate authority and servers' certificates, made by openssl where and when a test needs them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ground import unavailable
from tests.servers.slapd import Tls

# Zimbra's own CA (zm-build, rpmconf/Conf/zmssl.cnf.in): basicConstraints is not critical, keyUsage is missing.
_ZIMBRA_CA = "basicConstraints = CA:true\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid,issuer:always\n"


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA in a folder of its own."""

    folder: Path

    @property
    def file(self) -> Path:
        """Its certificate."""
        return self.folder / "ca.pem"

    @classmethod
    def make(cls, folder: Path, name: str = "Zimbra Collaboration Server") -> Authority:
        """With the extensions of Zimbra's, which are not what RFC 5280 asks for."""
        folder.mkdir(parents=True)
        made = cls(folder)
        (folder / "ca.cnf").write_text(
            f"[req]\ndistinguished_name = dn\nprompt = no\nx509_extensions = ca\n[dn]\nO = CA\nCN = {name}\n"
            f"[ca]\n{_ZIMBRA_CA}"
        )
        made._openssl(
            *("req", "-x509", "-config", "ca.cnf", "-days", "30", "-nodes", "-newkey", "rsa:2048"),
            *("-keyout", "ca.key", "-out", "ca.pem"),
        )
        return made

    def server(self, name: str, *names: str, days: int = 10) -> Tls:
        """A certificate for these subject alternative names, as openssl writes them (``DNS:...``, ``IP:...``).

        A negative number of ``days`` makes one that has expired.
        """
        key, request, certificate = (f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        (self.folder / f"{name}.cnf").write_text(f"[server]\nsubjectAltName = {','.join(names)}\n")
        self._openssl(
            *("req", "-nodes", "-newkey", "rsa:2048", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        )
        self._openssl(
            *("x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-days", str(days), "-extfile", f"{name}.cnf", "-extensions", "server", "-out", certificate),
        )
        return Tls(self.folder / certificate, self.folder / key, self.file)

    def _openssl(self, *words: str) -> None:
        if not shutil.which("openssl"):
            unavailable("openssl is not installed")
        done = subprocess.run(("openssl", *words), cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
