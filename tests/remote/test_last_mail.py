"""The newest mail between two systems, out of logs that are rotated and packed, by the very script that runs there."""

import gzip
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from splittui.remote.postfix import Postfix, PostfixError
from splittui.remote.process import Completed

OLD = (
    "Feb 20 08:00:00 zimbra postfix/smtpd[1]: 4aaaaaaaaa1: client=mail.example.com[192.0.2.12]\n"
    "Feb 20 08:00:01 zimbra postfix/qmgr[1]: 4aaaaaaaaa1: from=<a@x>, size=1, nrcpt=1 (queue active)\n"
)
NEW = (
    "Feb 25 08:00:00 zimbra postfix/smtp[1]: 4aaaaaaaaa2: to=<b@x>, relay=mx.example.net[192.0.2.9]:25, "
    "status=sent (ok)\n"
    "Feb 26 08:00:00 zimbra postfix/smtpd[1]: connect from mail.example.com[192.0.2.12]\n"
    "Feb 26 08:00:00 zimbra postfix/smtpd[1]: 4aaaaaaaaa3: client=mail.example.com[192.0.2.12]\n"
    "Feb 27 08:00:00 zimbra postfix/smtp[1]: 4aaaaaaaaa4: to=<c@x>, relay=mail.example.com[192.0.2.12]:25, "
    "status=deliverable (250 ok)\n"
)
SENT = (
    "Feb 24 08:00:00 zimbra postfix/smtp[1]: 4aaaaaaaaa5: to=<c@x>, relay=mail.example.com[192.0.2.12]:25, "
    "status=sent (250 ok)\n"
)


def here(argv: Sequence[str], stdin: bytes) -> Completed:
    done = subprocess.run(argv, input=stdin, capture_output=True, check=False)
    return Completed(done.stdout, done.stderr, done.returncode)


def mta(log: Path) -> Postfix:
    return Postfix("zimbra.example.com", here, "", [str(log.parent / "not-there"), str(log)])


WORDS = ["mail.example.com[", "[192.0.2.12]"]


def test_a_question_is_no_mail_and_packed_logs_count(tmp_path: Path) -> None:
    log = tmp_path / "zimbra.log"
    with gzip.open(tmp_path / "zimbra.log.1.gz", "wb") as packed:
        packed.write(OLD.encode())
    os.utime(tmp_path / "zimbra.log.1.gz", (1, 1))
    log.write_text(NEW)
    found = mta(log).last_mail(WORDS)
    assert found.oldest == OLD.splitlines()[0]
    # Only connected, asked for a recipient, and asked as a call-out: none of these is mail.
    assert found.newest == OLD.splitlines()[1]
    log.write_text(NEW + SENT)
    assert mta(log).last_mail(WORDS).newest == SENT.strip()


def test_no_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(PostfixError, match="No mail log can be read"):
        mta(tmp_path / "zimbra.log").last_mail(WORDS)


def test_an_empty_log_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "zimbra.log").touch()
    found = mta(tmp_path / "zimbra.log").last_mail(WORDS)
    assert (found.oldest, found.newest) == ("", "")
    assert found.now
