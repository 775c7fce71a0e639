"""Profiles: one TOML file that describes the operator's split domains. No secret is ever in it."""

from splittui.config.load import load
from splittui.config.login import default_file, default_known_hosts
from splittui.config.profile import LegacySystem, Profile, SshLogin, ZimbraHost
from splittui.config.table import ConfigError
from splittui.planning.brake import Limits

__all__ = [
    "ConfigError",
    "LegacySystem",
    "Limits",
    "Profile",
    "SshLogin",
    "ZimbraHost",
    "default_file",
    "default_known_hosts",
    "load",
]
