"""When lines of a mail log were written, in either form of date, and for how long no mail has passed by them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.mailflow.log_times import quiet_days, written_at

NOW = datetime(2026, 3, 1, 12, 0, 0)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("Mar  1 11:59:59 zimbra postfix/smtp[1]: X", datetime(2026, 3, 1, 11, 59, 59)),
        ("Dec 31 23:00:00 zimbra postfix/smtp[1]: X", datetime(2025, 12, 31, 23, 0, 0)),
        ("Feb 29 01:02:03 zimbra postfix/smtp[1]: X", datetime(2024, 2, 29, 1, 2, 3)),
        ("2026-02-27T10:20:30.123456+01:00 zimbra postfix/smtp[1]: X", datetime(2026, 2, 27, 10, 20, 30)),
        ("zimbra postfix/smtp[1]: X", None),
        ("", None),
    ],
)
def test_both_forms_of_dates(line: str, when: datetime | None) -> None:
    assert written_at(line, NOW) == when


@given(st.timedeltas(timedelta(0), timedelta(days=364)))
def test_a_date_without_a_year_is_the_last_one_there_was(ago: timedelta) -> None:
    when = (NOW - ago).replace(microsecond=0)
    assert written_at(f"{when:%b} {when.day:2} {when:%H:%M:%S} host x", NOW) == when


def test_the_log_s_beginning_counts_where_there_was_no_mail_at_all() -> None:
    assert quiet_days("Feb 20 00:00:00 x", "Feb 26 00:00:00 x", NOW) == 3
    assert quiet_days("Feb 20 00:00:00 x", "", NOW) == 9
    assert quiet_days("", "", NOW) is None
