"""How a host is logged in to: the same keys wherever a profile names one."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from splittui.config.profile import SshLogin
from splittui.config.table import Table

BECOME = ("direct", "sudo", "runuser", "su")
KEYS = ("host", "port", "user", "become", "run_as", "key_file", "known_hosts")


def default_file() -> Path:
    """Where the configuration is looked for without ``--config``."""
    return platformdirs.user_config_path("splittui") / "splittui.toml"


def default_known_hosts() -> Path:
    """Where host keys go that the operator accepts in splittui itself."""
    return default_file().parent / "known_hosts"


def login(table: Table, run_as: str) -> SshLogin:
    return SshLogin(
        host=table.text("host"),
        port=table.number("port", None, 1, 65535),
        user=table.text("user", "") or None,
        become=table.choice("become", BECOME, "direct"),
        run_as=table.text("run_as", run_as),
        key_file=table.path("key_file"),
        known_hosts=table.path("known_hosts") or default_known_hosts(),
    )
