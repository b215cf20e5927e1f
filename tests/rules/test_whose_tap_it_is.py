"""Whose tap is it, at whose home, and when, if the door did not know the time?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from calltime_server.visits.retiming import CLOCKS, SAID, retime
from calltime_server.visits.whose import BADGES, Resolved, resolve, tag_counts

NOON = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)
LINE = {"carer_via": "pin", "carer_ref": "pin_a", "place_via": "line", "place_ref": "tel_a", "tag_home": "s1"}
NO_CLOCKS = CLOCKS.to_frame()
POCKET = {"door_carer": "c1", "carer_via": "device", "carer_ref": "c1", "place_via": "nfc", "place_ref": "tag-1", "tag_home": "s1"}
WALL = {"door_home": "s1", "carer_via": "badge", "carer_ref": "04AB", "place_via": "reader", "place_ref": "s1"}


def said(**what: Any) -> dict[str, Any]:
    seen = {"device": "d", "seq": 2, "time": NOON, "action": "start", "received_at": NOON}
    return seen | {"boot": "b", "up_ms": 60_000, "sync": "ntp", "error_ms": 20} | what


def resolved(*taps: dict[str, Any], badges: tuple[tuple[str, str, datetime], ...] = (), clocks: pl.DataFrame = NO_CLOCKS) -> Resolved:
    frame = pl.DataFrame([{name: tap.get(name) for name in SAID.names()} for tap in taps], schema=SAID)
    return resolve(retime(frame, clocks), pl.DataFrame(list(badges), schema=BADGES, orient="row"))


def clock(*, up_ms: int, time: datetime, error_ms: int = 20) -> pl.DataFrame:
    return pl.DataFrame([("d", "b", 7, up_ms, time, error_ms)], schema=CLOCKS, orient="row")


def who_and_where(came: Resolved) -> list[tuple[Any, ...]]:
    return came.taps.select("carer", "service_user", "grade").rows()


def test_a_carers_device_speaks_for_its_carer_and_the_tag_for_its_home() -> None:
    assert who_and_where(resolved(said(**POCKET))) == [("c1", "s1", 2)]


def test_a_proof_that_nobody_has_verified_does_not_come_to_where_grades_are_given() -> None:
    assert not [name for name in SAID.names() if "proof" in name]
    assert who_and_where(resolved(said(**POCKET, place_proof="e=EF963FF7&c=94EED9EE"))) == who_and_where(resolved(said(**POCKET)))


def test_a_reader_at_a_home_speaks_for_its_home_and_the_badge_for_its_carer() -> None:
    came = resolved(said(**WALL), badges=(("04AB", "c7", NOON - timedelta(days=1)),))

    assert who_and_where(came) == [("c7", "s1", 4)]


def test_a_carers_device_cannot_speak_for_another_carers_badge() -> None:
    came = resolved(said(**POCKET | {"carer_via": "badge", "carer_ref": "04AB"}), badges=(("04AB", "victim", NOON - timedelta(days=1)),))

    assert came.taps.is_empty()
    assert came.problems.select("kind", "carer").rows() == [("wrong_door", "c1")]


def test_a_reader_cannot_speak_for_another_home() -> None:
    came = resolved(said(**WALL | {"place_via": "nfc", "place_ref": "tag-9", "tag_home": "s9"}))

    assert came.taps.is_empty()
    assert came.problems["kind"].to_list() == ["wrong_door"]


def test_a_telephone_line_speaks_for_the_home_that_calls_and_the_carer_whose_pin_it_is() -> None:
    came = resolved(said(**LINE), badges=(("pin_a", "c7", NOON - timedelta(days=1)),))

    assert who_and_where(came) == [("c7", "s1", 2)]


def test_a_telephone_line_cannot_speak_for_a_tag_nor_for_a_badge() -> None:
    tag = resolved(said(**LINE | {"place_via": "nfc", "place_ref": "tag-1"}))
    badge = resolved(said(**LINE | {"carer_via": "badge", "carer_ref": "04AB"}))

    assert [came.problems["kind"].to_list() for came in (tag, badge)] == [["wrong_door"], ["wrong_door"]]
    assert "a telephone line" in tag.problems["says"][0]


def test_no_other_door_can_speak_for_a_telephone() -> None:
    pocket = resolved(said(**LINE | {"door_carer": "c1"}))
    wall = resolved(said(**LINE | {"door_home": "s1"}))

    assert [came.problems["kind"].to_list() for came in (pocket, wall)] == [["wrong_door"], ["wrong_door"]]


def test_what_hangs_on_paper_is_no_telephone_and_what_calls_is_no_tag() -> None:
    named = [("qr", "tel_a"), ("nfc", "tag-1"), ("line", "tel_a"), ("line", "tag-1"), ("reader", "s1"), ("away", "tag-1")]
    counts = pl.DataFrame(named, schema=["place_via", "place_ref"], orient="row").select(tag_counts()).to_series()

    assert counts.to_list() == [False, True, True, False, False, False]


def test_away_from_the_home_a_carers_device_says_with_whom_she_is_and_proves_nothing() -> None:
    came = resolved(said(**POCKET | {"place_via": "away", "place_ref": "s1", "tag_home": None}))

    assert who_and_where(came) == [("c1", "s1", 0)]


def test_nobody_but_a_carers_device_can_say_that_she_is_away() -> None:
    wall = resolved(said(**WALL | {"place_via": "away"}))
    line = resolved(said(**LINE | {"place_via": "away", "place_ref": "s1"}))

    assert [came.problems["kind"].to_list() for came in (wall, line)] == [["wrong_door"], ["wrong_door"]]


def test_a_badge_that_changed_hands_is_the_first_carers_before_and_the_seconds_after() -> None:
    badges = (("04AB", "first", NOON - timedelta(days=9)), ("04AB", "second", NOON - timedelta(days=1)))

    before = resolved(said(**WALL, time=NOON - timedelta(days=2)), badges=badges)
    after = resolved(said(**WALL), badges=badges)

    assert (who_and_where(before)[0][0], who_and_where(after)[0][0]) == ("first", "second")


def test_a_tap_without_time_is_placed_first_and_its_badge_looked_up_then() -> None:
    badges = (("04AB", "first", NOON - timedelta(days=9)), ("04AB", "second", NOON - timedelta(days=1)))
    tap = said(**WALL, time=datetime(1970, 1, 1, 0, 1, tzinfo=UTC), sync="none")

    # The clock was set when the door had been up for ten minutes; the tap was nine minutes before.
    came = resolved(tap, badges=badges, clocks=clock(up_ms=600_000, time=NOON))

    assert came.taps["time"].to_list() == [NOON - timedelta(minutes=9)]
    assert came.taps["carer"].to_list() == ["second"]


def test_a_tap_that_nothing_places_is_a_problem() -> None:
    came = resolved(said(**POCKET, sync="none"))

    assert came.taps.is_empty()
    assert came.problems.select("kind", "carer", "service_user").rows() == [("no_time", "c1", "s1")]


def test_an_up_time_that_no_machine_has_is_not_believed() -> None:
    for up_ms in (2**53 - 1, -(2**53)):
        came = resolved(said(**POCKET, sync="none"), clocks=clock(up_ms=up_ms, time=NOON))

        assert came.problems["kind"].to_list() == ["no_time"]
