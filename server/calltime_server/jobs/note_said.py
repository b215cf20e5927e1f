"""Can what a file says be written down beside what is there already? Then it is, all of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.said_csv import What, read_said
from calltime_server.payment.agreed import PACKAGES
from calltime_server.store.agreed import read_packages
from calltime_server.store.concerned_days import concerned_days
from calltime_server.store.connection import Connection
from calltime_server.store.noting import note, unknown_visits
from calltime_server.store.reasons import list_reasons
from calltime_server.store.visit_log import mark_days


def note_said(connection: Connection, data: bytes, what: What, *, by: str, now: datetime, dry_run: bool) -> int | tuple[Fault, ...]:
    """How many rows were written (or would be), or every fault of the file: then nothing was."""
    reasons = {each.code: each.needs_words for each in list_reasons(connection)} if what == "entry" else None
    frame = read_said(data, what, reasons=reasons)
    if isinstance(frame, tuple):
        return frame
    faults = tuple(against_the_record(connection, frame, what, now=now))
    if faults:
        return faults
    if not dry_run:
        note(connection, what, frame, by=by, now=now)
        mark_days(connection, concerned_days(connection, what, frame, now=now), now=now)
    return frame.height


def against_the_record(connection: Connection, frame: pl.DataFrame, what: What, *, now: datetime) -> Iterator[Fault]:
    """What in such a file contradicts what is there."""
    if what == "visit_report":
        for visit in unknown_visits(connection, frame["visit_id"].to_list()):
            says = f"No visit “{visit}” is planned. Check its id, or import the plan first."
            yield Fault(line=None, column="visit_id", says=says)
    if what == "entry" and (frame["time"] > now).any():
        yield Fault(line=None, column="time", says="An end lies in the future. Enter what has happened, not what is planned.")
    if what == "package":
        standing = read_packages(connection).filter(~pl.col("package").is_in(frame["package"].implode()))
        yield from overlapping(pl.concat([standing, frame]))


def overlapping(packages: pl.DataFrame) -> Iterator[Fault]:
    """Packages (PACKAGES) of the same service user, provider and service on the same days: a visit would be in two."""
    whose = ["service_user", "provider", "service"]
    in_order = packages.select(PACKAGES.names()).sort(*whose, "starts", "package")
    before = in_order.with_columns(
        former=pl.col("package").shift().over(whose),
        former_ends=pl.col("ends").fill_null(date(9999, 12, 31)).cum_max().shift().over(whose),
    )
    for package, former in before.filter(pl.col("starts") <= pl.col("former_ends")).select("package", "former").iter_rows():
        says = (
            f"The packages {former} and {package} are for the same service user, provider and service on some of the same days, so a visit "
            "would belong to both. Let one end before the other starts."
        )
        yield Fault(line=None, column="starts", says=says)
