"""A line in a Postfix table, with the real postmap: changed, taken back, and left alone by whatever goes wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.legacy.routers import table_scripts
from splittui.legacy.routers.errors import RouteError
from splittui.legacy.routers.table_text import values
from tests.legacy.tables import KEY, SBIN, ZIMBRA, LocalShell, Table
from tests.servers.ground import unavailable

TEXT = "# routes\nfoo@example.com    smtp:elsewhere\n\n.example.net :\n"
KINDS = ("hash", "btree", "lmdb", "texthash")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where that is possible: postmap brings every table to the disk before it ends."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


@pytest.fixture(params=KINDS)
def any_table(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    return Table(tmp_path, request.param).write(TEXT)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path).write(TEXT)


def test_away_and_back(any_table: Table) -> None:
    work, line = any_table.at_work(), any_table.away()
    assert work.look(line) == ()
    work.make(line)
    assert work.look(line) == (ZIMBRA,)
    assert any_table.found() == ZIMBRA
    assert any_table.path.read_text() == f"{TEXT}{KEY}\t{ZIMBRA}\n"
    work.make(line.inverse)
    assert any_table.path.read_text() == TEXT
    assert any_table.found() == ""
    assert any_table.found("foo@example.com") == "smtp:elsewhere"


def test_the_old_text_is_kept_and_nothing_else_is_left(table: Table) -> None:
    before = table.files
    for line in (table.away(), table.away("baz@example.com")):
        table.at_work().make(line)
    assert table.files == sorted([*before, "transport.splittui-old"])
    assert table.path.with_suffix(".splittui-old").read_text() == f"{TEXT}{KEY}\t{ZIMBRA}\n"


def test_an_index_that_is_in_use_loses_its_name(table: Table) -> None:
    """By that Postfix notices at once that it has to open the new one (st_nlink is 0)."""
    with open(f"{table.path}.db", "rb") as in_use:
        table.at_work().make(table.away())
        assert os.fstat(in_use.fileno()).st_nlink == 0


def test_owner_and_mode_stay(table: Table) -> None:
    table.path.chmod(0o640)
    if os.getuid() == 0:
        os.chown(table.path, 0, 1)
    before = table.path.stat()
    table.at_work().make(table.away())
    after = table.path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_everything_is_read_at_once(table: Table) -> None:
    table.write("Foo@example.com smtp:a\nbar@example.com x\nbar@example.com y\n")
    assert table.at_work().everything(table.name) == {"foo@example.com": ("smtp:a",), KEY: ("x", "y")}


def test_a_change_of_somebody_else_in_between_is_kept(table: Table) -> None:
    edits = iter(["baz@example.com smtp:b\n"])

    def edit(script: str) -> None:
        if script == table_scripts.WRITE and (line := next(edits, "")):
            table.write(table.path.read_text() + line)

    table.at_work(LocalShell(table.folder, before=edit)).make(table.away())
    assert (table.found(), table.found("baz@example.com")) == (ZIMBRA, "smtp:b")


def test_a_table_that_never_rests_is_left_alone(table: Table) -> None:
    def edit(script: str) -> None:
        if script == table_scripts.WRITE:
            table.write(table.path.read_text() + "# again\n")

    with pytest.raises(RouteError, match="written by others 5 times"):
        table.at_work(LocalShell(table.folder, before=edit)).make(table.away())
    assert table.found() == ""


def test_a_line_that_somebody_else_changed_is_left_alone(table: Table) -> None:
    table.write(f"{TEXT}{KEY} smtp:other\n")
    with pytest.raises(RouteError, match="changed in between"):
        table.at_work().make(table.away())
    assert table.found() == "smtp:other"


def test_many_at_once_lose_nothing(table: Table) -> None:
    keys = [f"p{number}@example.com" for number in range(8)]

    def move(key: str) -> None:
        line = table.away(key)
        while True:
            try:
                return table.at_work().make(line)
            except RouteError as error:
                if "written by others" not in str(error):
                    raise

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(move, keys))
    assert [table.found(key) for key in keys] == [ZIMBRA] * len(keys)
    assert table.found("foo@example.com") == "smtp:elsewhere"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{KEY} a\n{KEY} b\n", "stands there 2 times with different values"),
        ("x\0y z\n", "NUL"),
    ],
)
def test_a_text_that_is_not_clear_is_left_alone(table: Table, text: str, words: str) -> None:
    table.write(text)
    with pytest.raises(RouteError, match=words):
        table.at_work().make(table.away(before="a" if KEY in text else ""))
    assert table.path.read_text() == text


def test_an_edit_without_postmap_is_left_alone(table: Table) -> None:
    table.path.write_text(f"{TEXT}half@example.com smtp:")
    index = Path(f"{table.path}.db")
    os.utime(index, (1, 1))
    with pytest.raises(RouteError, match="written after its index was made"):
        table.at_work().look(table.away())
    table.index()
    assert table.at_work().look(table.away()) == ()


def test_an_index_that_says_something_else_is_told(table: Table) -> None:
    later = table.path.stat().st_mtime + 10
    table.path.write_text(f"{TEXT}{KEY} smtp:other\n")
    os.utime(f"{table.path}.db", (later, later))
    with pytest.raises(RouteError, match=r"has smtp:other for bar@example.com, but postmap -q finds nothing"):
        table.at_work().look(table.away())


def test_what_cannot_be_a_table_is_told(table: Table, tmp_path: Path) -> None:
    with pytest.raises(RouteError, match="there is no file"):
        table.at_work().look(replace(table.away(), table=f"hash:{tmp_path}/none"))
    with pytest.raises(RouteError, match=r"no .*transport.lmdb: never made by postmap"):
        table.at_work().look(replace(table.away(), table=f"lmdb:{table.path}"))
    link = tmp_path / "tables" / "link"
    link.symlink_to(table.path)
    with pytest.raises(RouteError, match="symbolic link"):
        table.at_work().look(replace(table.away(), table=f"texthash:{link}"))


def test_an_index_that_is_broken_is_told_in_postmaps_own_words(table: Table) -> None:
    Path(f"{table.path}.db").write_bytes(b"no database at all")
    with pytest.raises(RouteError, match=r"fatal: open database .*transport.db"):
        table.at_work().look(table.away())


def test_a_link_that_is_cut_while_the_text_comes_changes_nothing(table: Table) -> None:
    class Cut(LocalShell):
        def script(self, text: str, *arguments: str, stdin: bytes = b""):
            return super().script(text, *arguments, stdin=stdin[:-5])

    with pytest.raises(RouteError, match="did not arrive whole"):
        table.at_work(Cut(table.folder)).make(table.away())
    assert table.path.read_text() == TEXT
    assert "transport.splittui-new" not in table.files


def test_a_folder_that_must_not_be_written(table: Table) -> None:
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        unavailable("this takes root and setpriv")
    table.folder.chmod(0o755)
    for folder in (table.path.parent, table.folder / "etc"):
        folder.chmod(0o755)
    for parent in table.folder.parents:
        if not parent.stat().st_mode & 0o001:
            pytest.skip("the folder of the tests is closed to other users")
    shell = LocalShell(table.folder, ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"))
    with pytest.raises(RouteError, match=r"splittui-new cannot be made: .*[Pp]ermission denied"):
        table.at_work(shell).make(table.away())
    assert table.path.read_text() == TEXT


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Table, LocalShell]]:
    """A table on a file system of 128 kB, in a mount namespace of its own."""
    if os.getuid() != 0 or shutil.which("unshare") is None:
        unavailable("a file system of our own takes root and unshare")
    folder = tmp_path / "tables"
    folder.mkdir()
    holder = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size=128k none {folder} && echo mounted && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    if holder.stdout.readline() != b"mounted\n":
        unavailable("a file system cannot be mounted here")
    table = Table(tmp_path)
    inside = Table(Path(f"/proc/{holder.pid}/root{tmp_path}"))
    inside.path.write_text(TEXT)
    shell = LocalShell(tmp_path, ("nsenter", "-t", str(holder.pid), "-m", "--"))
    shell.script('PATH=$PATH:/usr/sbin; postmap "$1"', table.name)
    yield table, shell
    holder.kill()
    holder.communicate()


def test_a_full_disk_leaves_the_table_as_it_was(small_disk: tuple[Table, LocalShell]) -> None:
    table, shell = small_disk
    work, line, folder = table.at_work(shell), table.away(), str(table.path.parent)
    shell.script('head -c 1000000 /dev/zero >"$1/filler" 2>/dev/null; :', folder)
    refusals = []
    while work.look(line) == ():
        try:
            work.make(line)
        except RouteError as error:
            refusals.append(str(error))
            assert work.look(line) == ()
            assert b"splittui-new" not in shell.script('ls "$1"', folder).stdout
            shell.script('truncate -s -4K "$1/filler"', folder)
    assert work.look(line) == (ZIMBRA,)
    assert len(refusals) > 2
    assert all("No space left on device" in refusal for refusal in refusals), refusals
    assert {refusal.split(": ")[1] for refusal in refusals} >= {"the table cannot be copied"}
    assert any("postmap" in refusal for refusal in refusals)


PROGRAMS = ("find", "id", "cat", "ls", "rm", "cp", "wc", "postmap", "sync", "ln", "mv", "sha256sum", "flock")


def faulty(folder: Path, program: str, fault: str) -> dict[str, str]:
    """An environment in which each program writes its name to a list, and the Nth of them has a fault."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    log = folder / "calls"
    log.write_text("")
    for name in PROGRAMS:
        real = shutil.which(name, path=f"/usr/bin:/bin:{SBIN}")
        if real is None:
            continue
        file = bin_folder / name
        file.write_text(
            f"#!/bin/sh\necho {name} >>{log}\n"
            f'[ "$(/usr/bin/wc -l <{log})" -eq {program} ] && {{ {fault}; }}\nexec {real} "$@"\n'
        )
        file.chmod(0o755)
    return {"PATH": f"{bin_folder}:/usr/bin:/bin"}


