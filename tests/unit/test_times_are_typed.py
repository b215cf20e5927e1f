"""Is a time of day read as people type it?"""

from datetime import time

import pytest

from calltime_server.jobs.mending_times import read_wall


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("11:30", time(11, 30)),
        ("11.30", time(11, 30)),
        ("1130", time(11, 30)),
        ("905", time(9, 5)),
        ("0905", time(9, 5)),
        (" 9:05 ", time(9, 5)),
        ("0000", time(0, 0)),
    ],
)
def test_a_colon_may_be_a_point_or_left_out(typed: str, read: time) -> None:
    assert read_wall(typed, what="stop") == read


@pytest.mark.parametrize("typed", ["11", "2400", "1160", "11-30", "113000", "half past nine", "٠٩٠٥"])
def test_what_is_no_time_of_day_is_told_with_what_to_write(typed: str) -> None:
    assert str(read_wall(typed, what="stop")).endswith("is not a time of day. Write hours and minutes, as in 09:05.")
