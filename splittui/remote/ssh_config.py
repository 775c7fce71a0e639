"""What the user's SSH configuration says about a host.

``ssh -G`` is asked where there is an ssh, because only ssh itself knows Include, Match and tokens exactly; otherwise
paramiko's reader is used, which ignores Include.
"""

from __future__ import annotations

import getpass
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from splittui.remote.errors import ConfigRefused, readable

_SAFE_HOST = re.compile(r"[^\s\x00-\x1f\x7f@/'\"`$;&|<>()\\*?!-][^\s\x00-\x1f\x7f@/'\"`$;&|<>()\\*?!]*")
_JUMP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?:\[(?P<six>[^]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d+))?/?")
_TOKEN = re.compile(r"%(.)")
# ssh -G prints several paths on one line and quotes none, so that a space inside of one can only be guessed.
_BETWEEN_PATHS = re.compile(r"\s+(?=[/~])")
_MAX_JUMPS = 8
_SSH_SECONDS = 10.0

Options = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how to connect. ``name`` is what the operator calls the host; all else is resolved.

    ``jumps`` are passed through in order, each with its own host key and login. ``host_key_alias`` replaces host and
    port in known_hosts. ``identity_agent`` is a socket path, ``none``, or empty for $SSH_AUTH_SOCK.
    ``notes`` are remarks on the configuration for the operator to see.
    """

    name: str
    host: str
    port: int = 22
    user: str = field(default_factory=getpass.getuser)
    identity_files: tuple[Path, ...] = ()
    identities_only: bool = False
    identity_agent: str = ""
    known_hosts_files: tuple[Path, ...] = ()
    host_key_alias: str = ""
    jumps: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overrides:
    """Explicit settings of the caller; each wins over the SSH configuration when it is set.

    ``proxy_jump`` is a comma list as in ssh -J, or ``none``. ``known_hosts_files`` are read besides the configured
    ones (own files of the program). ``config_file`` replaces ~/.ssh/config and the system's.
    """

    port: int | None = None
    user: str | None = None
    identity_files: tuple[Path, ...] = ()
    proxy_jump: str | None = None
    known_hosts_files: tuple[Path, ...] = ()
    config_file: Path | None = None


def resolve(host: str, overrides: Overrides | None = None) -> Target:
    """The target for ``host`` (a name or an alias of the SSH configuration), jumps included.

    Raises ConfigRefused when the configuration cannot be read or asks for ProxyCommand.
    """
    return _resolve(host, overrides or Overrides(), _MAX_JUMPS)


def _resolve(host: str, overrides: Overrides, depth: int) -> Target:
    if not _SAFE_HOST.fullmatch(host):
        raise ConfigRefused(
            readable(host), f"{readable(host)!r} is not a host name", next_step="Correct the host name."
        )
    if depth == 0:
        raise ConfigRefused(
            host, f"the way to {host} has too many jumps", next_step="Look for a loop of ProxyJump lines."
        )
    options, notes = _ask(host, overrides)
    target = target_from(host, options, overrides, notes)
    jump = overrides.proxy_jump or _first(options, "proxyjump")
    if jump and jump.lower() != "none":
        return _with_jumps(target, jump, overrides, depth)
    command = _first(options, "proxycommand")
    if command and command.lower() != "none" and not overrides.proxy_jump:
        raise ConfigRefused(
            host,
            f"the SSH configuration of {host} uses ProxyCommand, which is not supported",
            next_step="Use ProxyJump.",
        )
    return target


def _with_jumps(target: Target, jump: str, overrides: Overrides, depth: int) -> Target:
    jumps: list[Target] = []
    for number, text in enumerate(jump.split(",")):
        found = _JUMP.fullmatch(text.strip())
        if not found:
            raise ConfigRefused(
                target.name,
                f"the jump {readable(text)!r} of {target.name} cannot be read",
                next_step="Correct ProxyJump.",
            )
        # Only the first hop is reached by its own ProxyJump; the later ones come through the hop before (as ssh -J).
        hop = Overrides(
            port=int(found["port"]) if found["port"] else None,
            user=found["user"],
            identity_files=overrides.identity_files,
            proxy_jump=None if number == 0 else "none",
            known_hosts_files=overrides.known_hosts_files,
            config_file=overrides.config_file,
        )
        resolved = _resolve(found["six"] or found["host"], hop, depth - 1)
        jumps += [*resolved.jumps, replace(resolved, jumps=())]
    return replace(target, jumps=tuple(jumps))


def _ask(host: str, overrides: Overrides) -> tuple[Options, tuple[str, ...]]:
    ssh = shutil.which("ssh")
    if ssh is None:
        return _ask_paramiko(host, overrides)
    command = [ssh, "-G"]
    if overrides.config_file is not None:
        command += ["-F", str(overrides.config_file)]
    if overrides.port is not None:
        command += ["-p", str(overrides.port)]
    if overrides.user is not None:
        command += ["-l", overrides.user]
    try:
        done = subprocess.run(
            [*command, "--", host], stdin=subprocess.DEVNULL, capture_output=True, timeout=_SSH_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigRefused(host, f"ssh -G {host} did not answer: {error}", next_step="Try ssh -G by hand.") from error
    if done.returncode != 0:
        said = readable(done.stderr)
        raise ConfigRefused(
            host, f"ssh refuses its configuration for {host}: {said}", next_step="Correct ~/.ssh/config."
        )
    return parse_options(done.stdout.decode("utf-8", "surrogateescape")), ()


def parse_options(text: str) -> Options:
    """The output of ``ssh -G``: one lower-case keyword and its value per line; repeated keywords add up."""
    options: dict[str, list[str]] = {}
    for line in text.splitlines():
        keyword, _, value = line.partition(" ")
        if keyword:
            options.setdefault(keyword.lower(), []).append(value.strip())
    return options


def _ask_paramiko(host: str, overrides: Overrides) -> tuple[Options, tuple[str, ...]]:
    # Seldom needed, and slow to load.
    import paramiko

    file = overrides.config_file or Path.home() / ".ssh" / "config"
    try:
        text = file.read_text("utf-8", "surrogateescape")
        found = paramiko.SSHConfig.from_text(text).lookup(host)
    except FileNotFoundError:
        text, found = "", paramiko.SSHConfigDict()
    except (OSError, paramiko.SSHException, ValueError) as error:
        raise ConfigRefused(host, f"{file} cannot be read: {readable(str(error))}", next_step="Correct it.") from error
    options = {key: [value] if isinstance(value, str) else list(value) for key, value in found.items() if value}
    options.setdefault("identityfile", [f"~/.ssh/id_{kind}" for kind in ("ed25519", "ecdsa", "rsa")])
    options.setdefault("userknownhostsfile", ["~/.ssh/known_hosts ~/.ssh/known_hosts2"])
    options.setdefault("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"])
    has_include = re.search(r"^\s*include\b", text, re.IGNORECASE | re.MULTILINE)
    return options, (f"Include lines of {file} are not followed, because there is no ssh here",) if has_include else ()


def target_from(name: str, options: Options, overrides: Overrides, notes: Sequence[str] = ()) -> Target:
    """Makes the target of the options; what the caller set explicitly wins. Without jumps."""
    host = _first(options, "hostname") or name
    port = overrides.port or int(_first(options, "port") or 22)
    user = overrides.user or _first(options, "user") or getpass.getuser()
    agent = _first(options, "identityagent")
    # ssh -G expands the tokens of every path but this one's.
    tokens = {"h": host, "n": name, "p": str(port), "r": user, "u": getpass.getuser(), "d": str(Path.home()), "%": "%"}
    identities = [_TOKEN.sub(lambda m: tokens.get(m[1], m[0]), path) for path in options.get("identityfile", ())]
    return Target(
        name=name,
        host=host,
        port=port,
        user=user,
        identity_files=overrides.identity_files or _paths(identities),
        identities_only=_first(options, "identitiesonly").lower() == "yes",
        identity_agent="" if agent == "SSH_AUTH_SOCK" else agent,
        known_hosts_files=(
            *overrides.known_hosts_files,
            *_paths(_BETWEEN_PATHS.split(_first(options, "userknownhostsfile"))),
            *_paths(_BETWEEN_PATHS.split(_first(options, "globalknownhostsfile"))),
        ),
        host_key_alias=_first(options, "hostkeyalias"),
        notes=tuple(notes),
    )


def _first(options: Options, keyword: str) -> str:
    values = options.get(keyword, ())
    return values[0] if values else ""


def _paths(values: Sequence[str]) -> tuple[Path, ...]:
    return tuple(_path(value.strip('"')) for value in values if value and value.lower() != "none")


def _path(value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        return Path(value)
