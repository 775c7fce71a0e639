"""Logging in: the agent's keys, key files, a password; nothing here ever asks on the terminal by itself."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Protocol, cast

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from splittui.remote.errors import AuthenticationFailed, readable
from splittui.remote.ssh_config import Target

PASSPHRASE_VARIABLE = "SPLITTUI_KEY_PASSPHRASE"

# Long enough for a person to touch a hardware key or to confirm the use of a key.
_AGENT_SECONDS = 20.0


def passphrase_from_environment(file: Path) -> str | None:
    """The passphrase of every key file, from $SPLITTUI_KEY_PASSPHRASE, or None when that is not set."""
    return os.environ.get(PASSPHRASE_VARIABLE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the secrets of a login come from. The functions are called in the thread that connects.

    ``passphrase(file)`` is asked for an encrypted key file only when no other key was let in; ``password(target)``
    only after all keys. Each is asked at most once per file or host, and None means that there is none.
    """

    use_agent: bool = True
    passphrase: Callable[[Path], str | None] = passphrase_from_environment
    password: Callable[[Target], str | None] | None = None


class _ConnectsAgent(Protocol):
    """The part of paramiko.agent.AgentSSH that its stubs leave out; the public Agent knows only $SSH_AUTH_SOCK."""

    def _connect(self, conn: socket.socket) -> None: ...


@dataclass(frozen=True, slots=True)
class _Offer:
    """A key to offer, and how to call it in a message."""

    name: str
    key: paramiko.PKey


class _UnusableKeyError(Exception):
    """A key file that cannot be used; the text says why."""


class _Login:
    """One login in progress: what was tried, and what could not be."""

    def __init__(self, transport: paramiko.Transport, target: Target, credentials: Credentials) -> None:
        self.transport = transport
        self.target = target
        self.credentials = credentials
        self.tried: list[str] = []
        self.hurdles: list[str] = []
        self.allowed: list[str] = ["publickey", "password", "keyboard-interactive"]

    def run(self) -> None:
        for offer in self._keys():
            if "publickey" not in self.allowed:
                break
            self.tried.append(offer.name)
            if self._accepted(partial(self.transport.auth_publickey, self.target.user, offer.key)):
                return
        password = self._password()
        if password is not None:
            self.tried.append("a password")
            if self._accepted(partial(self.transport.auth_password, self.target.user, password)):
                return
        raise self._failed("; ".join(self.hurdles) or "it accepts none of the keys offered")

    def _accepted(self, attempt: Callable[[], Sequence[str]]) -> bool:
        try:
            further = attempt()
        except paramiko.BadAuthenticationType as error:
            self.allowed = list(error.allowed_types)
            return False
        except paramiko.AuthenticationException as error:
            if not self.transport.is_active():
                raise self._failed(f"it closed the connection ({readable(str(error))})") from error
            if "timeout" in str(error).lower():
                raise self._failed("it did not answer the login in time") from error
            return False
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._failed(readable(str(error)) or "the connection ended") from error
        if further:
            self.allowed = list(further)
            self.hurdles.append(f"it wants a further step ({', '.join(further)})")
            return False
        return True

    def _failed(self, reason: str) -> AuthenticationFailed:
        return AuthenticationFailed(self.target.name, self.target.user, reason, tried=self.tried)

    def _password(self) -> str | None:
        if self.credentials.password is None or not {"password", "keyboard-interactive"} & set(self.allowed):
            return None
        return self.credentials.password(self.target)

    def _keys(self) -> Iterator[_Offer]:
        """The agent's keys that are configured, then its others, then the key files that are not in the agent.

        In this order because servers end the login after a few keys (MaxAuthTries); ssh orders them alike.
        """
        files = [file for file in self.target.identity_files if file.is_file()]
        public = {file: _public_blob(file) for file in files}
        agent = self._agent_keys()
        wanted = [key for key in agent if key.blob in public.values()]
        if not self.target.identities_only:
            wanted += [key for key in agent if key not in wanted]
        for key in wanted:
            yield _Offer(f"the agent's key {readable(key.comment) or key.get_name()}", key)
        held = {key.blob for key in agent}
        for file in files:
            if public[file] not in held:
                try:
                    yield _Offer(str(file), self._load(file))
                except _UnusableKeyError as error:
                    self.hurdles.append(str(error))

    def _agent_keys(self) -> list[paramiko.AgentKey]:
        path = self.target.identity_agent or os.environ.get("SSH_AUTH_SOCK", "")
        if not self.credentials.use_agent or not path or path == "none":
            return []
        agent = paramiko.agent.AgentSSH()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_AGENT_SECONDS)
        try:
            connection.connect(os.path.expandvars(os.path.expanduser(path)))
            cast(_ConnectsAgent, agent)._connect(connection)
        except (paramiko.SSHException, OSError) as error:
            connection.close()
            self.hurdles.append(f"the SSH agent does not answer ({readable(str(error))})")
        return list(agent.get_keys())

    def _load(self, file: Path) -> paramiko.PKey:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise _UnusableKeyError(f"the key {file} cannot be read ({error.strerror})") from error
        try:
            return _private_key(file, data, None)
        except TypeError:
            passphrase = self.credentials.passphrase(file)
        if passphrase is None:
            raise _UnusableKeyError(f"the key {file} is encrypted and no passphrase was given") from None
        return _private_key(file, data, passphrase)


def authenticate(transport: paramiko.Transport, target: Target, credentials: Credentials) -> None:
    """Logs in on a transport whose host key was checked. Raises AuthenticationFailed; never tries a thing twice."""
    _Login(transport, target, credentials).run()


def _private_key(file: Path, data: bytes, passphrase: str | None) -> paramiko.PKey:
    """Reads OpenSSH, PEM and PKCS#8 files. Raises TypeError when the file is encrypted and no passphrase is given."""
    secret = None if passphrase is None else passphrase.encode()
    try:
        try:
            loaded = serialization.load_ssh_private_key(data, secret)
        except ValueError:
            pem = serialization.load_pem_private_key(data, secret)
            return _as_paramiko(file, pem)
        return _as_paramiko(file, loaded)
    except ValueError as error:
        reason = "is not a private key" if passphrase is None else "is damaged, or its passphrase is wrong"
        raise _UnusableKeyError(f"the key {file} {reason}") from error


def _as_paramiko(file: Path, loaded: object) -> paramiko.PKey:
    kind: type[paramiko.PKey]
    if isinstance(loaded, Ed25519PrivateKey):
        kind = paramiko.Ed25519Key
    elif isinstance(loaded, EllipticCurvePrivateKey):
        kind = paramiko.ECDSAKey
    elif isinstance(loaded, RSAPrivateKey):
        kind = paramiko.RSAKey
    else:
        raise _UnusableKeyError(f"the key {file} is of a type that is not supported")
    text = loaded.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    key = kind.from_private_key(StringIO(text.decode()))
    certificate = Path(f"{file}-cert.pub")
    if certificate.is_file():
        key.load_certificate(str(certificate))
    return key


def _public_blob(file: Path) -> bytes | None:
    """The public half beside a key file, to recognise the key in the agent without its passphrase."""
    try:
        return paramiko.pkey.PublicBlob.from_file(f"{file}.pub").key_blob
    except (OSError, ValueError, IndexError):
        return None
