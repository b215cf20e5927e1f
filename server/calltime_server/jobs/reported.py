"""How is a report made in the background?"""

from __future__ import annotations

import json
from datetime import date

import polars as pl

from calltime_server.jobs.reports import REPORTS, facts_of, what_is_over
from calltime_server.jobs.working import Done, File, Task, WorkRefused
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.written import as_records, as_sheet

KIND = "report"
RESULT = "result.json"
ROWS = 500


def report_asked(task: Task) -> Done:
    """Work: `asked` has the `name` of a report, `first` and `last` day, and perhaps a `provider`. Only what came of it is written."""
    name = str(task.asked["name"])
    report = REPORTS.get(name)
    if report is None:
        raise WorkRefused(f"There is no report “{name[:40]}”. Choose one of those under Variance.")
    first, last = (date.fromisoformat(str(task.asked[each])) for each in ("first", "last"))
    asked = span_of(first)[0], span_of(last)[1]
    over = what_is_over(*asked, now=task.now)
    if over is None:
        raise WorkRefused(f"{first} is still to come, and a report tells what was. Name days that have begun.")
    task.tell(0, None, "Settling these days as everything stands now")
    try:
        facts = facts_of(task.connection, start=over[0], end=over[1], terms=task.council.terms, now=task.now)
    except TapsForgotten as forgotten:
        raise WorkRefused(str(forgotten)) from forgotten
    frame = report.make(facts)
    provider = str(task.asked.get("provider") or "")
    if provider and "provider" in frame.columns:
        frame = frame.filter(pl.col("provider") == provider)
    shown = {
        "name": name,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "provider": provider,
        "shortened": over != asked,
        "drawn": report.drawn,
        "columns": frame.columns,
        "rows": as_records(frame.head(ROWS)),
        "total": {name: int(frame[name].sum()) for name in report.added_up},
        "all": frame.height,
    }
    files = (
        File(name=RESULT, media="application/json", content=json.dumps(shown, default=str).encode()),
        File(name=f"{name}.csv", media="text/csv", content=as_sheet(frame)),
    )
    says = f"{frame.height:,} row{'s' if frame.height != 1 else ''}." if frame.height else report.nothing
    return Done(says=says, files=files)