class InItsOwnGroup(LocalShell):
    """Only the script that writes is disturbed, and it dies alone when its whole group is killed."""

    def script(self, text: str, *arguments: str, stdin: bytes = b""):
        wrap = ("setsid", "-w") if text == table_scripts.WRITE else ()
        env = self.env if text == table_scripts.WRITE else {}
        return LocalShell(self.folder, wrap, env).script(text, *arguments, stdin=stdin)


def calls_of_a_write(table: Table) -> list[str]:
    env = faulty(table.folder, "-1", ":")
    table.at_work(InItsOwnGroup(table.folder, env=env)).make(table.away())
    return (table.folder / "calls").read_text().split()


@pytest.mark.parametrize("fault", ["exit 1", "kill -9 0"], ids=["fails", "killed"])
def test_whatever_program_fails_or_is_killed_the_table_is_whole(tmp_path: Path, fault: str) -> None:
    calls = calls_of_a_write(Table(tmp_path / "count").write(TEXT))
    assert {"postmap", "cp", "cat", "mv"} <= set(calls)
    ends = set()
    for number, name in enumerate(calls, start=1):
        table = Table(tmp_path / str(number)).write(TEXT)
        env = faulty(table.folder, str(number), fault)
        line = table.away()
        try:
            table.at_work(InItsOwnGroup(table.folder, env=env)).make(line)
            said = ""
        except RouteError as error:
            said = str(error)
        text = values(table.path.read_bytes(), KEY)
        indexed = (table.found(),) if table.found() else ()
        where = f"{fault} in call {number}, {name}: {said}"
        ends.add((text, indexed))
        if fault == "exit 1":
            assert text == indexed, where
        if not said:
            assert text == indexed == (ZIMBRA,), where
        if text != indexed:
            assert (text, indexed) == ((ZIMBRA,), ()), where
            with pytest.raises(RouteError, match="postmap"):
                table.at_work().look(line)
            table.index()
        after = table.at_work().look(line)
        assert after in ((), (ZIMBRA,)), where
        if after == ():
            table.at_work().make(line)
        assert table.found() == ZIMBRA, where
        assert table.found("foo@example.com") == "smtp:elsewhere", where
        table.at_work().make(table.away("baz@example.com"))
        assert table.files == ["transport", "transport.db", "transport.splittui-old"], where
    assert ((), ()) in ends
    assert ((ZIMBRA,), (ZIMBRA,)) in ends


