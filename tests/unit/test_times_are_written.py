"""Is a time written for programs in one spelling, whether it comes alone or in a frame?"""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from calltime_server.visits.columns import INSTANT
from calltime_server.visits.written import as_records, written_time

AT = datetime(2026, 10, 5, 7, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "written"),
    [
        (timedelta(0), "2026-10-05T07:04:10Z"),
        (timedelta(milliseconds=250), "2026-10-05T07:04:10.250Z"),
        (timedelta(milliseconds=7), "2026-10-05T07:04:10.007Z"),
    ],
)
def test_a_time_has_thousandths_only_where_there_are_any(more: timedelta, written: str) -> None:
    in_a_frame = as_records(pl.DataFrame({"at": [AT + more]}, schema={"at": INSTANT}))

    assert written_time(AT + more) == in_a_frame[0]["at"] == written


def test_what_is_finer_than_a_thousandth_is_dropped_and_the_zone_is_utc() -> None:
    in_london = AT.astimezone(timezone(timedelta(hours=1)))

    assert written_time(in_london + timedelta(microseconds=999)) == "2026-10-05T07:04:10Z"
    assert written_time(in_london + timedelta(microseconds=1_999)) == "2026-10-05T07:04:10.001Z"
