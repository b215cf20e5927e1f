"""What time did a carer work, by her own taps? Contact, the ways between homes, and waiting at the door, week by week.

Evidence for the minimum wage: travel between visits and waiting that the rota requires are working time, contact is not all of it. Source:
research on the national minimum wage in home care; a gap of up to an hour between two visits is counted as a way, a longer one as a break.
"""

import polars as pl

LONGEST_WAY_MINUTES = 60


def statement(visits: pl.DataFrame) -> pl.DataFrame:
    """Frame: `VISITS` → carer, week (Monday, in London), visits, contact_seconds, travel_seconds, waiting_seconds,
    working_seconds (their sum), breaks (longer gaps, not counted), open_ends (contacts with an end missing, not counted).

    A gap runs from the end of one contact to the beginning of the next one's waiting, or of its contact. Contacts at two homes at once
    count once: nobody can work the same minute twice.
    """
    return _summed(visits, by=("carer", "week"))


def open_book(visits: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """What a provider's carers worked, beside what it is paid: the view that a council and a provider share.

    → provider, visits, contact_seconds, travel_seconds, waiting_seconds, working_seconds, breaks, open_ends, paid_minutes, paid_pence,
    hour_pence (what an hour of work brings: paid_pence an hour of working_seconds, rounded down). A way belongs to the provider of the
    visit at its end; contacts that nobody planned are nobody's here.
    """
    worked = _summed(visits, by=("provider",)).drop_nulls("provider")
    paid = lines.group_by("provider").agg(paid_minutes=pl.col("paid_minutes").sum(), paid_pence=pl.col("pence").sum())
    hour = pl.when(pl.col("working_seconds") > 0).then(pl.col("paid_pence") * 3600 // pl.col("working_seconds"))
    both = worked.join(paid, on="provider", how="full", coalesce=True).with_columns(pl.exclude("provider").fill_null(0))
    return both.with_columns(hour_pence=hour).sort("provider")


def _summed(contacts: pl.DataFrame, *, by: tuple[str, ...]) -> pl.DataFrame:
    came = contacts.filter(pl.col("carer").is_not_null() & (pl.col("started").is_not_null() | pl.col("ended").is_not_null()))
    open_ends = pl.col("started").is_null() | pl.col("ended").is_null()
    begins = pl.coalesce(pl.col("started") - pl.duration(seconds=pl.col("waiting_seconds").fill_null(0)), "ended")
    ordered = came.with_columns(begins=begins, at=pl.coalesce("ended", "started"), open=open_ends).sort("carer", "begins", "at")
    reached = pl.col("at").cum_max().shift(1).over("carer")
    ordered = ordered.with_columns(reached=reached)
    gap = (pl.col("begins") - pl.col("reached")).dt.total_seconds().clip(lower_bound=0)
    # What of this contact was not already counted with one that ran at the same time.
    counted_from = pl.max_horizontal("started", "reached")
    own = pl.when(pl.col("open")).then(0).otherwise((pl.col("ended") - counted_from).dt.total_seconds().clip(lower_bound=0))
    waited = pl.min_horizontal(
        pl.col("waiting_seconds").fill_null(0),
        (pl.col("started") - pl.max_horizontal("begins", "reached")).dt.total_seconds().clip(lower_bound=0),
    ).fill_null(0)
    week = pl.coalesce("started", "ended").dt.convert_time_zone("Europe/London").dt.truncate("1w").dt.date()
    longest = LONGEST_WAY_MINUTES * 60
    return (
        ordered.with_columns(week=week, gap=gap, own=own, waited=waited)
        .group_by(by)
        .agg(
            visits=pl.len().cast(pl.Int64),
            contact_seconds=pl.col("own").sum(),
            travel_seconds=pl.col("gap").filter(pl.col("gap") <= longest).sum(),
            waiting_seconds=pl.col("waited").sum(),
            breaks=(pl.col("gap") > longest).sum().cast(pl.Int64),
            open_ends=pl.col("open").sum().cast(pl.Int64),
        )
        .with_columns(working_seconds=pl.sum_horizontal("contact_seconds", "travel_seconds", "waiting_seconds"))
        .sort(by)
    )
