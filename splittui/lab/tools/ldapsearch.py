"""ldapsearch against the lab's directory: options, output and exit statuses of OpenLDAP's own."""

from __future__ import annotations

import base64
import getopt
import itertools
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from splittui.lab.directory import Attrs, Directory
from splittui.lab.home import ADMIN_DN, POSTFIX_DN, Home
from splittui.lab.tools import ldif
from splittui.lab.tools.ldap_filter import Filter, FilterError, parse_filter
from splittui.lab.tools.search import entries

SUCCESS, SIZE_LIMIT, NO_SUCH_OBJECT, INVALID_DN, INVALID_CREDENTIALS, NO_ACCESS = 0, 4, 32, 34, 49, 50
_MEANING = {
    SUCCESS: "Success",
    SIZE_LIMIT: "Size limit exceeded",
    NO_SUCH_OBJECT: "No such object",
    INVALID_DN: "Invalid DN syntax",
    INVALID_CREDENTIALS: "Invalid credentials",
    NO_ACCESS: "Insufficient access",
}
_CANNOT_CONNECT = "Can't contact LDAP server (-1)"
_SCOPES = {"base": "baseObject", "one": "oneLevel", "sub": "subtree", "children": "children"}
_OPTIONS = "a:Ab:cE:F:l:Ls:S:tT:uz:Cd:D:e:f:h:H:IMnNO:o:p:P:QR:U:vVw:WxX:y:Y:Z"
_CHUNK = 65536
_PAGED = "1.2.840.113556.1.4.319"


class _SearchError(Exception):
    """ldapsearch ends before it has searched; ``status`` is what it exits with."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One search as the command line asks for it. ``terse`` counts the -L; ``page`` and ``limit`` 0 mean none."""

    base: str
    scope: str
    query: str
    wanted: tuple[str, ...]
    terse: int
    wrap: bool
    page: int
    critical: bool
    limit: int
    url: str
    bind_dn: str
    password: str
    tls: int


def ldapsearch(home: Home, arguments: list[str]) -> int:
    """``ldapsearch -x [-LLL] [-H URL] [-D DN -w PASSWORD|-y FILE] [-E pr=N/noprompt] -b BASE [FILTER] [NAME...]``."""
    try:
        request = _request(arguments)
        _connect(home, request)
        query = parse_filter(request.query)
        with home.directory() as directory:
            return _Printer(request).search(directory, query, home.settings().ldap_size_limit)
    except FilterError:
        sys.stderr.write("ldap_search_ext: Bad search filter (-7)\n")
        return 249
    except _SearchError as error:
        sys.stderr.write(f"{error}\n")
        return error.status


def _request(arguments: list[str]) -> Request:
    try:
        pairs, rest = getopt.gnu_getopt(arguments, _OPTIONS)
    except getopt.GetoptError as error:
        raise _SearchError(1, f"ldapsearch: {error}\nusage: ldapsearch [options] [filter [attributes...]]") from error
    values = dict(pairs)
    query = rest.pop(0) if rest and "=" in rest[0] else "(objectClass=*)"
    scope = values.get("-s", "sub")
    if scope not in _SCOPES:
        raise _SearchError(1, "scope should be base, one, or sub")
    extension = values.get("-E", "")
    page = extension.removeprefix("!").removeprefix("pr=").partition("/")[0]
    return Request(
        base=values.get("-b", ""),
        scope=scope,
        query=query,
        wanted=tuple(rest),
        terse=sum(name == "-L" for name, _ in pairs),
        wrap=values.get("-o", "").replace("_", "-") != "ldif-wrap=no",
        page=int(page) if page.isdigit() else 0,
        critical=extension.startswith("!"),
        limit=int(limit) if (limit := values.get("-z", "none")).isdigit() else 0,
        url=values.get("-H", ""),
        bind_dn=values.get("-D", ""),
        password=_password(values["-y"]) if "-y" in values else values.get("-w", ""),
        tls=sum(name == "-Z" for name, _ in pairs),
    )


def _password(file: str) -> str:
    try:
        with open(file, encoding="utf-8", newline="") as stream:
            if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & (stat.S_IROTH | stat.S_IWOTH):
                sys.stderr.write(f"Warning: Password file {file} is publicly readable/writeable\n")
            return stream.read()
    except OSError as error:
        raise _SearchError(1, f"{file}: {error.strerror}") from error


def _connect(home: Home, request: Request) -> None:
    config = home.localconfig()
    known = [urlsplit(url).netloc for url in config.get("ldap_url", "").split()]
    reached = home.settings().ldap and (not request.url or urlsplit(request.url).netloc in known)
    if request.tls and not reached:
        raise _SearchError(1, f"ldap_start_tls: {_CANNOT_CONNECT}")
    if request.tls:
        refused = "ldap_start_tls: Protocol error (2)\n\tadditional info: unsupported extended operation"
        if request.tls > 1:
            raise _SearchError(1, refused)
        sys.stderr.write(f"{refused}\n")
    if not reached:
        raise _SearchError(255, f"ldap_sasl_bind(SIMPLE): {_CANNOT_CONNECT}")
    secrets = {ADMIN_DN: config["zimbra_ldap_password"], POSTFIX_DN: config["ldap_postfix_password"]}
    if request.bind_dn and not request.password:
        why = "\n\tadditional info: unauthenticated bind (DN with no password) disallowed"
        raise _SearchError(53, f"ldap_bind: Server is unwilling to perform (53){why}")
    if request.bind_dn and secrets.get(request.bind_dn) != request.password:
        raise _SearchError(INVALID_CREDENTIALS, "ldap_bind: Invalid credentials (49)")


