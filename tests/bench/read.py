"""Both halves read through ``Site.read`` over SSH, against the very same command on the lab, into /dev/null.

The command is the reader's own script: zmlocalconfig, then ldapsearch three times. The lab's ldapsearch is an
emulation and slower than the real one, so the CPU time of reading is told besides: that is what a fast directory
would leave. Zimbra's half alone leaves out the legacy system's export, which ``Site.read`` reads first.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator

from splittui import config
from splittui.execution.site import Progress, Site
from splittui.lab.home import Home
from splittui.zimbra import directory
from splittui.zimbra.host import Zimbra
from tests.bench.far_lab import far_lab
from tests.bench.figure import Figure, Goal, Kind, Sizes

_ROUNDS = 3


def figures(sizes: Sizes) -> Iterator[Figure]:
    # About 8 of 100 people exist on the legacy system only.
    with far_lab(sizes.accounts * 108 // 100, kept_in=sizes.labs) as lab:
        site = Site(config.load(lab.config))
        site.read(_ignore)
        zimbra = Zimbra(site.profile.zimbra, site.split.domain)
        zimbra.read(site.split.domain, 0.0, _ignore)
        walls, halves, cpus, bare, entries = [], [], [], [], 0
        for _ in range(_ROUNDS):
            bare.append(_bare(lab.home, site.split.domain))
            began, cpu = time.perf_counter(), time.process_time()
            snapshot = site.read(_ignore)
            walls.append(time.perf_counter() - began)
            cpus.append(time.process_time() - cpu)
            entries = len(snapshot.zimbra.accounts)
            assert snapshot.complete, snapshot.why_partial
            began = time.perf_counter()
            zimbra.read(site.split.domain, 0.0, _ignore)
            halves.append(time.perf_counter() - began)
        site.close()
        zimbra.close()
        name = f"read: {entries:,} entries"
        command = "the same ldapsearch on the lab, into /dev/null"
        yield Figure(name, statistics.median(walls), statistics.median(bare), command, Goal(Kind.RATIO, 1.3))
        yield Figure("read: Zimbra's half alone", statistics.median(halves), statistics.median(bare), command)
        yield Figure("read: CPU of this program", statistics.median(cpus), statistics.median(bare), command)


def _bare(home: Home, domain: str) -> float:
    arguments = directory.script_arguments(str(home.path), directory.new_mark(), domain)
    command = ["/bin/sh", "-c", directory.SCRIPT, "sh", *arguments]
    began = time.perf_counter()
    subprocess.run(command, env=home.environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _ignore(progress: Progress | int) -> None:
    """Nobody watches."""
