"""One operator at a time: the lock on the Zimbra host, held by the very processes that change people there.

The file is opened by the shell that zmprov is started from, and zmprov inherits it: the kernel frees the lock when the
last of them is gone, however they ended, and not before, so that a command still at work after a lost link is waited
for. The lock is taken just before a run, since a warm zmprov may wait for hours.
"""

from __future__ import annotations

from dataclasses import dataclass

from splittui.zimbra.zmprov.errors import ZmprovError

CHANNEL = r"""
home=$1 domain=$2
for folder in "$home/data/tmp" "$home/log" /tmp; do [ -d "$folder" ] && [ -w "$folder" ] && break; done
file=$folder/splittui-$domain.lock
exec 9<>"$file"
{ sh -c 'printf "%s\n" "$PPID"'
while IFS= read -r line; do
  case $line in
  '# lock '*)
    rest=${line#'# lock '}
    mark=${rest%% *}
    if ! command -v flock >/dev/null 2>&1; then printf '%s none\n' "$mark" >&2; exec cat
    elif flock -n 9; then printf '%s, process %s\n' "${rest#* }" "$$" >"$file"; printf '%s held\n' "$mark" >&2; exec cat
    else printf '%s busy %s\n' "$mark" "$(head -n 1 "$file")" >&2
    fi ;;
  *) printf '%s\n' "$line" ;;
  esac
done; } | {
  IFS= read -r feeder
  "$home/bin/zmprov" -l -m -f /dev/stdin
  status=$?
  kill "$feeder" 2>/dev/null
  exit "$status"
}
"""
"""POSIX sh. A line ``# lock MARK HOLDER`` takes the lock and is answered on stderr by ``MARK held``, ``MARK busy
HOLDER`` or ``MARK none`` (no flock there). What feeds zmprov tells its own number first, so that it is ended with it: a
zmprov that is killed would otherwise be waited for until something more is sent to it. The inner pipe belongs to
zimbra, so that zmprov may open it by name; -f means no echo, no history, no questions. -l -m: straight to the master
directory, so that what is compared and read back is not a replica's older state."""


class Locked(ZmprovError):
    """Somebody else holds the lock; the text says who and since when."""

    def __init__(self, host: str, domain: str, holder: str) -> None:
        who = holder or "somebody who did not leave a name"
        super().__init__(f"On {host} people of {domain} are being changed right now by {who}")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes the lock: ``words`` for the other operator to read, ``mark`` to know it as one's own again."""

    words: str
    mark: str

    @property
    def line(self) -> str:
        """What stands in the lock file."""
        return f"{self.words} ({self.mark})"
