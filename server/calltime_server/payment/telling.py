"""In which words is a line explained to a carer, a provider and an auditor?

Expressions over `VISITS` columns that give sentences, times in London. Where a time without its day or zone would mislead (over midnight,
on a day when the clocks change) it is told with it.
"""

import polars as pl

from calltime_server.payment.gates import brought, by_hand, unseen
from calltime_server.visits import london
from calltime_server.visits.columns import DELIVERED
from calltime_server.visits.lasting import length as length

PLANNED_START = pl.col("planned_start")
PLANNED_END = PLANNED_START + pl.duration(minutes="planned_minutes")
STARTED, ENDED = pl.col("started"), pl.col("ended")
DELIVERY = pl.col("delivery")
BOTH_TAPS = DELIVERY.is_in(DELIVERED)


def minutes(seconds: pl.Expr) -> pl.Expr:
    """27 min, of seconds that fill their minutes."""
    return pl.format("{} min", seconds // 60)


def pounds(pence: pl.Expr) -> pl.Expr:
    """£8.42"""
    return pl.format("£{}.{}", pence // 100, (pence % 100).cast(pl.String).str.zfill(2))


def planned() -> pl.Expr:
    """Planned 08:00–08:30 (30 min) on 6 July 2026."""
    over_midnight = london.civil_day(PLANNED_START) != london.civil_day(PLANNED_END)
    zoned = london.clocks_change(PLANNED_START) | london.clocks_change(PLANNED_END)
    start, end = (pl.format("{}{}", london.minute(at), _only(zoned, london.zone(at))) for at in (PLANNED_START, PLANNED_END))
    lasts = pl.col("planned_minutes")
    return (
        pl.when(over_midnight)
        .then(pl.format("Planned {} on {} to {} on {} ({} min).", start, london.day(PLANNED_START), end, london.day(PLANNED_END), lasts))
        .otherwise(pl.format("Planned {}–{} ({} min) on {}.", start, end, lasts, london.day(PLANNED_START)))
    )


def tapped() -> pl.Expr:
    """Tapped 08:04:10 to 08:31:55: 27 min 45 s of contact. (Or which end is missing or was entered by hand; null where nobody came.)"""
    planned_day = london.civil_day(PLANNED_START)
    another_day = (london.civil_day(STARTED) != planned_day) | (london.civil_day(ENDED) != planned_day)
    zoned = london.clocks_change(STARTED) | london.clocks_change(ENDED)
    start, end = (
        pl.concat_str(london.second(at), _only(zoned, london.zone(at)), _only(another_day, _on_day(at))) for at in (STARTED, ENDED)
    )
    how = (
        pl.when(by_hand("start") & by_hand("stop"))
        .then(pl.format("Entered by hand: {} to {},", start, end))
        .when(brought("start") & brought("stop"))
        .then(pl.format("Brought: {} to {}:", start, end))
        .when(unseen("start") | unseen("stop"))
        .then(pl.format("Start {} {}, stop {} {}:", _how("start"), start, _how("stop"), end))
        .otherwise(pl.format("Tapped {} to {}:", start, end))
    )
    return (
        pl.when(BOTH_TAPS)
        .then(pl.format("{} {} of contact.", how, length(pl.col("contact_seconds"))))
        .when(DELIVERY == "no_stop")
        .then(pl.format("{} {}, and no stop.", _one_end("start"), london.moment(STARTED)))
        .when(DELIVERY == "no_start")
        .then(pl.format("{} {}, and no start.", _one_end("stop"), london.moment(ENDED)))
    )


def _how(end: str) -> pl.Expr:
    by = pl.when(by_hand(end)).then(pl.lit("entered by hand as"))
    return by.when(brought(end)).then(pl.lit("brought as")).otherwise(pl.lit("tapped"))


def _one_end(end: str) -> pl.Expr:
    by = pl.when(by_hand(end)).then(pl.lit(f"Entered by hand: {end}"))
    return by.when(brought(end)).then(pl.lit(f"Brought: {end}")).otherwise(pl.lit(f"Tapped {end}"))


def nobody_tapped(window_minutes: int) -> pl.Expr:
    """Nobody tapped …, for a place that stayed empty."""
    which = pl.when(pl.col("carers") > 1).then(pl.format(" as carer {} of {}", pl.col("carer_no"), pl.col("carers"))).otherwise(pl.lit(""))
    return pl.format("Nobody tapped for this visit{} within {} minutes of its planned time.", which, pl.lit(window_minutes))


def evidence() -> pl.Expr:
    """Taps: d_abc/12 (grade 2), d_abc/13 (grade 2). (Or: Taps: d_abc/12 (grade 2); stop entered by hand, entry 7.)"""
    start, stop = (
        pl.when(by_hand(end))
        .then(pl.format(f"{end} entered by hand, entry {{}}", f"{end}_seq"))
        .when(brought(end))
        .then(pl.format(f"{end} brought, number {{}} (grade {{}})", pl.col(f"{end}_seq") // 2, f"{end}_grade"))
        .otherwise(pl.format("{}/{} (grade {})", f"{end}_device", f"{end}_seq", f"{end}_grade"))
        for end in ("start", "stop")
    )
    both = (
        pl.when(unseen("start") & unseen("stop"))
        .then(pl.format("No taps: {}; {}.", start, stop))
        .when(unseen("start"))
        .then(pl.format("Taps: {}; {}.", stop, start))
        .when(unseen("stop"))
        .then(pl.format("Taps: {}; {}.", start, stop))
        .otherwise(tapped_evidence())
    )
    return (
        pl.when(BOTH_TAPS)
        .then(both)
        .when(DELIVERY == "no_stop")
        .then(_one("start", start))
        .when(DELIVERY == "no_start")
        .then(_one("stop", stop))
    )


def _one(end: str, told: pl.Expr) -> pl.Expr:
    return pl.format("{}: {}.", pl.when(unseen(end)).then(pl.lit("No tap")).otherwise(pl.lit("Tap")), told)


def tapped_evidence() -> pl.Expr:
    """Of visits whose ends are both taps."""
    ends = [f"{end}_{what}" for end in ("start", "stop") for what in ("device", "seq", "grade")]
    return pl.format("Taps: {}/{} (grade {}), {}/{} (grade {}).", *ends)


def entered(clause: str) -> pl.Expr:
    """The reason of the entry is paid: phone_flat (Schedule 4, 5). Null where both ends are taps."""
    return pl.format("The reason of the entry is paid: {} ({}).", "entered_reasons", pl.lit(clause))


def stopped(clause: str) -> pl.Expr:
    """Counted until 08:20:00 on 6 July 2026, when an absence began (hospital; Schedule 4, 6)."""
    cut = BOTH_TAPS & (pl.col("stopped_at") < ENDED)
    told = pl.format("Counted until {}, when an absence began ({}; {}).", london.moment(pl.col("stopped_at")), "absence", pl.lit(clause))
    return pl.when(cut).then(told)


def with_placed(lines: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Frames: lines as of `decide`, `PLACED` → the lines. Each says of its taps which were placed by a clock record, and how exactly."""
    for end in ("start", "stop"):
        tap = {f"{end}_device": pl.col("device"), f"{end}_seq": pl.col("seq")}
        moved = placed.filter(pl.col("placed").is_not_null()).unique(["device", "seq"], keep="any")
        says = moved.select(**tap, says=pl.format(f"The {end}: {{}}.", "placed"))
        told = pl.concat_str("explanation", "says", separator=" ", ignore_nulls=True)
        lines = lines.join(says, on=list(tap), how="left", maintain_order="left").with_columns(explanation=told).drop("says")
    return lines


def _only(where: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.when(where).then(text).otherwise(pl.lit(""))


def _on_day(at: pl.Expr) -> pl.Expr:
    return pl.format(" on {}", london.day(at))
