"""How does a run look as service receipts for adam (SProc.Net)? One receipt for each package, service and payee: what is to be paid for it.

The layout is agreed between council and maker and is not public: a council writes its headings under `[adam.receipts]`.
"""

from __future__ import annotations

import polars as pl

from calltime_server.jobs.finance.csv_text import csv_text, pounds
from calltime_server.jobs.finance.headings import Headings, laid_out
from calltime_server.jobs.finance.run import FinanceFile, PaidRun, ordered, total

RECEIPT_FIELDS = (
    *("receipt", "provider", "payee", "package", "service_user", "zone", "service", "kind", "first_day", "last_day", "run"),
    *("visits", "paid_minutes", "payment", "council_payment", "health_payment", "charge"),
)
RECEIPT_HEADINGS = {
    "ReceiptRef": "receipt",
    "SupplierRef": "payee",
    "ServiceProviderRef": "provider",
    "PackageRef": "package",
    "ServiceUserRef": "service_user",
    "Service": "service",
    "Kind": "kind",
    "PeriodStart": "first_day",
    "PeriodEnd": "last_day",
    "Visits": "visits",
    "Minutes": "paid_minutes",
    "Amount": "payment",
    "CouncilAmount": "council_payment",
    "HealthAmount": "health_payment",
}
_KEY = ["provider", "payee", "package", "service_user", "zone", "service", "kind"]


def adam_files(run: PaidRun, receipts: Headings) -> tuple[FinanceFile, ...]:
    """One CSV file. A receipt of which every figure is nothing is left out."""
    sums = ("paid_minutes", "pence", "council_pence", "health_pence", "charge_pence")
    paid = ordered(run).group_by(_KEY).agg(*(pl.col(name).sum() for name in sums), visits=pl.col("visit_id").n_unique())
    # Where only the shares of council and NHS change, the sum is nothing and the receipt is needed all the same.
    paid = paid.filter(pl.any_horizontal(pl.col(name) != 0 for name in sums)).sort(_KEY, nulls_last=True)
    # Polars 2.1 cannot put texts together from columns in several pieces: hence one piece.
    rows = (
        paid.with_row_index("number", offset=1)
        .rechunk()
        .with_columns(
            *(pounds(pl.col(f"{name}pence")).alias(f"{name}payment") for name in ("", "council_", "health_")),
            receipt=pl.format("{}-{}", pl.lit(run.number), "number"),
            charge=pounds(pl.col("charge_pence")),
            run=pl.lit(run.number),
            first_day=pl.lit(run.first).dt.strftime("%d/%m/%Y"),
            last_day=pl.lit(run.last).dt.strftime("%d/%m/%Y"),
        )
    )
    content = csv_text(laid_out(rows, receipts))
    return (FinanceFile(name=f"run-{run.number}-adam-receipts.csv", content=content, rows=rows.height, pence=total(paid)),)
