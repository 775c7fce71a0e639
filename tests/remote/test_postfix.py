"""What Postfix's programs print, read; the programs themselves run in tests/servers."""

from __future__ import annotations

import pytest

from splittui.remote.postfix import split_maps
from splittui.remote.postfix_queue import Queued, Waiting, queued

DEFERRED = (
    '{"queue_name": "deferred", "queue_id": "4jXkLg1469z2L", "arrival_time": 1795385329, "message_size": 762, '
    '"forced_expire": false, "sender": "postmaster@internet.test", "recipients": [{"address": "late@example.com", '
    '"delay_reason": "connect to dead.example.com[127.0.0.30]:25: Connection refused"}, {"address": "b@example.com"}]}'
)


def test_the_queue() -> None:
    reason = "connect to dead.example.com[127.0.0.30]:25: Connection refused"
    recipients = (Waiting("late@example.com", reason), Waiting("b@example.com", ""))
    found = queued(f"{DEFERRED}\n\n")
    assert found == (Queued("4jXkLg1469z2L", "deferred", "postmaster@internet.test", recipients, 1795385329.0, 762),)
    assert queued("") == ()


@pytest.mark.parametrize("line", ["Mail queue is empty", "[]", "{}", '{"queue_id": 3}', '{"queue_id": '])
def test_what_is_no_queue(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        queued(line)


@pytest.mark.parametrize(
    ("setting", "maps"),
    [
        ("", []),
        ("hash:/etc/postfix/transport", ["hash:/etc/postfix/transport"]),
        ("proxy:ldap:/a.cf, lmdb:/b\n  texthash:/c", ["proxy:ldap:/a.cf", "lmdb:/b", "texthash:/c"]),
        ("inline:{a=b, c=d} unionmap:{ldap:/a, ldap:/b}", ["inline:{a=b, c=d}", "unionmap:{ldap:/a, ldap:/b}"]),
    ],
)
def test_a_list_of_maps(setting: str, maps: list[str]) -> None:
    assert list(split_maps(setting)) == maps
