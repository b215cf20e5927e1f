"""What is said about the taps that are no end of a whole contact?"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.entered import BY_HAND
from calltime_server.visits.lasting import length
from calltime_server.visits.problems import problems

CARER, HOME, WHEN = pl.col("carer"), pl.col("service_user"), london.moment(pl.col("time"))


def told_unknown(taps: pl.DataFrame) -> pl.DataFrame:
    """Of `TAPS`: those of which we do not know the carer or the service user."""
    kept = "The tap is kept and makes no contact. Say whose it is; the next settlement takes it in."
    badge = pl.format(
        "The {} tap of {} names {}. " + kept,
        pl.col("action"),
        WHEN,
        pl.concat_str(
            _kind("carer_ref", "pin_", "the PIN", "the badge"), pl.lit(" "), "carer_ref", pl.lit(", which no carer holds")
        ).fill_null("no carer"),
    )
    tag = pl.format(
        "The {} tap of {} names {}. " + kept,
        pl.col("action"),
        WHEN,
        pl.concat_str(
            _kind("place_ref", "tel_", "the telephone", "the tag"),
            pl.lit(" "),
            "place_ref",
            _kind("place_ref", "tel_", ", which is no home's", ", which hangs in no home"),
        ).fill_null("no service user"),
    )
    return pl.concat(
        [
            problems(taps.filter(pl.col("carer").is_null()), kind="unknown_badge", says=badge),
            problems(taps.filter(pl.col("service_user").is_null()), kind="unknown_tag", says=tag),
        ]
    )


def _kind(reference: str, begins: str, this: str, other: str) -> pl.Expr:
    return pl.when(pl.col(reference).str.starts_with(begins)).then(pl.lit(this)).otherwise(pl.lit(other))


def told_second_taps(taps: pl.DataFrame) -> pl.DataFrame:
    """Frame: `TAPS` with `since`, the time since the tap before."""
    what = (CARER, pl.col("action"), HOME, WHEN, length(pl.col("since").dt.total_seconds()))
    tapped = pl.format("{} tapped {} again at {} at {}, {} after the one before. The first one counts. Nothing needs to be done.", *what)
    entered = pl.format(
        "For {} a {} at {} at {} was entered by hand, {} after the one before. The first one counts. Nothing needs to be done.", *what
    )
    says = pl.when(BY_HAND).then(entered).otherwise(tapped)
    return problems(taps, kind="second_tap", says=says)


def told_without_stop(taps: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """Frame: `TAPS` with `leads`, `meets`, `next_time` and `next_is_start`, of which starts that no stop meets are told."""
    why = (
        pl.when("leads")
        .then(
            pl.format("the next stop was not until {}, more than {} hours later", london.moment(pl.col("next_time")), pl.lit(longest_hours))
        )
        .when("next_is_start")
        .then(pl.lit("the next one was a start again"))
        .otherwise(pl.lit("no stop tap has come"))
    )
    says = pl.format(
        "{} started at {} at {}, but {}. Wait for the stop tap, or have the provider add it with the reason.", CARER, HOME, WHEN, why
    )
    return problems(taps.filter(pl.col("is_start") & ~pl.col("meets")), kind="no_stop", says=says)


def told_without_start(taps: pl.DataFrame, longest_hours: int) -> pl.DataFrame:
    """Frame: `TAPS` with `was_led` and `was_met`, of which stops that meet no start are told."""
    why = (
        pl.when("was_led")
        .then(pl.format("the start before it was more than {} hours earlier", pl.lit(longest_hours)))
        .otherwise(pl.lit("no start tap belongs to it"))
    )
    says = pl.format(
        "{} stopped at {} at {}, but {}. Wait for the start tap, or have the provider add it with the reason.", CARER, HOME, WHEN, why
    )
    return problems(taps.filter(~pl.col("is_start") & ~pl.col("was_met")), kind="no_start", says=says)
