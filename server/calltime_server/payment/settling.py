"""What do a plan, the taps, what was told and agreed, and the terms come to?

The one path from taps to decided lines: from files, from the database, for a worked example and for a nation's month.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.deciding import decide, lines_of
from calltime_server.payment.explaining import explained
from calltime_server.payment.terms import Terms
from calltime_server.visits.brought import brought_taps, told_not_agreed
from calltime_server.visits.columns import PLAN, TAPS, require
from calltime_server.visits.entered import entered_taps
from calltime_server.visits.matching import match
from calltime_server.visits.outcomes import outcomes
from calltime_server.visits.pairing import pair
from calltime_server.visits.problems import gathered
from calltime_server.visits.redelivery import count_once
from calltime_server.visits.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """`VISITS`, the lines as of `explained`, and `PROBLEMS`. Their order does not depend on the order of what came in."""

    visits: pl.DataFrame
    lines: pl.DataFrame
    problems: pl.DataFrame


def settle(*, plan: pl.DataFrame, taps: pl.DataFrame, terms: Terms, told: Told | None = None, agreed: Agreed | None = None) -> Settlement:
    """Frames: `PLAN` (each visit_id once, else ValueError) and `TAPS` (in any order, a tap as often as it was delivered)."""
    visits, problems = seen(plan, taps, terms, told or Told())
    return Settlement(visits=visits, lines=explained(decide(visits, terms, told, agreed), terms), problems=problems)


def decided(*, plan: pl.DataFrame, taps: pl.DataFrame, terms: Terms, told: Told | None = None, agreed: Agreed | None = None) -> Settlement:
    """The same without words: the lines have no `explanation`."""
    visits, problems = seen(plan, taps, terms, told or Told())
    return Settlement(visits=visits, lines=lines_of(decide(visits, terms, told, agreed), terms), problems=problems)


def seen(plan: pl.DataFrame, taps: pl.DataFrame, terms: Terms, told: Told) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What became of each planned visit, before anybody asks what it costs; and the problems."""
    rules, planned = terms.matching, _each_once(require(plan, PLAN, name="plan"))
    counted = count_once(pl.concat([require(taps, TAPS, name="taps"), entered_taps(told.entries), brought_taps(told)]))
    paired = pair(
        counted.taps,
        debounce_seconds=terms.pairing.debounce_seconds,
        longest_hours=terms.pairing.longest_hours,
        journeys=told.journeys,
        plan=planned,
    )
    matched = match(planned, paired.contacts, window_minutes=rules.window_minutes, employed=told.employed)
    became = outcomes(matched.visits, told, tolerance_minutes=rules.tolerance_minutes, notice_hours=rules.notice_hours)
    problems = gathered(
        counted.problems, told_not_agreed(told), _with_visit(paired.problems, matched.visits), matched.problems, became.problems
    )
    return became.visits, problems


def _each_once(plan: pl.DataFrame) -> pl.DataFrame:
    if plan["visit_id"].is_duplicated().any():
        raise ValueError("plan has a visit_id twice, and then one contact could be paid as two visits")
    return plan


def _with_visit(problems: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """A tap whose other end is missing may still have been matched: then its problem names the visit."""
    taps = problems.select("device", "seq").unique()
    ends = ({"device": f"{end}_device", "seq": f"{end}_seq"} for end in ("start", "stop"))
    of_tap = pl.concat(visits.select("visit_id", **end).join(taps, on=["device", "seq"], how="semi") for end in ends)
    of_tap = of_tap.drop_nulls()
    return problems.drop("visit_id").join(of_tap, on=["device", "seq"], how="left").select(problems.columns)
