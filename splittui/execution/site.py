"""One site at work: a profile, its links, reading both halves, and running a plan.

The console, the CLI and the tests all take this way. Everything here blocks, and nothing here knows a screen.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from splittui.config import Limits, Profile
from splittui.execution import journal
from splittui.execution.again import used
from splittui.execution.control import Control
from splittui.execution.events import Event, LiveLine, Outcome, RunEnded, Verified
from splittui.execution.halves import HalfFailed, Halves, vantage_of
from splittui.execution.history import History, RunRecord
from splittui.execution.journal import Journal, JournalError
from splittui.execution.lock import LockError, ProfileLock, holder_words, is_held
from splittui.execution.mta_view import MtaView
from splittui.execution.runner import Earlier, Runner
from splittui.execution.standpoints import Standpoints
from splittui.execution.verification import done, questions
from splittui.execution.waves import Waves, WavesError, standings
from splittui.legacy.host import LegacyHost
from splittui.legacy.routers.errors import RouteError
from splittui.legacy.routers.ldap import DirectoryEntries
from splittui.legacy.routers.postfix import PostfixTables
from splittui.legacy.routers.reading import with_routes
from splittui.model.entries import Side
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.planning.route_change import EntryChange, RouteCommand, TableLine
from splittui.planning.setup.directories import book_secret, search_secret
from splittui.planning.setup.sources import Directory
from splittui.planning.wave import Standing, Wave
from splittui.remote import HostKeyUnknown, RemoteError
from splittui.remote.login import Login
from splittui.remote.password import NoPassword, Passwords
from splittui.zimbra.host import Zimbra, not_listening
from splittui.zimbra.lock import Holder, Locked
from splittui.zimbra.zmprov.errors import ZmprovError
from splittui.zimbra.zmprov.session import Listener, ZmprovSession

_WHEN_LOCKED = (
    "Wait until that run is over, or ask. If it is certainly dead, end the process that is named, on that host: "
    "the lock is free as soon as it is gone."
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of one side has come: entries so far."""

    side: Side
    entries: int


@dataclass(frozen=True, slots=True)
class LinkState:
    """The light of one side: whether its link is up, its last round trip in seconds, and what is wrong with it.

    ``warm``: a zmprov stands ready, so that a move starts at once.
    """

    side: Side
    up: bool
    round_trip: float | None = None
    trouble: str = ""
    warm: bool = False


class SiteError(Exception):
    """Something could not be done. ``str()`` says what happened and where; the rest what is certain and what to do.

    ``unreachable`` tells a host that cannot be reached from everything else, ``refused`` what was not even begun.
    """

    def __init__(
        self, what: str, certain: str, next_step: str, *, unreachable: bool = False, refused: bool = False
    ) -> None:
        super().__init__(what)
        self.what, self.certain, self.next_step = what, certain, next_step
        self.unreachable, self.refused = unreachable, refused


