"""What came of trying terms on the past: in sums, by whom and by what, and the visits that change most?"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl

from calltime_server.jobs.try_terms import Tried, try_terms
from calltime_server.jobs.working import Done, File, Task, WorkRefused
from calltime_server.payment.terms_file import Trial, load_to_try
from calltime_server.payment.trying import difference
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.written import as_records, as_sheet

KIND = "try-terms"
TABLES = ("provider", "zone", "service", "delivery")
ROWS, VISITS = 20, 50
RESULT = "result.json"


def try_asked(task: Task) -> Done:
    """Work: `asked` has `text` of the terms, `name`, `first` and `last` day. Nothing is written but what came of it."""
    found = load_to_try(str(task.asked["text"]), name=str(task.asked["name"]))
    if not isinstance(found, Trial):
        raise WorkRefused("These terms have faults. Look at them under Terms, Try out, and mend them first.")
    tried = found.terms
    first, last = (date.fromisoformat(str(task.asked[name])) for name in ("first", "last"))
    task.tell(0, None, "Deciding these days again")
    start, end = span_of(first)[0], span_of(last)[1]
    try:
        both = try_terms(task.connection, start=start, end=end, in_force=task.council.terms, tried=tried, now=task.now)
    except TapsForgotten as forgotten:
        raise WorkRefused(str(forgotten)) from forgotten
    if both.now.is_empty() and both.then.is_empty():
        raise WorkRefused(f"Nothing was planned from {first} to {last}, so there is nothing to try these terms on. Choose other days.")
    to_mend = [{"line": each.line, "says": each.says} for each in found.to_mend]
    result = told(both, name=tried.name, first=first, last=last) | {"to_mend": to_mend}
    change = result["then"]["pence"] - result["now"]["pence"]
    says = f"{both.then.height:,} lines decided again; {result['changed']:,} would be decided otherwise. Nothing was written."
    files = (
        File(name=RESULT, media="application/json", content=json.dumps(result | {"change_pence": change}).encode()),
        File(
            name="difference.csv", media="text/csv", content=as_sheet(difference(both.now, both.then, by=["provider", "zone", "service"]))
        ),
        File(name="visits.csv", media="text/csv", content=as_sheet(changed_visits(both))),
    )
    return Done(says=says, files=files)


def told(both: Tried, *, name: str, first: date, last: date) -> dict[str, Any]:
    """Everything that the page of the result shows, ready for JSON: sums in pence and minutes."""
    changed = changed_visits(both)
    return {
        "name": name,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "lines": both.then.height,
        "changed": changed.height,
        "now": _sums(both.now),
        "then": _sums(both.then),
        "from_ledger": both.from_ledger,
        "unsettled": both.unsettled,
        "outdated": both.outdated,
        "by": {column: as_records(difference(both.now, both.then, by=[column]).head(ROWS)) for column in TABLES},
        "visits": as_records(changed.head(VISITS)),
    }


def changed_visits(both: Tried) -> pl.DataFrame:
    """The lines that would be decided otherwise, the largest change first.

    visit_id, carer_no, provider, service_user, planned_start, planned_minutes, contact_seconds, now_pence, then_pence, difference_pence,
    now_outcome, then_outcome.
    """
    key = ["visit_id", "carer_no"]
    about = ["provider", "service_user", "planned_start", "planned_minutes", "contact_seconds"]
    now = both.now.select(*key, *about, now_pence="pence", now_outcome="outcome")
    then = both.then.select(*key, *about, then_pence="pence", then_outcome="outcome")
    joined = now.join(then, on=key, how="full", coalesce=True, suffix="_then").with_columns(
        *(pl.coalesce(name, f"{name}_then").alias(name) for name in about),
        pl.col("now_pence", "then_pence").fill_null(0),
        pl.col("now_outcome", "then_outcome").fill_null("none"),
    )
    differs = (pl.col("now_pence") != pl.col("then_pence")) | (pl.col("now_outcome") != pl.col("then_outcome"))
    found = joined.filter(differs).with_columns(difference_pence=pl.col("then_pence") - pl.col("now_pence"))
    order = [pl.col("difference_pence").abs(), *key]
    figures = ["now_pence", "then_pence", "difference_pence", "now_outcome", "then_outcome"]
    return found.select(*key, *about, *figures).sort(order, descending=[True, False, False])


def _sums(lines: pl.DataFrame) -> dict[str, int]:
    return {
        "pence": int(lines["pence"].sum()),
        "paid_minutes": int(lines["paid_minutes"].sum()),
        "parked_minutes": int(lines["parked_minutes"].sum()),
        **{outcome: lines.filter(pl.col("outcome") == outcome).height for outcome in ("pay", "park", "refuse")},
    }
