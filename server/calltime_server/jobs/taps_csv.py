"""Which taps does a taps.csv hold?

One row per tap as it was delivered: device, seq, time (UTC with `Z`, as 2026-07-06T07:04:10Z, a fraction of a second if there is one),
action (start, stop or waiting), carer, service_user (empty: not known whose), grade (0 to 5). Columns and rows in any order; a row may
stand twice.
"""

import re
from datetime import datetime

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.csv_fields import one_of, reference, reference_or_unknown, shown, whole_number
from calltime_server.jobs.csv_table import Reader, read_table
from calltime_server.visits.columns import TAPS

UTC_TIME = re.compile(r"((?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def _instant(text: str) -> datetime:
    """To the thousandth of a second; what is finer is dropped."""
    found = UTC_TIME.fullmatch(text)
    try:
        return datetime.fromisoformat(f"{found[1]}.{(found[2] or '').ljust(3, '0')[:3]}+00:00" if found else "")
    except ValueError as error:
        raise ValueError(f"{shown(text)} is not a time in UTC. Write it with a Z, as 2026-07-06T07:04:10Z.") from error


READERS: dict[str, Reader] = {
    "device": reference,
    "seq": whole_number(0, 10**18 - 1),
    "time": _instant,
    "action": one_of("start", "stop", "waiting"),
    "carer": reference_or_unknown,
    "service_user": reference_or_unknown,
    "grade": whole_number(0, 5),
}


def read_taps(data: bytes) -> pl.DataFrame | tuple[Fault, ...]:
    """The taps (`TAPS`; place_ref and carer_ref are null), or everything that is wrong with the file, by line."""
    table = read_table(data, READERS)
    if table.faults:
        return table.faults
    unread = tuple(None for _ in table.lines)
    columns = [table.values.get(name, unread) for name in TAPS]
    return pl.DataFrame(columns, schema=TAPS, orient="col")
