"""Are taps read when they are right, and refused with every fault, its line and its column when not?"""

import polars as pl

from calltime_server.jobs.taps_csv import read_taps
from calltime_server.visits.columns import TAPS
from fixtures.care import instant

HEADER = "device,seq,time,action,carer,service_user,grade\n"


def taps_of(text: str) -> pl.DataFrame:
    found = read_taps(text.encode())
    assert isinstance(found, pl.DataFrame), found
    return found


def test_a_tap_is_read_and_an_empty_reference_is_unknown() -> None:
    taps = taps_of(HEADER + "d,1,2026-07-06T07:04:10Z,start,c1,s1,2\nd,2,2026-07-06T07:31:55.250Z,waiting,,,0\n")

    assert taps.schema == TAPS
    assert taps.rows() == [
        ("d", 1, instant("2026-07-06T07:04:10Z"), "start", "c1", "s1", 2, None, None),
        ("d", 2, instant("2026-07-06T07:31:55.250Z"), "waiting", None, None, 0, None, None),
    ]


def test_a_fraction_may_have_any_number_of_places_and_counts_to_the_thousandth() -> None:
    taps = taps_of(HEADER + "d,1,2026-07-06T07:04:10.5Z,start,c1,s1,2\nd,2,2026-07-06T07:04:10.123999999Z,stop,c1,s1,2\n")

    assert taps["time"].dt.millisecond().to_list() == [500, 123]


def test_a_row_may_stand_twice() -> None:
    assert taps_of(HEADER + "d,1,2026-07-06T07:04:10Z,start,c1,s1,2\n" * 2).height == 2


def test_no_taps_are_taps() -> None:
    assert taps_of(HEADER).schema == TAPS


def test_all_faults_are_told_at_once_with_line_and_column() -> None:
    rows = [
        ",-1,2026-07-06 07:04:10,begin,c1,s1,6",
        "d,1,2026-07-06T07:04:10+01:00,start,c1,s1,",
        "d,1,2026-02-30T07:04:10Z,start,c1,s1,2",
        "d,1,2026-07-06T07:04:10Z,start,c1,s1,2,more",
        "d,1,2026-07-06T07:04:60Z,start,c1,s1,٣",
    ]
    found = read_taps((HEADER + "\n".join(rows)).encode())

    assert isinstance(found, tuple)
    assert [(fault.line, fault.column) for fault in found] == [
        *[(2, "device"), (2, "seq"), (2, "time"), (2, "action"), (2, "grade")],
        *[(3, "time"), (3, "grade")],
        (4, "time"),
        (5, None),
        *[(6, "time"), (6, "grade")],
    ]
    assert found[2].says == "“2026-07-06 07:04:10” is not a time in UTC. Write it with a Z, as 2026-07-06T07:04:10Z."
    assert found[3].says == "“begin” is not known here. Write start, stop or waiting."
