"""Which visits does a council's plan.csv plan?

One row per planned visit: visit_id, service_user, provider, zone, service (references), start (London wall time `YYYY-MM-DD HH:MM`),
minutes (1 to 1440), carers (1 to 9, how many at once). Columns in any order; UTF-8. On the autumn Sunday, where 01:00 to 02:00 comes twice,
a start means the first; on the spring one it does not come at all, and a start then is a fault.
"""

from collections.abc import Iterator

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.csv_fields import reference, shown, whole_number
from calltime_server.jobs.csv_table import Reader, Table, read_table
from calltime_server.jobs.csv_times import wall_time
from calltime_server.visits.columns import PLAN

READERS: dict[str, Reader] = {
    "visit_id": reference,
    "service_user": reference,
    "provider": reference,
    "zone": reference,
    "service": reference,
    "start": wall_time(),
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
