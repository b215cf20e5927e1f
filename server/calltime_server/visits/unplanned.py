"""What is said about a contact that no planned visit took?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.candidates import Sides, pairs_within
from calltime_server.visits.problems import problems

WHOLE_DAY = 24 * 60 + 60  # the longest day in London, in minutes


def told_unplanned(leftover: pl.DataFrame, empty: pl.DataFrame, sides: Sides, *, window_minutes: int) -> pl.DataFrame:
    """`PROBLEMS`: moved for those that seem to be a planned visit at another hour, not_planned for the others.

    A contact seems moved if it is the only one left of that service user on that London day, and there is just one planned visit to which
    nobody came. It is only told, and not matched: nothing is paid beyond the window unless a person approves the new hour.
    """
    moved = _moved(leftover, empty, sides, window_minutes)
    others = leftover.join(moved, on="contact_no", how="anti")
    return pl.concat([_told_moved(moved, window_minutes), _told_not_planned(others, window_minutes)])


def _moved(leftover: pl.DataFrame, empty: pl.DataFrame, sides: Sides, window_minutes: int) -> pl.DataFrame:
    """Frames: contacts and planned visits of `Sides` → those contacts, with visit_id and planned_start of the visit."""
    only = pl.struct("home", "day").is_unique()
    contacts = leftover.with_columns(day=london.civil_day(pl.col("tapped"))).filter(only)
    visits = empty.join(contacts, on="home", how="semi").with_columns(day=london.civil_day(pl.col("planned_start"))).filter(only)
    pairs = pairs_within(WHOLE_DAY, visits, contacts, sides.employed, due="due_start").filter(pl.col("distance") > window_minutes * 60_000)
    same_day = visits.select("visit_no", "visit_id", "planned_start", "home", "day").join(
        pairs.select("visit_no", "contact_no"), on="visit_no"
    )
    return contacts.join(same_day, on=["contact_no", "home", "day"])


def _told_moved(moved: pl.DataFrame, window_minutes: int) -> pl.DataFrame:
    says = pl.format(
        "{} was at {}: {}. The only visit there on that day that nobody made was planned for {}, more than {} minutes away. "
        "The time is kept and not paid. "
        "If the visit was moved with approval, change the hour in the plan; the next settlement takes it in.",
        *("carer", "service_user", _told_ends(), london.moment(pl.col("planned_start")), pl.lit(window_minutes)),
    )
    return problems(moved, kind="moved", says=says)


def _told_not_planned(leftover: pl.DataFrame, window_minutes: int) -> pl.DataFrame:
    says = pl.format(
        "{} was at {}: {}. No planned visit there within {} minutes had a place open. The time is kept and not paid. "
        "Check whose tag it is and what was planned; the next settlement takes it in.",
        *("carer", "service_user", _told_ends(), pl.lit(window_minutes)),
    )
    return problems(leftover, kind="not_planned", says=says)


def _told_ends() -> pl.Expr:
    started, ended = london.moment(pl.col("started")), london.moment(pl.col("ended"))
    return (
        pl.when(pl.col("ended").is_null())
        .then(pl.format("start {}, no stop", started))
        .when(pl.col("started").is_null())
        .then(pl.format("stop {}, no start", ended))
        .otherwise(pl.format("start {}, stop {}", started, ended))
    )
