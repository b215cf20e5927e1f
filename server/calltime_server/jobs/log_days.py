"""How do the visits of a day stand by the record? Worked out as for payment, but without asking what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import polars as pl

from calltime_server.payment.inputs import Inputs
from calltime_server.payment.spanning import in_force, parts_of, see_inputs
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection
from calltime_server.store.forgetting import refuse_forgotten
from calltime_server.store.inputs import read_inputs
from calltime_server.store.logged_figures import count_days
from calltime_server.store.visit_log import LATE_MINUTES, LOGGED_VISITS, TOLD, read_late_minutes, write_day
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.told import ENTERED_BY_HAND

PLANNED = pl.col("visit_id").is_not_null()


def log_day(connection: Connection, day: date, *, terms: Sequence[Terms], now: datetime) -> bool:
    """Work a day in London out from the record and bring its log to it; says whether anything changed. Raises TapsForgotten.

    Nothing is written where nothing has changed: who looks at the day is not told then.
    """
    own = tuple(replace(each, period_steps=()) for each in terms)
    start, end = span_of(day)
    part = parts_of(start=start, end=end, terms=own)[0]
    refuse_forgotten(connection, since=part.decided[0] - part.around)
    inputs = read_inputs(connection, start=start, end=end, terms=own, agreed=False)
    seen = see_inputs(inputs, start=start, end=end, terms=own)
    whose = _Whose(inputs, seen.visits, day)
    visits = _visits(whose.named(seen.visits), read_late_minutes(connection), in_force(own, day))
    problems = _problems(_with_reference(whose.named(_with_plan(seen.problems, seen.visits)), inputs.said), seen.times)
    changed = write_day(connection, day, visits, problems, now=now)
    if changed:
        count_days(connection, [day])
    return changed


class _Whose:
    """To which provider belongs what nobody planned? That of its carer, else who plans visits there, else whose visits the carer made."""

    def __init__(self, inputs: Inputs, visits: pl.DataFrame, day: date) -> None:
        since = inputs.told.employed.filter(pl.col("since") <= day).sort("carer", "since", "provider")
        newest = since.filter(pl.col("since") == pl.col("since").max().over("carer"))
        planned = visits.filter(PLANNED)
        self._employed = _each(newest, "carer", "works_for")
        self._plans = _each(planned, "service_user", "plans")
        self._made = _each(planned, "carer", "made_for")

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with provider, carer and service_user: the provider, where it was null, is found."""
        beside = rows.with_columns(pl.col("provider").cast(pl.String))
        for known, by in ((self._employed, "carer"), (self._plans, "service_user"), (self._made, "carer")):
            beside = beside.join(known, on=by, how="left", maintain_order="left")
        found = pl.coalesce("provider", "works_for", "plans", "made_for")
        return beside.with_columns(provider=found).drop("works_for", "plans", "made_for")


def _each(rows: pl.DataFrame, by: str, called: str) -> pl.DataFrame:
    """Of each carer or service user one provider: the first by name, where there are several."""
    named = rows.filter(pl.col(by).is_not_null()).group_by(by).agg(pl.col("provider").min().alias(called))
    return named.select(by, called)


def _visits(visits: pl.DataFrame, late: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The rows of `logged_visit`. Frames: VISITS in their order, with a provider where one is known; LATE."""
    window = pl.duration(minutes=terms.matching.window_minutes)
    late_minutes = pl.col("late_minutes").fill_null(LATE_MINUTES)
    by_hand = [(pl.col(device) == ENTERED_BY_HAND).fill_null(value=False) for device in ("start_device", "stop_device")]
    timed = visits.join(late, on="provider", how="left", maintain_order="left").with_columns(
        late_from=pl.when(PLANNED).then(pl.col("planned_start") + pl.duration(minutes=late_minutes)),
        missed_from=pl.when(PLANNED).then(pl.col("planned_start") + window),
        open_until=pl.when(PLANNED).then(pl.col("planned_start") + pl.duration(minutes="planned_minutes") + window),
        amended=pl.any_horizontal(by_hand),
        contact_seconds=pl.col("contact_seconds").fill_null(0),
        waiting_seconds=pl.col("waiting_seconds").fill_null(0),
    )
    placed = timed.with_row_index("place", offset=1).with_columns(pl.col("place").cast(pl.Int64))
    return placed.select(pl.col(name).cast(kind) for name, kind in LOGGED_VISITS.items())


def _with_plan(problems: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """The problems with the provider, the service user and the start of the visit that they name."""
    plan = visits.filter(PLANNED).unique("visit_id").select("visit_id", "provider", "planned_start", of_visit="service_user")
    named = problems.join(plan, on="visit_id", how="left", maintain_order="left")
    return named.with_columns(service_user=pl.coalesce("service_user", "of_visit"))


def _with_reference(problems: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """The problems with what was tapped, where nobody knows whose tag or badge it is."""
    tapped = said.select("device", "seq", "place_ref", "carer_ref").unique(("device", "seq"))
    named = problems.join(tapped, on=["device", "seq"], how="left", maintain_order="left")
    of_kind = pl.when(pl.col("kind") == "unknown_tag").then("place_ref").when(pl.col("kind") == "unknown_badge").then("carer_ref")
    return named.with_columns(reference=of_kind)


def _problems(problems: pl.DataFrame, times: pl.DataFrame) -> pl.DataFrame:
    """The rows of `logged_problem`, but for their place. `at` is when the tap was, or for when the visit was planned."""
    timed = problems.join(times, on=["device", "seq"], how="left", maintain_order="left")
    at = pl.coalesce("time", "planned_start")
    return timed.with_columns(at=at).select(pl.col(name).cast(kind) for name, kind in TOLD.items()).unique(maintain_order=True)
