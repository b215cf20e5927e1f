"""Is a plan read when it is right, and refused with every fault, its line and its column when not?"""

import polars as pl
import pytest

from calltime_server.jobs.plan_csv import read_plan
from fixtures.care import instant

HEADER = "visit_id,service_user,provider,zone,service,start,minutes,carers\n"


def plan_of(text: str) -> pl.DataFrame:
    found = read_plan(text.encode())
    assert isinstance(found, pl.DataFrame), found
    return found


def faults_of(data: str | bytes) -> list[tuple[int | None, str | None]]:
    found = read_plan(data.encode() if isinstance(data, str) else data)
    assert not isinstance(found, pl.DataFrame)
    return [(fault.line, fault.column) for fault in found]


def test_a_start_is_london_wall_time() -> None:
    plan = plan_of(HEADER + "v1,s1,p,z,care,2026-07-06 08:00,30,2\nv2,s1,p,z,care,2026-01-06 08:00,45,1\n")

    assert plan.rows() == [
        ("v1", "s1", "p", "z", "care", instant("2026-07-06T07:00:00Z"), 30, 2),
        ("v2", "s1", "p", "z", "care", instant("2026-01-06T08:00:00Z"), 45, 1),
    ]


def test_columns_may_stand_in_any_order_with_spaces_a_byte_order_mark_and_empty_lines() -> None:
    header = "\ufeffcarers, minutes, start, service, zone, provider, service_user, visit_id\r\n\r\n"

    assert plan_of(header + '1, 30,2026-07-06 08:00,care,z,"p, q",s1,v1 \r\n').select("visit_id", "provider", "carers").rows() == [
        ("v1", "p, q", 1)
    ]


def test_a_plan_without_visits_is_a_plan() -> None:
    assert plan_of(HEADER).height == 0


def test_an_autumn_time_that_comes_twice_means_the_first() -> None:
    plan = plan_of(HEADER + "v1,s1,p,z,care,2026-10-25 01:30,30,1\n")

    assert plan["planned_start"].to_list() == [instant("2026-10-25T00:30:00Z")]


def test_all_faults_are_told_at_once_with_line_and_column() -> None:
    rows = [
        "v1,,p,z,care,2026-03-29 01:30,0,10",  # 2: no service user, a time that the clocks leap over, no minutes, too many carers
        'v2,"s\n1",p,z,care,2026-13-06 08:00,x,1',  # 3 and 4: a line break in a reference, no such month, no number
        "a,b",  # 5
        "v1,s1,p,z,care,2026-07-06 08:00,1441,1",  # 6: v1 again, longer than a day
        "v3,s1,p,z,care,2026-07-06T08:00,1.5,-1",  # 7
    ]
    assert faults_of(HEADER + "\n".join(rows)) == [
        *[(2, "service_user"), (2, "start"), (2, "minutes"), (2, "carers")],
        *[(3, "service_user"), (3, "start"), (3, "minutes")],
        (5, None),
        *[(6, "minutes"), (6, "visit_id")],
        *[(7, "start"), (7, "minutes"), (7, "carers")],
    ]


def test_a_visit_id_that_stands_twice_is_told_with_both_lines() -> None:
    row = "v1,s1,p,z,care,2026-07-06 08:00,30,1\n"
    found = read_plan((HEADER + row + row).encode())

    assert isinstance(found, tuple)
    assert [fault.says for fault in found] == [
        "The visit “v1” stands in line 2 and again in line 3. Give each visit an id of its own.",
    ]


@pytest.mark.parametrize(
    ("header", "faults"),
    [
        ("", [(1, name) for name in HEADER.strip().split(",")]),
        (HEADER.replace("zone", "Zone"), [(1, "Zone"), (1, "zone")]),
        (HEADER.replace("zone", "zone,zone"), [(1, "zone")]),
        (HEADER.replace("carers", "carers,notes"), [(1, "notes")]),
    ],
)
def test_columns_that_are_missing_unknown_or_double_are_faults(header: str, faults: list[tuple[int, str]]) -> None:
    assert faults_of(header) == faults


def test_bytes_that_are_not_utf_8_are_a_fault_of_their_line() -> None:
    assert faults_of(HEADER.encode() + b"v1,s\xe9,p,z,care,2026-07-06 08:00,30,1\n") == [(2, None)]


def test_a_quotation_mark_that_is_never_closed_is_a_fault_of_its_line() -> None:
    assert faults_of(HEADER + 'v1,s1,p,z,care,2026-07-06 08:00,30,1\nv2,"s1,p,z\n') == [(3, None)]
