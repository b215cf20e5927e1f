"""What do these three files come to? Settling without a database, by the same path as in service."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.plan_csv import read_plan
from calltime_server.jobs.settled_csv import FILES, csv_files
from calltime_server.jobs.taps_csv import read_taps
from calltime_server.jobs.whole_files import put_into
from calltime_server.payment.settling import Settlement, settle
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """Something to mend in this file."""

    file: Path
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledFiles:
    """What was written, and the totals. Lines, seconds of contact and pence are whole numbers; seconds are those of all contacts."""

    files: tuple[Path, ...]
    terms: Terms
    planned_visits: int
    lines: int
    paid_lines: int
    parked_lines: int
    refused_lines: int
    contact_seconds: int
    paid_minutes: int
    pence: int
    problems: int


def settle_files(*, plan: Path, taps: Path, terms: Path, out: Path) -> SettledFiles | tuple[FileFault, ...]:
    """Write visits.csv, lines.csv and problems.csv to `out`, made if need be; or report all faults of all files and write nothing."""
    planned, tapped, agreed = _plan(plan), _taps(taps), _terms(terms)
    if isinstance(planned, pl.DataFrame) and isinstance(tapped, pl.DataFrame) and isinstance(agreed, Terms):
        settlement = settle(plan=planned, taps=tapped, terms=agreed)
        unwritten = put_into(out, csv_files(settlement))
        if unwritten is not None:
            return (FileFault(file=out, fault=unwritten),)
        return _totals(settlement, terms=agreed, planned_visits=planned.height, out=out)
    read = ((plan, planned), (taps, tapped), (terms, agreed))
    return tuple(FileFault(file=file, fault=fault) for file, faults in read if isinstance(faults, tuple) for fault in faults)


def _plan(file: Path) -> pl.DataFrame | tuple[Fault, ...]:
    data = _bytes(file)
    return read_plan(data) if isinstance(data, bytes) else (data,)


def _taps(file: Path) -> pl.DataFrame | tuple[Fault, ...]:
    data = _bytes(file)
    return read_taps(data) if isinstance(data, bytes) else (data,)


def _terms(file: Path) -> Terms | tuple[Fault, ...]:
    data = _bytes(file)
    if isinstance(data, Fault):
        return (data,)
    try:
        return load_terms(data.decode(), name=file.name)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return (Fault(line=line, column=None, says="This line is not UTF-8. Save the file as UTF-8 text."),)


def _bytes(file: Path) -> bytes | Fault:
    try:
        return file.read_bytes()
    except OSError as error:
        return Fault(line=None, column=None, says=f"This file cannot be read: {error.strerror}. Check its name and who may read it.")


def _totals(settlement: Settlement, *, terms: Terms, planned_visits: int, out: Path) -> SettledFiles:
    lines = settlement.lines
    outcomes = {outcome: lines.filter(pl.col("outcome") == outcome).height for outcome in ("pay", "park", "refuse")}
    return SettledFiles(
        files=tuple(out.joinpath(name) for name in FILES),
        terms=terms,
        planned_visits=planned_visits,
        lines=lines.height,
        paid_lines=outcomes["pay"],
        parked_lines=outcomes["park"],
        refused_lines=outcomes["refuse"],
        contact_seconds=int(settlement.visits["contact_seconds"].sum()),
        paid_minutes=int(lines["paid_minutes"].sum()),
        pence=int(lines["pence"].sum()),
        problems=settlement.problems.height,
    )
