"""How does a run look to ContrOCC? A file of carers, and a file of visits: delivered, missed, frustrated or cancelled.

Carers are to be read in first: visits of a carer that ContrOCC does not know are rejected there. Its headings are not public, so a council
writes its own under `[controcc.carers]` and `[controcc.visits]`. ContrOCC divides between council and NHS by itself: the cost is the whole.
"""

from __future__ import annotations

import polars as pl

from calltime_server.jobs.finance.csv_text import csv_text
from calltime_server.jobs.finance.headings import laid_out
from calltime_server.jobs.finance.run import FinanceFile, PaidRun
from calltime_server.jobs.finance.settings import FinanceSettings
from calltime_server.jobs.finance.visit_rows import STATUSES, settled_visits, visit_rows


def controcc_files(run: PaidRun, settings: FinanceSettings) -> tuple[FinanceFile, ...]:
    """Two CSV files: each carer of the visits once for each provider, and the visits."""
    own = settings.controcc
    rows = visit_rows(run).with_columns(pl.col("status").replace_strict({**STATUSES, **own.statuses}))
    carers = rows.select("carer", "provider").drop_nulls("carer").unique().sort("carer", "provider")
    files = {"carers": laid_out(carers, own.carers), "visits": laid_out(rows, own.visits)}
    pence = {"carers": 0, "visits": int(settled_visits(run)["pence"].sum())}
    return tuple(
        FinanceFile(name=f"run-{run.number}-controcc-{name}.csv", content=csv_text(frame), rows=frame.height, pence=pence[name])
        for name, frame in files.items()
    )
