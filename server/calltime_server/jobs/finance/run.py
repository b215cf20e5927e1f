"""What is handed to a finance system? The ledger lines of one payment run, and who is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from calltime_server.store import ledger
from calltime_server.store.handed_over import CARERS
from calltime_server.visits.columns import require

# A line of a run as the ledger has it, reversals among them (their minutes, seconds and pence are below nothing). On which day it falls is
# for the ledger alone: who pays goes by the run's days.
RUN_LINES = pl.Schema({name: kind for name, kind in ledger.RUN_LINES.items() if name != "falls_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody who stands on an invoice. `endpoint` is an electronic address in `endpoint_scheme` (9932: a VAT number of this country)."""

    reference: str
    name: str
    street: str | None = None
    town: str | None = None
    postcode: str | None = None
    country: str = "GB"
    vat_number: str | None = None
    endpoint: str | None = None
    endpoint_scheme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidRun:
    """A payment run: first and last day of its period, when it was approved, RUN_LINES in any order, and providers by reference.

    `carers`: CARERS, of visits with more than the run's own lines tell.
    """

    number: int
    first: date
    last: date
    issued: datetime
    lines: pl.DataFrame
    carers: pl.DataFrame = field(default_factory=CARERS.to_frame)
    parties: Mapping[str, Party] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceFile:
    """A file to be handed over: how many rows it has, and what they come to in pence."""

    name: str
    content: bytes
    rows: int
    pence: int


def ordered(run: PaidRun) -> pl.DataFrame:
    """The lines by visit, carer and number, with RUN_LINES alone: the same run gives the same bytes, however it was read."""
    lines = require(run.lines.select(RUN_LINES.names()), RUN_LINES, name="The lines of a run")
    return lines.sort("visit_id", "carer_no", "line")


def total(lines: pl.DataFrame) -> int:
    """What these lines come to, in pence."""
    return int(lines["pence"].sum())
