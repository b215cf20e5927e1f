"""Whose tap is it, and at whose home?

A carer's own device speaks for that carer and reads the tags of homes; a reader at a home speaks for that home and reads the badges of
carers. No door speaks for anybody else, whatever it signs.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.columns import INSTANT, TAPS
from calltime_server.visits.problems import gathered, problems

# Who has had which badge since when, one row each time that it was given to somebody.
BADGES = pl.Schema({"carer_ref": pl.String(), "badge_carer": pl.String(), "since": INSTANT})

POCKET = pl.col("door_carer").is_not_null() & (pl.col("carer_via") == "device") & pl.col("place_via").is_in(["nfc", "qr"])
WALL = pl.col("door_home").is_not_null() & (pl.col("carer_via") == "badge") & (pl.col("place_via") == "reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """`TAPS`, each at a known time; and `PROBLEMS`: no_time and wrong_door for those that cannot be among them, clock_contradicts."""

    taps: pl.DataFrame
    problems: pl.DataFrame


def resolve(placed: pl.DataFrame, badges: pl.DataFrame) -> Resolved:
    """Frames: `PLACED`, `BADGES` → `TAPS` and `PROBLEMS`. A badge is that of whoever had it when it was tapped."""
    known = _with_badges(placed, badges).with_columns(
        carer=pl.when(POCKET).then("door_carer").when(WALL).then("badge_carer"),
        service_user=pl.when(POCKET).then("tag_home").when(WALL).then("door_home"),
        grade=_grade(),
    )
    fits = POCKET | WALL
    return Resolved(
        taps=known.filter(fits & pl.col("time").is_not_null()).select(TAPS.names()),
        problems=gathered(
            _without_time(known.filter(fits & pl.col("time").is_null())),
            _wrong_doors(known.filter(~fits)),
            _in_doubt(known.filter(fits & pl.col("doubt").is_not_null())),
        ),
    )


def _with_badges(placed: pl.DataFrame, badges: pl.DataFrame) -> pl.DataFrame:
    timed = placed.filter(pl.col("time").is_not_null()).sort("time")
    joined = timed.join_asof(
        badges.sort("since"),
        left_on="time",
        right_on="since",
        by="carer_ref",
        strategy="backward",
        check_sortedness=False,  # polars cannot check it by groups; both sides are sorted above
    )
    return pl.concat([joined, placed.filter(pl.col("time").is_null())], how="diagonal")


def _grade() -> pl.Expr:
    """How much the tap proves: the table of docs/wire.md; a second proof is not looked at yet."""
    grade = pl.when(pl.col("place_via") == "reader").then(4).when(pl.col("place_via") == "nfc").then(2).otherwise(1)
    return grade.cast(pl.Int64)


def _without_time(taps: pl.DataFrame) -> pl.DataFrame:
    says = pl.lit(
        "The door did not know the time when this was tapped, and no record of the same power-up tells it. The tap is kept and counts for "
        "nothing yet. Let the door reach a time server before its power is cut: then it is placed. If it was cut, ask the carer."
    )
    return problems(taps, kind="no_time", says=says)


def _in_doubt(taps: pl.DataFrame) -> pl.DataFrame:
    says = pl.format(
        "The {} tap counts as of {} ± {} s, but the door also said {}. Both cannot be: its clock was set wrongly, or is broken. "
        "The closest counts, and all are kept. Ask the carer when it was, and have the door's clock looked at.",
        "action",
        london.moment(pl.col("time")),
        -(-pl.col("error_ms") // 1000),
        "doubt",
    )
    return problems(taps, kind="clock_contradicts", says=says)


def _wrong_doors(taps: pl.DataFrame) -> pl.DataFrame:
    says = pl.format(
        "Door {} is enrolled for {} and cannot tap as “{}” with {} {} at {} {}. The tap is kept and counts for nothing. "
        "Find out who changed the door, and revoke it.",
        "device",
        pl.coalesce(pl.format("carer {}", "door_carer"), pl.format("the home of {}", "door_home")),
        "action",
        "carer_via",
        "carer_ref",
        "place_via",
        "place_ref",
    )
    return problems(taps.with_columns(carer="door_carer", service_user="door_home"), kind="wrong_door", says=says)