class Site:
    """A split domain as one profile describes it."""

    limits = Limits()

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.split: Split = profile.split
        self.limits = profile.limits
        self.journal_file = profile.journal or journal.default_file()
        self._lock_mark = secrets.token_hex(4)
        self._zimbra = Zimbra(profile.zimbra, profile.domain)
        self._legacy = LegacyHost(profile.legacy.ssh) if profile.legacy.ssh else None
        self.standpoints = Standpoints(profile, self._zimbra.login, self.login(Side.LEGACY))
        self.passwords = Passwords()
        self._halves = Halves(profile, self._zimbra, self.standpoints, self.passwords)
        self._trouble = {Side.LEGACY: "", Side.ZIMBRA: ""}
        self._read_legacy = False

    def renew(self, profile: Profile) -> None:
        """The same site, after the role or the choices for the set-up were written anew into its profile."""
        self.profile, self.split = profile, profile.split
        self.standpoints.split = profile.split

    def unlock(self) -> None:
        """Gets the passwords that are needed later before all else, which may mean to ask. Raises SiteError."""
        try:
            self._halves.unlock()
            for server in self.profile.setup.directories:
                self.passwords.of(server)
        except HalfFailed as failed:
            raise self._unread(failed) from failed.error
        except RemoteError as error:
            raise self.explained(error, Side.LEGACY) from error

    def read(self, progress: Callable[[Progress], None]) -> Snapshot:
        """Reads both halves; a half that cannot be read whole comes back marked partial with the reason.

        Raises SiteError where a half cannot be read at all.
        """
        try:
            snapshot = self._halves.read(lambda side, entries: progress(Progress(side, entries)))
        except HalfFailed as failed:
            raise self._unread(failed) from failed.error
        self._trouble = {Side.LEGACY: "", Side.ZIMBRA: ""}
        self._read_legacy = True
        tables = PostfixTables(self._legacy, self.split.legacy, lambda line: None) if self._legacy is not None else None
        return replace(snapshot, legacy=with_routes(snapshot.legacy, self.split, self.split.router, tables))

    def run(
        self, plan: Plan, emit: Callable[[Event], None], control: Control, earlier: Earlier | None = None
    ) -> RunEnded:
        """Runs the plan to its end; every event goes to ``emit`` (called from this thread) as it happens.

        ``earlier`` is the run that is taken up again. Raises SiteError where it cannot even begin, also where another
        operator is at work.
        """
        holder = Holder(holder_words(time.time()), self._lock_mark)
        try:
            with ProfileLock(self.journal_file.parent, self.profile.name, holder.words):
                return self._run(plan, emit, control, earlier, holder)
        except (JournalError, LockError) as error:
            raise SiteError(str(error), "Nothing was sent.", error.next_step, refused=True) from error
        except Locked as error:
            raise SiteError(f"{error}.", "Nothing was sent.", _WHEN_LOCKED, refused=True) from error
        except RemoteError as error:
            raise self.explained(error) from error
        except ZmprovError as error:
            raise self._failed(Side.ZIMBRA, f"zmprov on {self.split.zimbra}: {error}") from error

    def _run(
        self,
        plan: Plan,
        emit: Callable[[Event], None],
        control: Control,
        earlier: Earlier | None,
        holder: Holder,
    ) -> RunEnded:
        opened = Journal(self.journal_file)

        def tell(event: Event) -> None:
            if isinstance(event, LiveLine):
                opened.hear(event)
            emit(event)

        hosts = _Hosts(self.split, self._zimbra, self._legacy, holder, self._entries(), self._given)
        try:
            hosts.lock()
            self._reach(hosts, plan)
            return Runner(
                plan,
                hosts,
                opened,
                self.profile.name,
                tell,
                control,
                earlier=earlier,
                failures=self.limits.failures,
            ).run()
        finally:
            hosts.close()
            opened.close()

    def _reach(self, hosts: _Hosts, plan: Plan) -> None:
        try:
            hosts.reach(plan)
        except RemoteError as error:
            raise self.explained(error, Side.LEGACY) from error

    def _entries(self) -> DirectoryEntries | None:
        server = self.profile.legacy.router_server
        if server is None:
            return None
        return DirectoryEntries(server, self.passwords, vantage_of(server, self.standpoints))

    def _given(self, name: str) -> str:
        for server in self.profile.setup.directories:
            directory = Directory(server.url, bind_dn=server.bind_dn)
            if name in (book_secret(directory), search_secret(directory)):
                return self.passwords.of(server)
        raise NoPassword(self.split.zimbra, f"the profile has no directory for {name}", "Look at its table setup.")

    def verify(self, plan: Plan, ended: RunEnded, *, rcpt: bool = False) -> Verified:
        """Asks both MTAs about those whose steps all came about; with ``rcpt`` also their new homes, by SMTP.

        Raises nothing: what could not be asked is among the answers.
        """
        right = done(plan, [outcome in (Outcome.DONE, Outcome.ALREADY) for outcome in ended.outcomes])
        on_legacy = self._legacy.run if self._legacy is not None else None
        verified = Verified(MtaView(self.standpoints, on_legacy).answer(questions(plan, right, rcpt)))
        try:
            self.waves.keep_answers(ended.run_id, verified)
        except WavesError as error:
            return replace(verified, not_kept=str(error))
        return verified

    @property
    def is_running(self) -> bool:
        """Whether a run of this profile is going on in some process of this machine."""
        return is_held(self.journal_file.parent, self.profile.name)

    def runs(self, limit: int) -> list[RunRecord]:
        """The newest runs of this profile first. Raises HistoryError."""
        return self.history.runs(self.profile.name, limit)

    @property
    def history(self) -> History:
        """The runs so far."""
        return History(self.journal_file)

    def used(self, plan: Plan) -> str:
        """Why the plan is not run, as it was run before; empty where it was not. Raises HistoryError."""
        return used(self.history.of_plan(plan))

    @property
    def waves(self) -> Waves:
        """The waves of this profile."""
        return Waves(self.journal_file, self.profile.name)

    def standings(self, wave: Wave) -> tuple[Standing, ...]:
        """How far each person of a wave is, by the journal. Raises HistoryError and WavesError."""
        return standings(wave, self.history.since(self.profile.name, wave.saved_at), self.waves.answers())

    def warm(self) -> None:
        """Starts zmprov ahead of its first use, so that a move need not wait for a JVM. Raises SiteError."""
        try:
            self._zimbra.warm()
        except (RemoteError, ZmprovError) as error:
            raise self._failed(Side.ZIMBRA, f"zmprov on {self.split.zimbra}: {error}") from error

    def links(self) -> tuple[LinkState, LinkState]:
        """Legacy's and Zimbra's light, without waiting for anything."""
        link = self._zimbra.login.link
        up = link is not None and link.alive
        trouble = self._trouble[Side.ZIMBRA] or ("" if up or link is None else "the link was lost")
        return (
            LinkState(
                Side.LEGACY, self._read_legacy and not self._trouble[Side.LEGACY], None, self._trouble[Side.LEGACY]
            ),
            LinkState(Side.ZIMBRA, up, link.latency if link is not None else None, trouble, self._zimbra.is_warm),
        )

    def login(self, side: Side) -> Login | None:
        """The login on a side's host; None where the profile has none there."""
        if side is Side.ZIMBRA:
            return self._zimbra.login
        return self._legacy.login if self._legacy is not None else None

    def version(self) -> str:
        """What ``zmcontrol -v`` prints (``Release 10.1.4.GA...``), in one line. Raises RemoteError."""
        return clean(self._zimbra.shell((f"{self.split.zimbra_home}/bin/zmcontrol", "-v"))[1].strip())

    def advice(self) -> str:
        """What the operator should allow on the Zimbra host, where only zmprov may be run; empty otherwise."""
        return self._zimbra.login.only_program

    def close(self) -> None:
        """Closes the links; safe to call twice, and from another thread to break off what blocks."""
        self._halves.cancel()
        self.standpoints.close()
        self._zimbra.close()
        if self._legacy is not None:
            self._legacy.close()

    def trust(self, fingerprint: str) -> bool:
        """Accepts the key of either host if this is its fingerprint; false where both are known. Raises SiteError."""
        failed: list[tuple[Side, RemoteError]] = []
        for side in (Side.ZIMBRA, Side.LEGACY):
            login = self.login(side)
            try:
                if login is not None and login.trust(fingerprint):
                    return True
            except RemoteError as error:
                failed.append((side, error))
        if failed:
            raise self.explained(failed[0][1], failed[0][0]) from failed[0][1]
        return False

    def _unread(self, failed: HalfFailed) -> SiteError:
        error, host = failed.error, self.split.host_of(failed.side)
        if isinstance(error, RemoteError):
            return self.explained(error, failed.side)
        if isinstance(error, ZmprovError):
            return self._failed(failed.side, f"zmprov on {host}: {error}")
        return self._failed(failed.side, f"The people of {host} cannot be read: {error}.")

    def explained(self, error: RemoteError, side: Side = Side.ZIMBRA) -> SiteError:
        """What could not be reached, as every face tells it; from then on the light of that side is out."""
        self._trouble[side] = str(error)
        next_step = error.next_step
        if isinstance(error, HostKeyUnknown):
            next_step = (
                "Compare the fingerprint with the server's own (ssh-keygen -lf on its host key). If they are the same: "
                f"splittui trust {error.key.fingerprint}"
            )
        return SiteError(f"{str(error).rstrip('.')}.", error.certain, next_step, unreachable=True)

    def _failed(self, side: Side, what: str) -> SiteError:
        self._trouble[side] = what
        return SiteError(what, "Nothing was changed.", "Mend it, then read again.")


