"""Was a carer at two homes at once, or quicker from one to the next than the way allows?

Both are told at both ends and repaired at neither: two people who live together are visited so, and who was where is for people to find.
"""

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.codes import names_of, number_of
from calltime_server.visits.lasting import length
from calltime_server.visits.problems import problems
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND

# What is told of each of the two contacts.
ENDS = ("start_device", "start_seq", "stop_device", "stop_seq")
SIDE = ("carer", "service_user", "device", "seq", "begins", "leaves", *ENDS)
UNSEEN = (ENTERED_BY_HAND, BROUGHT_DEVICE)
KEPT = "Both are kept; what is paid for each is decided by its terms. "


def told_two_homes(contacts: pl.DataFrame, journeys: pl.DataFrame) -> pl.DataFrame:
    """Frames: `CONTACTS`, `JOURNEYS` → `PROBLEMS`: two_homes_at_once and impossible_journey, a row for each of the two contacts.

    Each contact is held against the one before it (by its beginning) that ended last. A contact with one end is the moment of that tap.
    """
    stays = contacts.with_columns(
        begins=pl.coalesce("started", "ended"),
        leaves=pl.coalesce("ended", "started"),
        device=pl.coalesce("start_device", "stop_device"),
        seq=pl.coalesce("start_seq", "stop_seq"),
    )
    before, after = _neighbours(stays, journeys.select(pl.col("least_minutes").max().fill_null(0)).item())
    sides = pl.concat(
        [stays[before].select(pl.col(SIDE).name.prefix("from_")), stays[after].select(pl.col(SIDE).name.prefix("to_"))], how="horizontal"
    )
    at_once = sides.filter(pl.col("from_leaves") > pl.col("to_begins"))
    ways = journeys.select(from_service_user="from_home", to_service_user="to_home", least="least_minutes")
    gap = pl.col("to_begins") - pl.col("from_leaves")
    apart = sides.filter(gap >= pl.duration(seconds=0)).join(ways, on=["from_service_user", "to_service_user"])
    too_quick = apart.filter(gap < pl.duration(minutes="least"))
    return pl.concat([_told_at_once(at_once), _told_too_quick(too_quick)])


def _neighbours(stays: pl.DataFrame, longest_way: int) -> tuple[pl.Series, pl.Series]:
    """The rows of those that belong side by side: the one that ended last before, and the one that began next at another home.

    Only of those that are less than `longest_way` minutes apart: of others nothing is told, and they are nearly all.
    """
    carers, homes = names_of(stays["carer"]), names_of(stays["service_user"])
    ordered = (
        stays.select("begins", "leaves", carer=number_of("carer", carers), home=number_of("service_user", homes))
        .with_row_index("row")
        .sort("carer", "begins", "leaves", "home", "row")
    )
    ended_last = pl.col("leaves") == pl.col("leaves").cum_max().over("carer")
    beside = ordered.with_columns(
        # The first row of a carer has always ended last so far, so nothing of another carer is carried on into it.
        before=pl.when(ended_last).then("row").forward_fill().shift(1),
        home_before=pl.when(ended_last).then("home").forward_fill().shift(1),
        left_before=pl.when(ended_last).then("leaves").forward_fill().shift(1),
    ).filter((pl.col("carer") == pl.col("carer").shift(1)) & (pl.col("home") != pl.col("home_before")))
    beside = beside.filter(pl.col("begins") - pl.col("left_before") < pl.duration(minutes=longest_way))
    return beside["before"], beside["row"]


def _told_at_once(sides: pl.DataFrame) -> pl.DataFrame:
    shared = pl.min_horizontal("from_leaves", "to_leaves") - pl.col("to_begins")
    says = pl.format(
        "{} was at {} ({}) and at {} ({}): {} of it at once. "
        + KEPT
        + "If the two live together, this is how it looks and nothing needs to be done. "
        "Else ask the carer, and have the provider enter the right times with the reason.",
        *("carer", "service_user", _span(""), "other_service_user", _span("other_"), length(pl.col("shared_seconds"))),
    )
    return _both_sides(sides.with_columns(shared_seconds=shared.dt.total_seconds()), kind="two_homes_at_once", says=says)


def _told_too_quick(sides: pl.DataFrame) -> pl.DataFrame:
    took = (pl.col("to_begins") - pl.col("from_leaves")).dt.total_seconds()
    says = pl.format(
        "{} was at {} ({}) and at {} ({}): {} lie between, and the way takes {} minutes at the least. "
        + KEPT
        + "Ask the carer how it was. If the way is shorter than that, correct it under journeys.",
        *("carer", "service_user", _span(""), "other_service_user", _span("other_"), length(pl.col("took_seconds")), "least"),
    )
    return _both_sides(sides.with_columns(took_seconds=took), kind="impossible_journey", says=says)


def _span(side: str) -> pl.Expr:
    """08:00:00 on 6 July 2026 to 08:30:00 on 6 July 2026, tap 17 of door d (or how each end came where one was no tap)"""
    times = (london.moment(pl.col(f"{side}{end}")) for end in ("begins", "leaves"))
    unseen = pl.any_horizontal(pl.col(f"{side}{end}_device").is_in(UNSEEN).fill_null(value=False) for end in ("start", "stop"))
    each = pl.concat_str(_source(side, "start"), _source(side, "stop"), separator=", ", ignore_nulls=True)
    tapped = pl.format("tap {} of door {}", f"{side}seq", f"{side}device")
    return pl.format("{} to {}, {}", *times, pl.when(unseen).then(each).otherwise(tapped))


def _source(side: str, end: str) -> pl.Expr:
    """How an end came; null where it is missing."""
    device, seq = pl.col(f"{side}{end}_device"), pl.col(f"{side}{end}_seq")
    return (
        pl.when(device == ENTERED_BY_HAND)
        .then(pl.format(f"{end} entered by hand as entry {{}}", seq))
        .when(device == BROUGHT_DEVICE)
        .then(pl.format(f"{end} brought by the provider's own system, number {{}}", seq // 2))
        .when(device.is_not_null())
        .then(pl.format(f"{end} tap {{}} of door {{}}", seq, device))
    )


def _both_sides(sides: pl.DataFrame, *, kind: str, says: pl.Expr) -> pl.DataFrame:
    views = []
    for own, other in (("from_", "to_"), ("to_", "from_")):
        names = {f"{own}{name}": name for name in SIDE} | {f"{other}{name}": f"other_{name}" for name in SIDE}
        views.append(problems(sides.rename(names), kind=kind, says=says))
    # A long stay may overlap with several: each of these is told at its own end, the long one once.
    return pl.concat(views).sort("device", "seq", "says").unique(["device", "seq"], keep="first", maintain_order=True)
