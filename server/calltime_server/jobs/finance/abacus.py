"""How does a run look as a service delivery file of Access Abacus? A row for each carer visit that is paid for.

Its maker publishes nineteen of the twenty-four headings (“CSV service delivery file format”, help pages of Access Abacus). The other
five are the council's to add with `[abacus.more]`: they are not public, and a guess would be refused.
"""

from __future__ import annotations

import polars as pl

from calltime_server.jobs.finance.csv_text import csv_text
from calltime_server.jobs.finance.headings import laid_out
from calltime_server.jobs.finance.run import FinanceFile, PaidRun
from calltime_server.jobs.finance.settings import Abacus, FinanceSettings
from calltime_server.jobs.finance.visit_rows import settled_visits, visit_rows

_HEADINGS = {
    "FileReference": "file",
    "Description": "description",
    "Created": "created",
    "ProviderRef": "provider",
    "ContractNumber": "contract",
    "ServiceUserRef": "service_user",
    "ServiceUserDetails": "service_user",
    "WeekEnding": "week_ending",
    "OurRef": "ours",
    "ServiceUserContribution": "=0",
    "PaymentClaimed": "payment",
    "ServiceType": "type",
    "VisitDate": "planned_date",
    "StartTimeClaimed": "planned_time",
    "DurationClaimed": "paid_duration",
    "ActualStartTime": "began",
    "ActualDuration": "actual_duration",
    "SecondaryVisit": "secondary",
    "NumberOfCarers": "carers",
}


def abacus_files(run: PaidRun, settings: FinanceSettings) -> tuple[FinanceFile, ...]:
    """One CSV file; its reference is that of the run, which Abacus takes once."""
    own = settings.abacus
    rows = visit_rows(run, week_ends=own.week_ends).filter("paid").rechunk()
    content = csv_text(laid_out(rows.with_columns(_of_the_file(run, own)), {**_HEADINGS, **own.more}))
    pence = int(settled_visits(run)["pence"].sum())
    return (FinanceFile(name=f"run-{run.number}-abacus.csv", content=content, rows=rows.height, pence=pence),)


def _of_the_file(run: PaidRun, own: Abacus) -> list[pl.Expr]:
    return [
        pl.lit(f"{own.file_reference}-{run.number}").alias("file"),
        pl.lit(own.description).alias("description"),
        pl.lit(run.issued).dt.convert_time_zone("Europe/London").dt.strftime("%Y-%m-%dT%H:%M:%S").alias("created"),
        pl.col("provider").replace(own.contracts).alias("contract"),
        pl.col("service").replace(own.services).alias("type"),
        pl.format("{}/{}", "visit", "carer_no").alias("ours"),
        # The heading must not be empty: a visit that is paid and was not made began when it was planned, and lasted no time.
        pl.coalesce("actual_time", "planned_time").alias("began"),
    ]