def test_a_reader_waits_for_a_writer(table: Table) -> None:
    """After a cut link the script may still be at work over there: what is read back must be what it ends in."""
    if shutil.which("flock") is None:
        unavailable("there is no flock")
    holder = subprocess.Popen(
        [
            "flock",
            str(table.path.parent),
            "sh",
            "-c",
            f"echo held; read line; rm {table.path}.db; postmap {table.name}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PATH": f"/usr/bin:/bin:{SBIN}", "MAIL_CONFIG": str(table.folder / "etc")},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(table.at_work().look, table.away())
        table.path.write_text(f"{TEXT}{KEY} {ZIMBRA}\n")
        assert not looking.done()
        holder.communicate(b"go\n")
        assert looking.result(20) == (ZIMBRA,)


def test_without_flock_the_new_file_is_the_lock(table: Table, tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    for name in (*PROGRAMS, "sh"):
        real = shutil.which(name, path=f"/usr/bin:/bin:{SBIN}")
        if name != "flock" and real is not None:
            (bare / name).symlink_to(real)
    shell = LocalShell(table.folder, env={"PATH": str(bare)})
    table.at_work(shell).make(table.away())
    assert table.found() == ZIMBRA
    new = table.path.with_suffix(".splittui-new")
    new.touch()
    with pytest.raises(RouteError, match=r"splittui-new cannot be made: .*exists"):
        table.at_work(shell).make(table.away(before=ZIMBRA, after=""))
    assert table.found() == ZIMBRA
    assert new.exists()
