"""zmprov's own options, those before the command, and its general usage text."""

from __future__ import annotations

from dataclasses import dataclass, field

_FLAGS = {
    "h": "help",
    "l": "ldap",
    "z": "zadmin",
    "v": "verbose",
    "d": "debug",
    "m": "master",
    "t": "temp",
    "r": "replace",
}
_WITH_VALUE = {
    "f": "file",
    "s": "server",
    "a": "account",
    "p": "password",
    "P": "passfile",
    "y": "authtoken",
    "Y": "authtokenfile",
    "L": "logpropertyfile",
}
_LONG = {name: letter for letter, name in {**_FLAGS, **_WITH_VALUE}.items()}

GENERAL_USAGE = """
zmprov [args] [cmd] [cmd-args ...]

  -h/--help                             display usage
  -f/--file                             use file as input stream
  -s/--server   {host}[:{port}]         server hostname and optional port
  -l/--ldap                             provision via LDAP instead of SOAP
  -L/--logpropertyfile                  log4j property file, valid only with -l
  -a/--account  {name}                  account name to auth as
  -p/--password {pass}                  password for account
  -P/--passfile {file}                  read password from file
  -z/--zadmin                           use zimbra admin name/password from localconfig for admin/password
  -y/--authtoken {authtoken}            use auth token string(has to be in JSON format) from command line
  -Y/--authtokenfile {authtoken file}   read auth token(has to be in JSON format) from a file
  -v/--verbose                          verbose mode (dumps full exception stack trace)
  -d/--debug                            debug mode (dumps SOAP messages)
  -m/--master                           use LDAP master (only valid with -l)
  -t/--temp                             write binary values to files in temporary directory specified in localconfig \
key zmprov_tmp_directory
  -r/--replace                          allow replacement of safe-guarded multi-valued attribute values configured in \
localconfig key "zmprov_safeguarded_attrs"
"""


class OptionError(ValueError):
    """An option that zmprov does not know, or one that lacks its value. The text follows ``error: ``."""


@dataclass
class Options:
    """The options given, and the command with its arguments."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)

    @property
    def ldap_mode(self) -> bool:
        """-l; but -z, -a, -p, -P, -y and -Y switch it off again (recorded for -z, derived for the others)."""
        return "l" in self.flags and "z" not in self.flags and not {"a", "p", "P", "y", "Y"} & set(self.values)


def parse_options(args: list[str]) -> Options:
    """Options up to the first word that is none. Raises OptionError."""
    options = Options()
    at = 0
    while at < len(args) and args[at].startswith("-") and len(args[at]) > 1:
        word = args[at]
        at += 1
        if word == "--":
            break
        name, equals, value = word.removeprefix("--").partition("=")
        letter = _LONG.get(name, "") if word.startswith("--") else word[1]
        rest = value if word.startswith("--") else word[2:]
        if letter in _FLAGS:
            options.flags.add(letter)
            if rest and not word.startswith("--"):
                args = [*args[:at], "-" + rest, *args[at:]]
        elif letter in _WITH_VALUE:
            if not rest and not equals:
                if at >= len(args):
                    raise OptionError(f"Missing argument for option: {letter}")
                rest = args[at]
                at += 1
            options.values[letter] = rest
        else:
            raise OptionError(f"Unrecognized option: {word}")
    options.command = args[at:]
    return options
