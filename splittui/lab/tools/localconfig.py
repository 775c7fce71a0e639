"""zmlocalconfig: the local configuration, with passwords only where they are asked for (zm-mailbox, LocalConfig)."""

from __future__ import annotations

import getopt
import sys

from splittui.lab.home import Home

_LONG = ["show", "quiet", "format=", "expand", "default", "path", "help"]
_LINES = {"plain": "{0} = {1}", "shell": "{0}='{2}';", "export": "export {0}='{2}';", "nokey": "{1}"}
_HIDDEN = "**********"


def zmlocalconfig(home: Home, arguments: list[str]) -> int:
    """``zmlocalconfig [-s] [-q] [-x] [-m plain|shell|export|nokey] [KEY...]``; without keys all of them."""
    try:
        options, keys = getopt.gnu_getopt(arguments, "sqxdphm:", _LONG)
    except getopt.GetoptError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    names = {name.lstrip("-")[0] if name != "--format" else "m" for name, _ in options}
    form = next((value for name, value in options if name in ("-m", "--format")), "plain")
    if form not in _LINES:
        sys.stderr.write(f"Error: unknown format {form}\n")
        return 1
    values = home.localconfig()
    for key in keys or sorted(values):
        value = values.get(key)
        if value is None:
            if "q" not in names:
                sys.stderr.write(f"Warning: null valued key '{key}'\n")
            continue
        shown = _HIDDEN if key.endswith("password") and "s" not in names else value
        sys.stdout.write(_LINES[form].format(key, shown, shown.replace("'", "'\"'\"'")) + "\n")
    return 0
