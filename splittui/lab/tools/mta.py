"""postfix, zmmtactl and postqueue: each change of the MTA's state is a line in the lab's mail log."""

from __future__ import annotations

import os
import sys
import time

from splittui.lab.home import Home

_POSTFIX = {
    "reload": "refreshing the Postfix mail system",
    "start": "starting the Postfix mail system",
    "stop": "stopping the Postfix mail system",
    "flush": "flushing the Postfix mail queue",
}
_STATUS = "the Postfix mail system is running: PID: {pid}"


def postfix(home: Home, arguments: list[str]) -> int:
    """``postfix reload|start|stop|flush|status``; what it says goes to stderr, as Postfix does."""
    action = arguments[-1] if arguments else ""
    if action == "status":
        sys.stderr.write(f"postfix/postfix-script: {_STATUS.format(pid=os.getppid())}\n")
        return 0
    if action not in _POSTFIX:
        sys.stderr.write("postfix/postfix-script: fatal: usage: postfix start (or stop, reload, abort, flush, check)\n")
        return 1
    log(home, "postfix/postfix-script", _POSTFIX[action])
    sys.stderr.write(f"postfix/postfix-script: {_POSTFIX[action]}\n")
    return 0


def zmmtactl(home: Home, arguments: list[str]) -> int:
    """``zmmtactl start|stop|restart|reload|status [norewrite]``."""
    action = arguments[0] if arguments else ""
    if action == "status":
        return 0
    if action not in ("start", "stop", "restart", "reload"):
        sys.stdout.write("/opt/zimbra/bin/zmmtactl start|stop|restart|reload|status\n")
        return 1
    if action != "stop" and "norewrite" not in arguments:
        sys.stdout.write("Rewriting configuration files...done.\n")
        sys.stdout.flush()
    return postfix(home, ["reload" if action == "restart" else action])


def postqueue(home: Home, arguments: list[str]) -> int:
    """``postqueue -p|-j|-f``: the lab's queue is always empty."""
    if arguments == ["-p"]:
        sys.stdout.write("Mail queue is empty\n")
    elif arguments == ["-f"]:
        log(home, "postfix/postqueue", "flushing the mail queue")
    elif arguments != ["-j"]:
        sys.stderr.write("postqueue: fatal: usage: postqueue -f | postqueue -j | postqueue -p\n")
        return 69
    return 0


def log(home: Home, program: str, text: str) -> None:
    """One line in syslog's form at the end of the mail log; short appends do not mix (write(2))."""
    host = home.localconfig().get("zimbra_server_hostname", "zimbra").partition(".")[0]
    stamp = time.strftime("%b %e %H:%M:%S")
    with home.log_file.open("a", encoding="utf-8") as file:
        file.write(f"{stamp} {host} {program}[{os.getpid()}]: {text}\n")
