"""Whose tap is it, and at whose home?

A carer's own device speaks for that carer and reads the tags of homes, or says with whom the carer is away from the home; a reader at a
home speaks for that home and reads the badges of carers. A telephone line speaks for neither: the number that calls is known as a home's,
and the PIN as a carer's. No door speaks for anybody else, whatever it signs.
"""

from dataclasses import dataclass

import polars as pl

from calltime_server.visits import london
from calltime_server.visits.columns import INSTANT, TAPS
from calltime_server.visits.problems import gathered, problems

# Who has had which badge since when, one row each time that it was given to somebody.
BADGES = pl.Schema({"carer_ref": pl.String(), "badge_carer": pl.String(), "since": INSTANT})

AWAY = pl.col("place_via") == "away"
POCKET = pl.col("door_carer").is_not_null() & (pl.col("carer_via") == "device") & (pl.col("place_via").is_in(["nfc", "qr"]) | AWAY)
WALL = pl.col("door_home").is_not_null() & (pl.col("carer_via") == "badge") & (pl.col("place_via") == "reader")
# A door that is enrolled for neither a carer nor a home is enrolled for a telephone line: there is no fourth kind.
LINE = pl.all_horizontal(pl.col("door_carer", "door_home").is_null()) & (pl.col("carer_via") == "pin") & (pl.col("place_via") == "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """`TAPS`, each at a known time; and `PROBLEMS`: no_time and wrong_door for those that cannot be among them, clock_contradicts."""

    taps: pl.DataFrame
    problems: pl.DataFrame


def tag_counts() -> pl.Expr:
    """Whether what is known of the tag that a tap names counts: columns place_via and place_ref. A telephone's is none to scan."""
    telephone = pl.col("place_ref").str.starts_with("tel_")
    return pl.when(pl.col("place_via") == "line").then(telephone).otherwise(pl.col("place_via").is_in(["nfc", "qr"]) & ~telephone)


def resolve(placed: pl.DataFrame, badges: pl.DataFrame) -> Resolved:
    """Frames: `PLACED`, `BADGES` → `TAPS` and `PROBLEMS`. A badge is that of whoever had it when it was tapped."""
    known = _with_badges(placed, badges).with_columns(
        carer=pl.when(POCKET).then("door_carer").when(WALL | LINE).then("badge_carer"),
        service_user=pl.when(POCKET & AWAY).then("place_ref").when(POCKET | LINE).then("tag_home").when(WALL).then("door_home"),
        grade=_grade(),
    )
    fits = POCKET | WALL | LINE
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
    grades = {"reader": 4, "nfc": 2, "line": 2, "qr": 1, "away": 0}
    return pl.col("place_via").replace_strict(grades, return_dtype=pl.Int64)


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
        pl.coalesce(pl.format("carer {}", "door_carer"), pl.format("the home of {}", "door_home"), pl.lit("a telephone line")),
        "action",
        "carer_via",
        "carer_ref",
        "place_via",
        "place_ref",
    )
    return problems(taps.with_columns(carer="door_carer", service_user="door_home"), kind="wrong_door", says=says)
