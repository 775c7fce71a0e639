"""When the lines of a mail log were written, and for how long no mail has passed by them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
_OLD = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written_at(line: str, now: datetime) -> datetime | None:
    """When a line was written, by the clock of its host, as ``now`` is; None where no date leads it.

    RFC 3164 dates have no year: it is the last one in which the date is not in the future.
    """
    if iso := _ISO.match(line):
        return datetime.fromisoformat(iso[1])
    old = _OLD.match(line)
    if old is None or old[1] not in _MONTHS:
        return None
    month = _MONTHS.index(old[1]) + 1
    day, hour, minute, second = (int(part) for part in old.groups()[1:])
    # The 29th of February may be eight years back (1900, 2100), in all other cases the date exists every year.
    for year in range(now.year, now.year - 9, -1):
        try:
            found = datetime(year, month, day, hour, minute, second)
        except ValueError:
            continue
        if found <= now + timedelta(days=1):
            return found
    return None


def quiet_days(oldest: str, newest: str, now: datetime) -> int | None:
    """For how many whole days no mail has passed: since the newest line about it, or since the log begins.

    ``oldest`` is the log's first line, ``newest`` its last one about such mail; None where neither says when.
    """
    since = written_at(newest, now) if newest else written_at(oldest, now)
    return max(0, (now - since).days) if since is not None else None
