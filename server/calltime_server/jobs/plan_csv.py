"""Which visits does a council's plan.csv plan?

One row per planned visit: visit_id, service_user, provider, zone, service (references), start (London wall time `YYYY-MM-DD HH:MM`),
minutes (1 to 1440), carers (1 to 9, how many at once). Columns in any order; UTF-8. On the autumn Sunday, where 01:00 to 02:00 comes twice,
a start means the first; on the spring one it does not come at all, and a start then is a fault.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.csv_fields import reference, shown, whole_number
from calltime_server.jobs.csv_table import Reader, Table, read_table
from calltime_server.visits.columns import PLAN
from calltime_server.visits.wall import instants


@lru_cache(maxsize=65536)  # a plan has the same starts again and again
def _wall_time(text: str) -> datetime:
    """The instant, in UTC, at which London's clocks first show this."""
    found = re.fullmatch(r"(20\d\d-\d\d-\d\d) (\d\d:\d\d)", text, re.ASCII)
    try:
        day, wall = (date.fromisoformat(found[1]), time.fromisoformat(found[2])) if found else (None, None)
    except ValueError:
        day, wall = None, None
    if day is None or wall is None:
        raise ValueError(f"{shown(text)} is not a time. Write London wall time as YYYY-MM-DD HH:MM.")
    at = instants(day, wall)
    if not at:
        raise ValueError(f"On {day} London's clocks go forward over {wall:%H:%M}: there is no such time. Write the time that is meant.")
    return at[0]


READERS: dict[str, Reader] = {
    "visit_id": reference,
    "service_user": reference,
    "provider": reference,
    "zone": reference,
    "service": reference,
    "start": _wall_time,
    "minutes": whole_number(1, 1440),
    "carers": whole_number(1, 9),
}


def read_plan(data: bytes) -> pl.DataFrame | tuple[Fault, ...]:
    """The plan (`PLAN`), or everything that is wrong with the file, by line: then nothing of it is taken."""
    table = read_table(data, READERS)
    faults = [*table.faults, *_twice(table)]
    if faults:
        return tuple(sorted(faults, key=lambda fault: fault.line or 0))
    return pl.DataFrame(list(table.values.values()), schema=PLAN, orient="col")


def _twice(table: Table) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for line, visit in zip(table.lines, table.values["visit_id"], strict=True):
        if visit is not None and first.setdefault(visit, line) != line:
            says = f"The visit {shown(visit)} stands in line {first[visit]} and again in line {line}. Give each visit an id of its own."
            yield Fault(line=line, column="visit_id", says=says)
