"""What becomes of days that somebody asked to be settled? They are worked out anew, and the ledger is brought to the result."""

from __future__ import annotations

import json
from datetime import date

from calltime_server.jobs.settle_days import settle_days
from calltime_server.jobs.working import Done, File, Task, WorkRefused
from calltime_server.store import ledger
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.store.ledger import DoublePay
from calltime_server.store.periods import NoOpenPeriod
from calltime_server.visits.civil_day import day_of

RESULT = "result.json"
"""Where it came to: the runs in which something is new, and the days that were settled."""


def settle(task: Task) -> Done:
    """Asked: `first_day` and `last_day`, both included; `run`, if they are those of a run. Days that are not over are left out."""
    first, last = date.fromisoformat(task.asked["first_day"]), date.fromisoformat(task.asked["last_day"])
    task.tell(0, None, f"Settling {first:%-d %B %Y} to {last:%-d %B %Y}. Others who settle are waited for.")
    now = ledger.lock_now(task.connection)
    last_over = date.fromordinal(day_of(now).toordinal() - 1)
    if first > last_over:
        raise WorkRefused(
            f"{first:%-d %B %Y} is not over, so nothing was settled: visits still to come would be refused. Settle it from the next day on."
        )
    until = min(last, last_over)
    try:
        settled = settle_days(task.connection, first=first, last=until, terms=task.council.terms, now=now)
    except (NoOpenPeriod, DoublePay, TapsForgotten) as error:
        raise WorkRefused(str(error)) from error
    left_out = f" The days after {until:%-d %B %Y} are not over and were left out." if until < last else ""
    posted = settled.posted
    if not posted.runs:
        return Done(says=f"Nothing is new since these days were settled last, so nothing was written.{left_out}")
    runs = ", ".join(map(str, posted.runs))
    came = {"runs": posted.runs, "first_day": first, "last_day": until}
    return Done(
        says=f"{posted.added:,} line{' was' if posted.added == 1 else 's were'} added and {posted.reversed:,} taken back, in run {runs}. "
        f"Problems to look at: {settled.settlement.problems.height:,}.{left_out}",
        files=(File(name=RESULT, media="application/json", content=json.dumps(came, default=str).encode()),),
    )
