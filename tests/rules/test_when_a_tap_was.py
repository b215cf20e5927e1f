"""When was a tap whose door did not know the time, or was wrong about it, and how exactly is that known?"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from calltime_server.payment.telling import with_placed
from calltime_server.visits.retiming import CLOCKS, PLACED, SAID, retime
from fixtures.care import contact, settled, visit

NOON = datetime(2026, 7, 6, 11, 0, tzinfo=UTC)  # 12:00 in London
NINETEEN_SEVENTY = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
HOUR = 3_600_000
DAY = 24 * HOUR


def said(**what: Any) -> dict[str, Any]:
    """A tap that a door made an hour after it was switched on."""
    usual = {"device": "d", "seq": 2, "time": NOON, "action": "start", "boot": "b", "up_ms": HOUR, "sync": "ntp", "error_ms": 1_000}
    return usual | {"received_at": NOON + timedelta(days=30)} | what


LOST = {"time": NINETEEN_SEVENTY, "sync": "none", "error_ms": DAY}


def clock(seq: int, time: datetime, *, after: int, error_ms: int = 1_000, device: str = "d", boot: str = "b") -> dict[str, Any]:
    """A clock record of the same power-up so many milliseconds after the tap (or before it)."""
    return {"device": device, "boot": boot, "clock_seq": seq, "up_ms": HOUR + after, "time": time, "error_ms": error_ms}


def placed(*rows: dict[str, Any], clocks: list[dict[str, Any]] | None = None) -> pl.DataFrame:
    frame = pl.DataFrame([{name: row.get(name) for name in SAID.names()} for row in rows], schema=SAID)
    came = retime(frame, pl.DataFrame(clocks or [], schema=CLOCKS, orient="row"))
    assert came.schema == PLACED
    return came


def one(row: dict[str, Any], *clocks: dict[str, Any]) -> dict[str, Any]:
    return placed(row, clocks=list(clocks)).row(0, named=True)


def test_what_a_door_said_that_knew_the_time_counts_with_the_error_that_it_said() -> None:
    came = one(said())

    assert (came["time"], came["error_ms"], came["clock_seq"], came["placed"], came["doubt"]) == (NOON, 1_000, None, None, None)


def test_a_lost_tap_is_as_exact_as_the_clock_record_and_the_drift_up_to_it() -> None:
    came = one(said(**LOST), clock(7, NOON + timedelta(days=2), after=2 * DAY))

    # 1,000 ms, and 100 ppm of 172,800,000 ms = 17,280 ms
    assert (came["time"], came["error_ms"], came["clock_seq"]) == (NOON, 18_280, 7)
    assert came["placed"] == (
        "clock record 7 of its door places it at 12:00:00 on 6 July 2026 ± 19 s: the door did not know the time when it was tapped"
    )


def test_a_clock_record_before_the_tap_places_it_as_well_and_a_part_of_a_millisecond_counts_as_a_whole_one() -> None:
    came = one(said(**LOST), clock(1, NOON - timedelta(milliseconds=10_001), after=-10_001, error_ms=5))

    assert (came["time"], came["error_ms"], came["clock_seq"]) == (NOON, 5 + 2, 1)


def test_a_lost_tap_without_a_clock_record_is_nowhere_and_one_of_another_power_up_or_door_does_not_place_it() -> None:
    others = clock(7, NOON, after=60, boot="another"), clock(7, NOON, after=60, device="another")
    came = one(said(**LOST), *others)

    assert (came["time"], came["clock_seq"], came["placed"]) == (None, None, None)


def test_of_two_clock_records_the_nearer_counts_if_they_are_as_good() -> None:
    records = clock(1, NOON - timedelta(hours=1), after=-HOUR), clock(9, NOON + timedelta(minutes=30), after=HOUR // 2)

    assert one(said(**LOST), *records)["clock_seq"] == 9


def test_a_better_clock_record_counts_even_if_it_is_further_away() -> None:
    # The battery's clock ten seconds later, the time server half an hour later: 301,000 ms against 1,000 + 180 ms
    battery = clock(3, NOON + timedelta(seconds=70), after=10_000, error_ms=301_000)
    server = clock(4, NOON + timedelta(minutes=30), after=HOUR // 2)

    came = one(said(**LOST), battery, server)

    assert (came["time"], came["error_ms"], came["clock_seq"], came["doubt"]) == (NOON, 1_180, 4, None)


def test_the_choice_among_many_clock_records_is_the_best_of_all_in_whatever_order_they_come() -> None:
    chance = Random(7)
    records = [
        clock(seq, NOON + timedelta(milliseconds=after), after=after, error_ms=chance.choice([20, 500, 1_000, 16_000, 301_000]))
        for seq, after in enumerate(chance.sample(range(-DAY, DAY), 60), start=10)
    ]
    taps = [said(**LOST | {"seq": 100 + n, "up_ms": chance.randrange(HOUR - DAY, HOUR + DAY)}) for n in range(50)]

    came = placed(*taps, clocks=records)

    for row in came.iter_rows(named=True):
        errors = {c["clock_seq"]: c["error_ms"] - (-abs(c["up_ms"] - row["up_ms"]) // 10_000) for c in records}
        assert row["error_ms"] == min(errors.values()) == errors[row["clock_seq"]]
    chance.shuffle(records)
    assert placed(*taps, clocks=records).sort("seq").equals(came.sort("seq"))


def test_a_battery_that_was_an_hour_wrong_is_corrected_by_the_time_server_and_told() -> None:
    # Before the first word of the time server the door said 13:00 ± 301 s; then its clock was set back by an hour.
    tap = said(time=NOON + timedelta(hours=1), sync="rtc", error_ms=301_000)
    boot = clock(1, NOON + timedelta(minutes=59), after=-60_000, error_ms=301_000)
    server = clock(3, NOON + timedelta(minutes=10), after=600_000)

    came = one(tap, boot, server)

    assert (came["time"], came["error_ms"], came["clock_seq"]) == (NOON, 1_060, 3)
    assert came["placed"] == (
        "clock record 3 of its door places it at 12:00:00 on 6 July 2026 ± 2 s: the door's own clock said 13:00:00 on 6 July 2026 ± 301 s"
    )
    assert came["doubt"] == "13:00:00 on 6 July 2026 ± 301 s by its own clock and 13:00:00 on 6 July 2026 ± 302 s by its clock record 1"


def test_a_battery_that_was_right_within_its_error_is_made_more_exact_without_a_doubt() -> None:
    tap = said(time=NOON + timedelta(minutes=4), sync="rtc", error_ms=301_000)

    came = one(tap, clock(3, NOON + timedelta(minutes=10), after=600_000))

    assert (came["time"], came["error_ms"], came["clock_seq"], came["doubt"]) == (NOON, 1_060, 3, None)


def test_a_clock_record_that_is_a_little_closer_and_agrees_moves_nothing() -> None:
    came = one(said(time=NOON + timedelta(milliseconds=300)), clock(3, NOON, after=0, error_ms=20))

    assert (came["time"], came["error_ms"], came["clock_seq"]) == (NOON + timedelta(milliseconds=300), 1_000, None)


def test_a_time_server_that_was_set_back_an_hour_later_leaves_the_tap_and_tells_the_doubt() -> None:
    # As exact as each other, and an hour apart: nobody can tell which is true.
    came = one(said(), clock(1, NOON - timedelta(minutes=1), after=-60_000), clock(3, NOON - timedelta(minutes=50), after=600_000))

    assert (came["time"], came["clock_seq"]) == (NOON, None)
    assert came["doubt"] == "11:00:00 on 6 July 2026 ± 2 s by its clock record 3"


def test_an_impossible_clock_record_moves_nothing() -> None:
    came = one(said(error_ms=DAY), clock(3, datetime(2019, 1, 1, tzinfo=UTC), after=0), clock(4, NOON + timedelta(days=99), after=-1))

    assert (came["time"], came["clock_seq"], came["doubt"]) == (NOON, None, None)


def test_a_line_says_which_of_its_taps_were_placed_by_what() -> None:
    lines = settled([visit("v", "s1", "2026-07-06 12:00")], contact("d", "2026-07-06 12:00:00", "2026-07-06 12:30:00")).lines
    stop = said(seq=9, action="stop", time=NOON + timedelta(minutes=30))
    moved = placed(said(**LOST | {"seq": 1}), stop, clocks=[clock(7, NOON + timedelta(minutes=30), after=HOUR // 2)])

    told = with_placed(lines, moved)

    assert told.columns == lines.columns
    assert told["explanation"][0] == lines["explanation"][0] + (
        " The start: clock record 7 of its door places it at 12:00:00 on 6 July 2026 ± 2 s: "
        "the door did not know the time when it was tapped."
    )
    assert with_placed(lines, placed(said())).equals(lines)
