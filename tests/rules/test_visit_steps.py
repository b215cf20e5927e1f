"""What does each step of a visit leave of its seconds, and what does it say?"""

from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter

from calltime_server.payment.calculation import Calculation, calculated
from calltime_server.payment.steps import visit_steps
from calltime_server.payment.terms_steps import StepTerms
from fixtures.care import instant

READ: TypeAdapter[Any] = TypeAdapter(StepTerms)


def taken(step: str, *, start: str = "08:00:00", stop: str = "08:30:00", planned: int = 30, **settings: Any) -> tuple[int, str | None]:
    """The seconds after this one step for a visit planned at 08:00, and its sentence."""
    columns: dict[str, Any] = {name: settings.pop(name) for name in ("waiting_seconds", "together_seconds", "carers") if name in settings}
    terms = READ.validate_python({"step": step, "says": "…", "clause": "3", **settings})
    begins, ends = instant(f"2026-07-06 {start}"), instant(f"2026-07-06 {stop}")
    row: dict[str, Any] = {
        "visit_id": "v",
        "planned_start": instant("2026-07-06 08:00"),
        "planned_minutes": planned,
        "carers": 1,
        "waiting_seconds": 0,
        "together_seconds": None,
        "started": begins,
        "ended": ends,
        "counted_from": begins,
        "counted_to": ends,
        "counted_seconds": int((ends - begins).total_seconds()),
        "payable": True,
        "given": False,
        **columns,
    }
    [made] = visit_steps([terms], first="counted_seconds")
    frame = calculated(pl.DataFrame([row]), Calculation(visit=(made,), period=(), last=made.column))
    return frame[made.column].item(), frame.select(made.sentence).item()


def after(step: str, **given: Any) -> int:
    return taken(step, **given)[0]


def test_an_early_start_counts_from_the_planned_one() -> None:
    # 07:50 to 08:20, from 08:00: 20 min
    seconds, told = taken("count_from", start="07:50:00", stop="08:20:00", early="planned_start")

    assert seconds == 1200
    assert told == "Counted from the planned start to the stop tap at most (3): 20 min, 10 min outside not counted."


def test_a_late_stop_counts_to_the_planned_end() -> None:
    assert after("count_from", start="08:10:00", stop="08:45:00", late="planned_end") == 1200  # 08:10 to 08:30


def test_what_lies_outside_of_the_window_is_trimmed() -> None:
    # from 07:55 to 08:40 of 07:50 to 08:50
    assert after("trim_to_window", start="07:50:00", stop="08:50:00", minutes_before=5, minutes_after=10) == 45 * 60
    assert after("trim_to_window", start="09:50:00", stop="10:50:00", minutes_before=5, minutes_after=10) == 0


def test_two_carers_are_paid_each_or_for_the_time_together() -> None:
    both = {"carers": 2, "together_seconds": 1200}

    assert after("double_handed", pays="each_carer", **both) == 1800
    assert after("double_handed", pays="together", **both) == 1200
    assert after("double_handed", pays="together") == 1800  # one carer alone was asked for


def test_waiting_is_paid_up_to_its_limit() -> None:
    assert after("waiting", at_most_minutes=5, waiting_seconds=200) == 2000
    assert after("waiting", at_most_minutes=5, waiting_seconds=900) == 2100


@pytest.mark.parametrize(
    ("how", "threshold", "stop", "minutes"),
    [
        ("nearest", None, "08:37:30", 45),  # half of the way goes up
        ("nearest", None, "08:37:29", 30),
        ("up", None, "08:30:01", 45),
        ("down", None, "08:44:59", 30),
        ("threshold", 10, "08:40:00", 45),
        ("threshold", 10, "08:39:59", 30),
    ],
)
def test_a_length_is_rounded_to_quarters_of_an_hour(how: str, threshold: int | None, stop: str, minutes: int) -> None:
    assert after("round", minutes=15, how=how, threshold_minutes=threshold, stop=stop) == minutes * 60


def test_each_end_is_rounded_on_the_wall_clock() -> None:
    # 08:07 → 08:00 and 08:38 → 08:45: 45 min, where the length of 31 min would come to 30
    assert after("round", minutes=15, how="nearest", of="each_end", start="08:07:00", stop="08:38:00") == 45 * 60


@pytest.mark.parametrize(("stop", "minutes"), [("08:25:00", 30), ("08:24:59", None), ("08:35:00", 30), ("08:35:01", None)])
def test_what_is_within_the_tolerance_is_paid_as_planned(stop: str, minutes: int | None) -> None:
    as_tapped = int((instant(f"2026-07-06 {stop}") - instant("2026-07-06 08:00")).total_seconds())

    assert after("tolerance", minutes=5, stop=stop) == (as_tapped if minutes is None else minutes * 60)


def test_the_larger_of_minutes_and_per_cent_is_tolerated() -> None:
    # 10 % of 60 min is 6 min, more than 5
    assert after("tolerance", minutes=5, percent=10, planned=60, stop="08:54:00") == 3600
    assert after("tolerance", minutes=5, percent=10, of="over", planned=60, stop="08:54:00") == 3240


def test_a_minimum_of_thirty_minutes_makes_twelve_thirty_and_nothing_nothing() -> None:
    assert taken("minimum", minutes=30, stop="08:12:00") == (1800, "At least 30 min (3): 30 min, 18 min added.")
    assert after("minimum", minutes=30, from_minutes=0, stop="08:00:00") == 1800
    assert after("minimum", minutes=30, stop="08:00:59") == 59  # from a minute on


@pytest.mark.parametrize(("how", "minutes"), [("up", 60), ("down", 45), ("nearest", 45), ("longest_and_remainder", 50)])
def test_fifty_minutes_go_to_a_band(how: str, minutes: int) -> None:
    assert after("band", minutes=[15, 30, 45, 60], how=how, stop="08:50:00") == minutes * 60


def test_a_cap_has_room_for_so_many_per_cent_in_whole_minutes() -> None:
    # 45 min and 10 % are 49.5 min: 49 whole ones
    assert after("cap_at_planned", plus_percent=10, planned=45, stop="09:00:00") == 49 * 60
    assert after("cap_at_planned", plus_minutes=5, planned=45, stop="09:00:00") == 50 * 60
