"""What lines come out of a bundle, by its signed records, what people told, and its terms?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import polars as pl

from calltime_server.jobs.bundle.layout import STANDING, Bundle, Settled
from calltime_server.jobs.bundle.signed import BOOT, CLOCK, TAP, Read
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.inputs import Inputs
from calltime_server.payment.spanning import settle_inputs, taps_needed
from calltime_server.payment.terms import Terms
from calltime_server.visits.retiming import CLOCKS, SAID
from calltime_server.visits.told import Told
from calltime_server.visits.whose import tag_counts


def worked_out(bundle: Bundle, read: Read, terms: Mapping[str, Terms]) -> pl.DataFrame:
    """The lines that come out of all settlements: for its span, a later one stands in place of an earlier one."""
    lines = STANDING.to_frame().drop("line", "run")
    for each in bundle.run.settlements:
        own = [terms[sha256] for sha256 in each.terms]
        inputs = _inputs(bundle, read, each, own)
        settled = settle_inputs(inputs, start=each.start, end=each.end, terms=own, known_by=each.known_by).lines
        # A visit that was moved here from a day that was settled before has its line here now.
        moved = pl.col("visit_id").is_in(settled["visit_id"].implode())
        lines = pl.concat([lines.filter(~_of_span(each) & ~moved), settled.select(lines.columns)])
    return lines


def _of_span(settled: Settled) -> pl.Expr:
    """Which lines a settlement of this span decides: visits by their planned start, what is no visit by the day on which it falls."""
    planned = (pl.col("planned_start") >= settled.start) & (pl.col("planned_start") < settled.end)
    falls = pl.col("falls_on").is_between(pl.lit(settled.first_day), pl.lit(settled.last_day))
    return pl.when(pl.col("falls_on").is_null()).then(planned).otherwise(falls)


def _inputs(bundle: Bundle, read: Read, settled: Settled, terms: Sequence[Terms]) -> Inputs:
    """What a settlement starts from: taps and clocks as the signed records say, as far as they were known; the rest as people told it."""
    first, last = taps_needed(start=settled.start, end=settled.end, terms=terms)
    tables, told = bundle.tables, bundle.told[settled.settlement]
    doors = tables["doors.csv"].select("device", door_carer="carer", door_home="home")
    tags = tables["tags.csv"].select(place_ref="tag", tag_home="service_user")
    known = read.says.filter(pl.col("received_at") <= settled.known_by)
    in_time = (pl.col("time") >= first) & (pl.col("time") < last)
    taps = known.filter((pl.col("kind") == TAP) & (in_time | (pl.col("sync") == "none")))
    said = taps.join(doors, on="device").join(tags, on="place_ref", how="left")
    said = said.with_columns(tag_home=pl.when(tag_counts()).then("tag_home"))
    knew = known.filter(pl.col("kind").is_in([BOOT, CLOCK]) & (pl.col("sync") != "none"))
    clocks = knew.join(taps.select("device", "boot").unique(), on=["device", "boot"], how="semi")
    return Inputs(
        plan=told["plan"],
        said=said.select(SAID.names()),
        clocks=clocks.rename({"seq": "clock_seq"}).select(CLOCKS.names()),
        badges=told["badges"],
        told=Told(**{field.name: told[field.name] for field in fields(Told)}),
        agreed=Agreed(**{field.name: told[field.name] for field in fields(Agreed)}),
    )