class _Hosts:
    """The two hosts, as a run needs them; every zmprov of the run holds the lock."""

    def __init__(
        self,
        split: Split,
        zimbra: Zimbra,
        legacy: LegacyHost | None,
        holder: Holder,
        entries: DirectoryEntries | None,
        given: Callable[[str], str],
    ) -> None:
        self._split, self._zimbra, self._legacy, self._holder = split, zimbra, legacy, holder
        self._entries, self.given = entries, given
        self._locked: ZmprovSession | None = None

    def lock(self) -> None:
        """Takes the lock before anything is changed on either host. Raises Locked, RemoteError and ZmprovError."""
        self._locked = self._zimbra.locked_session(not_listening, self._holder)

    def session(self, listener: Listener) -> ZmprovSession:
        session, self._locked = self._locked, None
        if session is None:
            return self._zimbra.locked_session(listener, self._holder)
        session.listener = listener
        return session

    def release(self, session: ZmprovSession) -> None:
        self._zimbra.release(session)

    def close(self) -> None:
        """Frees the lock where no step needed zmprov."""
        if self._entries is not None:
            self._entries.close()
        if self._locked is not None:
            self._zimbra.release(self._locked)

    def reach(self, plan: Plan) -> None:
        """Looks whether the place of the existing system's routing can be reached, before anything is changed.

        Raises RemoteError.
        """
        kinds = {type(step.route) for step in plan.steps}
        if self._legacy is not None and kinds & {RouteCommand, TableLine}:
            self._legacy.login.connected()
        if self._entries is not None and EntryChange in kinds:
            self._entries.open()

    def tables(self, heard: Callable[[str], None]) -> PostfixTables:
        if self._legacy is None:
            raise RouteError(f"the profile has no login on {self._split.legacy}")
        return PostfixTables(self._legacy, self._split.legacy, heard)

    def entries(self) -> DirectoryEntries:
        if self._entries is None:
            raise RouteError("the profile has no router by LDAP")
        return self._entries

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        if host == self._split.zimbra:
            return self._zimbra.shell(argv)
        if self._legacy is None:
            return 127, f"the profile has no login on {host}"
        return self._legacy.run(argv)
