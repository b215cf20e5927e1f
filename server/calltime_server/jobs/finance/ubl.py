"""Which invoices does a run come to? A self-billed one for each provider, each payee and each who pays: UBL 2.1 as EN 16931 wants it.

The council writes it for the provider, who is the supplier. Where a fund holder is paid in the provider's place, it stands as the payee.
What comes to less than nothing is a credit note, and what comes to nothing needs no paper. Lines that are parked or refused hold no money.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.finance.run import FinanceFile, PaidRun, Party, ordered
from calltime_server.jobs.finance.settings import Address, FinanceSettings, Invoices
from calltime_server.jobs.finance.ubl_xml import Bill, written

COUNCIL_LACKS = (
    "An invoice names who pays, and the council's own name, street, town and postcode are not known. Ask whoever runs the server to write "
    "them into the finance settings."
)


def invoice_files(run: PaidRun, settings: FinanceSettings) -> tuple[FinanceFile, ...] | tuple[Fault, ...]:
    """An XML file for each bill; or what is lacking: the council's address, and the provider's."""
    paid = ordered(run).filter(pl.col("pence") != 0).with_columns(pl.col("payee").fill_null(pl.col("provider")))
    council = settings.council
    faults = [*_lacking_council(council), *_lacking_parties(run, paid)]
    if faults or council is None:
        return tuple(faults)
    return tuple(
        FinanceFile(
            name=f"run-{run.number}-invoice-{number:03}.xml",
            content=written(bill, run, settings.invoice),
            rows=bill.lines.height,
            pence=bill.pence,
        )
        for number, bill in enumerate(_bills(run, paid, council, settings), start=1)
    )


def _lacking_council(council: Address | None) -> Iterator[Fault]:
    if council is None:
        yield Fault(line=None, column="council", says=COUNCIL_LACKS)


def _lacking_parties(run: PaidRun, paid: pl.DataFrame) -> Iterator[Fault]:
    for reference in paid["provider"].unique().sort():
        if reference not in run.parties:
            says = f"The provider {reference} has no name and address, as an invoice needs. Bring a file of providers under Plans and "
            says += "packages, then make the files again."
            yield Fault(line=None, column="provider", says=says)


def _bills(run: PaidRun, paid: pl.DataFrame, council: Address, settings: FinanceSettings) -> Iterator[Bill]:
    """With a health body in the settings each pays its share, else the council pays all (and is paid back by an agreement of its own)."""
    shares = [(council, "pence")] if settings.health is None else [(council, "council_pence"), (settings.health, "health_pence")]
    number = 0
    for (provider, payee), lines in paid.sort("provider", "payee", maintain_order=True).group_by(
        ["provider", "payee"], maintain_order=True
    ):
        for payer, column in shares:
            summed = _summed(lines, column, settings.invoice)
            pence = int(summed["pence"].sum())
            if pence == 0:
                continue
            number += 1
            yield Bill(
                number=f"{settings.invoice.number}-{run.number}-{number:03}",
                provider=run.parties[str(provider)],
                payee=None if payee == provider else run.parties.get(str(payee), _only_known(str(payee))),
                payer=payer,
                lines=summed,
                pence=pence,
            )


def _only_known(reference: str) -> Party:
    """A fund holder of whom nothing but the reference is known: that is enough for the money to be sent."""
    return Party(reference=reference, name=reference)


def _summed(lines: pl.DataFrame, column: str, own: Invoices) -> pl.DataFrame:
    key = [*own.lines_by, "kind"]
    sums = lines.group_by(key).agg(pl.col(column).sum().alias("pence"), pl.col("paid_minutes").sum(), lines=pl.len())
    named = pl.concat_str([pl.col(name) for name in own.lines_by], separator=", ", ignore_nulls=True)
    # An amount of nothing says nothing, but the minutes behind it may: they stand in the neutral file.
    return sums.filter(pl.col("pence") != 0).sort(key, nulls_last=True).with_columns(named=named)