class _Wanted(dict[str, bool]):
    """Whether an attribute is asked for, each decided once; ``*`` and no name at all mean every one, ``1.1`` none."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self._names = {name.lower() for name in names} or {"*"}

    def __missing__(self, name: str) -> bool:
        self[name] = wanted = "*" in self._names or name.lower() in self._names
        return wanted


class _Printer:
    """Prints one search's answer page by page."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._out: list[str] = []
        self._size = 0
        self._pages = 0
        self._wanted = _Wanted(request.wanted)

    def search(self, directory: Directory, query: Filter, server_limit: int) -> int:
        request = self._request
        self._header()
        if not request.bind_dn:
            return self._end(NO_ACCESS, 0)
        if request.base and "=" not in request.base:
            return self._end(INVALID_DN, 0)
        if request.base and directory.entry(request.base) is None:
            return self._end(NO_SUCH_OBJECT, 0, _nearest(directory, request.base))
        found = entries(directory, request.base, request.scope, query)
        limit = min((limit for limit in (request.limit, server_limit) if limit), default=None)
        count = 0
        for dn, attrs in itertools.islice(found, limit):
            if request.page and count and count % request.page == 0:
                self._page_end(count)
                self._header()
            count += 1
            self._entry(dn, attrs)
        return self._end(SIZE_LIMIT if limit == count and next(found, None) else SUCCESS, count)

    def _header(self) -> None:
        request = self._request
        if request.terse in (1, 2) and (request.terse == 1 or not self._pages):
            self._put("version: 1\n\n")
        if request.terse >= 2:
            return
        lines = ["# extended LDIF"] if not request.terse else []
        lines += ["#", "# LDAPv3", f"# base <{request.base}> with scope {_SCOPES[request.scope]}"]
        lines += [f"# filter: {request.query}"]
        lines += [f"# requesting: {' '.join(request.wanted)} " if request.wanted else "# requesting: ALL"]
        if request.page:
            lines.append(f"# with pagedResults {'critical ' * request.critical}control: size={request.page}")
        self._put("\n".join([*lines, "#", "", ""]))

    def _entry(self, dn: str, attrs: Attrs) -> None:
        if self._request.terse < 2:
            self._put(f"# {ldif.friendly(dn)}\n")
        shown = [pair for pair in attrs.items() if self._wanted[pair[0]]]
        self._put(ldif.entry(dn, shown, self._request.wrap))

    def _page_end(self, count: int) -> None:
        """The end of a page that is not the last one: its cookie says where the next one starts."""
        self._result(SUCCESS)
        self._control(count.to_bytes(8, "little"))
        self._pages += 1
        self._flush()

    def _end(self, status: int, count: int, matched: str = "") -> int:
        request = self._request
        self._result(status)
        if matched and not request.terse:
            self._put(ldif.line("matchedDN", matched))
        if request.page and status == SUCCESS:
            self._control(b"")
        if request.terse < 2:
            answers = count + self._pages + 1
            self._put(f"\n# numResponses: {answers}\n" + (f"# numEntries: {count}\n" if count else ""))
        self._flush()
        if request.terse and status != SUCCESS:
            sys.stderr.write(f"{_MEANING[status]} ({status})\n")
        return status

    def _result(self, status: int) -> None:
        if self._request.terse < 2:
            self._put("# search result\n")
        if not self._request.terse:
            self._put(f"search: {self._pages + 2}\nresult: {status} {_MEANING[status]}\n")

    def _control(self, cookie: bytes) -> None:
        mark = "# " if self._request.terse else ""
        if self._request.terse < 2:
            # RFC 2696: SEQUENCE { size INTEGER, cookie OCTET STRING }; the size is not told.
            value = bytes((0x30, 5 + len(cookie), 2, 1, 0, 4, len(cookie))) + cookie
            self._put(f"{mark}control: {_PAGED} false {base64.b64encode(value).decode()}\n")
        self._put(f"{mark}pagedresults: cookie={base64.b64encode(cookie).decode()}\n")

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._size += len(text)
        if self._size > _CHUNK:
            self._flush()

    def _flush(self) -> None:
        sys.stdout.buffer.write("".join(self._out).encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
        self._out, self._size = [], 0


def _nearest(directory: Directory, dn: str) -> str:
    """The closest entry above a missing one."""
    while dn:
        _, _, dn = dn.partition(",")
        if dn and directory.entry(dn) is not None:
            return dn
    return ""
