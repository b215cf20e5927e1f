"""What do the reports say? Each on a few visits that can be counted by hand."""

from datetime import timedelta
from typing import Any

import polars as pl

from calltime_server.payment.lines import LINES
from calltime_server.payment.reports import carer_time, quality, spending
from calltime_server.payment.trying import difference
from calltime_server.visits.columns import VISITS
from calltime_server.visits.told import ENTRIES
from fixtures.care import instant


def visit(planned: str, start: str | None, stop: str | None, **more: Any) -> dict[str, Any]:
    """A planned visit on 6 July 2026 of half an hour, in London's time."""
    started, ended = (instant(f"2026-07-06 {at}") if at else None for at in (start, stop))
    seconds = int((ended - started).total_seconds()) if started and ended else 0
    return {
        "visit_id": planned,
        "service_user": "s1",
        "provider": "north",
        "planned_start": instant(f"2026-07-06 {planned}"),
        "planned_minutes": 30,
        "carer": "c1" if start or stop else None,
        "started": started,
        "ended": ended,
        "start_device": "d" if start else None,
        "stop_device": "d" if stop else None,
        "contact_seconds": seconds,
        "waiting_seconds": 0,
        "delivery": "delivered" if started and ended else "no_stop" if started else "no_start" if ended else "missed",
        **more,
    }


def visits_of(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in VISITS} for row in rows], schema=VISITS)


def lines_of(*rows: dict[str, Any]) -> pl.DataFrame:
    zero = dict.fromkeys(("paid_minutes", "parked_minutes", "pence", "bank_minutes", "contact_seconds", "carer_no"), 0)
    every = {"kind": "visit", "zone": "z1", "provider": "north", "planned_minutes": 30, **zero}
    return pl.DataFrame([{name: (every | row).get(name) for name in LINES} for row in rows], schema=LINES)


def test_log_in_compliance_counts_the_visits_that_were_tapped_at_both_ends() -> None:
    entered = visit("12:00", "12:00", "12:30", start_device="office")
    report = quality.compliance(
        visits_of(visit("08:00", "08:00", "08:30"), visit("10:00", "10:01", None), entered, visit("14:00", None, None))
    )

    # Made: one by taps, one with an end missing, one entered by hand. 1 of 3 is 33.3 %.
    assert report.rows(named=True) == [
        {"provider": "north", "made": 3, "electronic": 1, "one_end": 1, "by_hand": 1, "missed": 1, "electronic_share": 333}
    ]


def test_the_usage_score_of_texas() -> None:
    # 0.6 × 900/1000 + 0.4 × 990/1000 = 0.54 + 0.396 = 93.6 %
    assert quality.usage_score(accepted=1000, electronic=900, exported=1000, not_rejected=990) == 9360


def test_punctuality_is_within_a_quarter_of_an_hour() -> None:
    report = quality.punctuality(
        visits_of(
            visit("08:00", "08:15", "08:30"),
            visit("10:00", "10:16", "10:30"),
            visit("12:00", "12:31", "12:50"),
            visit("14:00", "13:40", None),
        )
    )

    assert report.row(0, named=True) == {
        "provider": "north", "visits": 4, "on_time": 1, "early": 1, "late": 2, "very_late": 1, "on_time_share": 250,
    }  # fmt: skip


def test_continuity_names_the_carer_who_came_most() -> None:
    report = quality.continuity(
        visits_of(
            visit("08:00", "08:00", "08:30"),
            visit("10:00", "10:00", "10:30"),
            visit("12:00", "12:00", "12:30", carer="c2"),
            visit("14:00", None, None),
        )
    )

    assert report.row(0) == ("s1", "north", 3, 2, "c1", 667)  # two of three


def test_clipped_visits_stand_at_the_top() -> None:
    report = quality.lengths(
        visits_of(visit("08:00", "08:00", "08:07"), visit("10:00", "10:00", "10:30"), visit("12:00", "12:00", "12:30"))
    )

    # 7 of 30 min is 23 %; 30 of 30 is 100 %.
    assert report.rows() == [("north", "under 25 %", 1, 333), ("north", "90 to under 110 %", 2, 667)]


def test_an_end_that_was_entered_as_planned_to_the_minute_is_counted() -> None:
    entered = visit("08:00", "08:00:59", "08:31", start_device="office", start_seq=1, stop_device="office", stop_seq=2)
    entries = pl.DataFrame(
        [{"entry": number, "by": "coordinator"} for number in (1, 2)], schema={name: ENTRIES[name] for name in ("entry", "by")}
    )

    assert quality.edits_as_planned(visits_of(entered), entries).rows() == [("north", "coordinator", 2, 1, 500)]


def test_savings_are_commissioned_less_actual_and_parked_hours_stand_beside() -> None:
    lines = lines_of(
        {"visit_id": "a", "pence": 900, "paid_minutes": 28},
        {"visit_id": "b", "parked_minutes": 30},
        {"visit_id": "r", "kind": "retainer", "pence": 100},
    )
    commissioned = pl.DataFrame({"visit_id": ["a", "b"], "carer_no": [0, 0], "commissioned_pence": [1000, 1000]})

    report = spending.savings(lines, commissioned).row(0, named=True)

    # £20.00 commissioned, of which £10.00 for what is parked; £9.00 and a retainer of £1.00 paid.
    assert (report["commissioned_pence"], report["actual_pence"], report["saving_pence"], report["parked_minutes"]) == (2000, 1000, 0, 30)
    assert report["parked_commissioned_pence"] == 1000
    assert report["planned_minutes"] == 60


def test_what_is_parked_is_no_saving_in_whole_or_in_part() -> None:
    lines = lines_of(
        {"visit_id": "a", "outcome": "pay", "pence": 400, "paid_minutes": 20, "parked_minutes": 10},
        {"visit_id": "b", "outcome": "park", "reason": "no_stop"},  # no contact: nobody knows how long it was
        {"visit_id": "c", "outcome": "refuse", "reason": "missed"},
    )
    commissioned = pl.DataFrame({"visit_id": ["a", "b", "c"], "carer_no": [0, 0, 0], "commissioned_pence": [900, 900, 900]})

    report = spending.savings(lines, commissioned).row(0, named=True)

    # Of a, 10 of 30 min wait: £3.00 of £9.00. Of b, all. Saved: £2.00 of a (£6.00 less £4.00), and the £9.00 of c.
    assert (report["parked_minutes"], report["parked_commissioned_pence"], report["saving_pence"]) == (10 + 30, 300 + 900, 200 + 900)


def test_a_block_shows_what_was_used_of_it_and_a_bank_what_was_drawn() -> None:
    monday = instant("2026-07-06 00:00")
    # Two visits of an hour: the second lies in the block with its first half alone.
    inside = [{"visit_id": name, "planned_start": monday + timedelta(hours=9), "contact_seconds": 60 * 60} for name in ("a", "b")]
    block = {"visit_id": "block 1", "kind": "block", "planned_start": monday, "service": "extra care", "paid_minutes": 90}
    bank = [{"visit_id": f"bank {n}", "kind": "bank", "package": "p1", "bank_minutes": n, "planned_start": monday} for n in (60, -30)]

    lines = lines_of(*inside, block, *bank).with_columns(seconds_in_block=pl.Series([3600, 1800, 5400, None, None]))
    report = spending.utilisation(lines)

    assert report.select("kind", "name", "bought_minutes", "used_minutes", "used_share").rows() == [
        ("bank", "p1", 60, 30, 500),
        ("block", "block 1", 90, 90, 1000),
    ]


def test_hours_in_a_block_are_hours_that_somebody_gave() -> None:
    rows = [{"visit_id": "a", "paid_minutes": 30}, {"visit_id": "b", "provider": "south", "paid_minutes": 30}]
    monday = instant("2026-07-06 08:00")
    lines = lines_of(*(row | {"planned_start": monday} for row in rows)).with_columns(seconds_in_block=pl.Series([1800, None]))
    nothing_known = spending.PROVIDERS.to_frame()

    assert spending.hours_by_provider(lines).rows() == [("z1", "north", 60, 667), ("z1", "south", 30, 333)]
    assert spending.weekly_hours(lines).rows() == [("north", monday.date(), 60), ("south", monday.date(), 30)]
    assert spending.hours_by_kind(lines, nothing_known).rows()[0] == ("z1", "unknown", 90, 1000)


def test_hours_are_shared_between_kinds_of_provider_in_each_zone() -> None:
    lines = lines_of(
        {"visit_id": "a", "provider": "lead", "paid_minutes": 21},
        {"visit_id": "b", "provider": "additional", "paid_minutes": 50},
        {"visit_id": "c", "provider": "nobody knows", "paid_minutes": 29},
    )
    providers = pl.DataFrame([("lead", "lead"), ("additional", "additional")], schema=spending.PROVIDERS, orient="row")

    report = spending.hours_by_kind(lines, providers)

    assert report.filter(pl.col("zone") == "z1").rows() == [
        ("z1", "additional", 50, 500),
        ("z1", "lead", 21, 210),
        ("z1", "unknown", 29, 290),
    ]


def test_a_carers_time_is_contact_ways_and_waiting() -> None:
    report = carer_time.statement(
        visits_of(
            visit("08:00", "08:00", "08:30"),
            visit("09:00", "08:50", "09:20", waiting_seconds=5 * 60),  # at the door from 08:45: a way of a quarter of an hour
            visit("11:00", "11:00", "11:30"),  # an hour and 40 minutes after: a break
            visit("12:00", "12:00", None),
        )
    )

    week = instant("2026-07-06 12:00").date()
    assert report.rows(named=True) == [
        {
            "carer": "c1", "week": week, "visits": 4,
            "contact_seconds": 90 * 60, "travel_seconds": (15 + 30) * 60, "waiting_seconds": 5 * 60,
            "breaks": 1, "open_ends": 1, "working_seconds": (90 + 45 + 5) * 60,
        }
    ]  # fmt: skip


def test_nobody_works_the_same_minute_twice() -> None:
    both = visits_of(visit("08:00", "08:00", "09:00"), visit("08:10", "08:30", "09:15"))

    assert carer_time.statement(both)["contact_seconds"].to_list() == [75 * 60]


def test_what_other_terms_would_change_is_told_for_each_provider() -> None:
    now = lines_of(
        {"visit_id": "a", "pence": 900, "outcome": "pay"}, {"visit_id": "b", "provider": "south", "pence": 500, "outcome": "pay"}
    )
    then = lines_of(
        {"visit_id": "a", "pence": 1000, "outcome": "pay"},
        {"visit_id": "b", "provider": "south", "pence": 500, "outcome": "pay"},
        {"visit_id": "r", "provider": "south", "kind": "retainer", "pence": 300, "outcome": "pay"},
    )

    told = difference(now, then, by=["provider"])

    # South has a retainer of £3.00 that it had not; North gets £1.00 more for its visit.
    assert told.select("provider", "lines", "difference_pence").rows() == [("south", 1, 300), ("north", 1, 100)]


def test_the_open_book_holds_the_work_of_a_providers_carers_against_its_pay() -> None:
    visits = visits_of(
        visit("08:00", "08:00", "08:30"), visit("09:00", "08:45", "09:15"), visit("10:00", "10:00", "10:30", provider="south")
    )
    lines = lines_of({"visit_id": "a", "pence": 1500, "paid_minutes": 60}, {"visit_id": "b", "provider": "south", "pence": 900})

    told = carer_time.open_book(visits, lines)

    # North: two half hours and a quarter between them, 75 min for £15.00: £12.00 an hour. South: a way of 45 min, and half an hour.
    assert told.select("provider", "contact_seconds", "travel_seconds", "paid_pence", "hour_pence").rows() == [
        ("north", 60 * 60, 15 * 60, 1500, 1200),
        ("south", 30 * 60, 45 * 60, 900, 720),
    ]


def test_new_work_is_shared_by_the_packages_that_began() -> None:
    lines = lines_of(
        *({"visit_id": f"v{n}", "package": f"p{n}", "planned_start": instant(f"2026-07-0{n} 08:00")} for n in range(1, 6)),
    )
    packages = pl.DataFrame(
        [(f"p{n}", "lead" if n > 2 else "other", instant(f"2026-07-0{n} 08:00").date()) for n in range(1, 6)]
        + [("old", "lead", instant("2026-01-01 08:00").date())],
        schema={"package": pl.String(), "provider": pl.String(), "starts": pl.Date()},
        orient="row",
    )

    assert spending.new_work(lines, packages).rows() == [("z1", "lead", 3, 600), ("z1", "other", 2, 400)]


def test_a_zones_hours_are_split_between_its_providers_and_weeks_are_told() -> None:
    monday = instant("2026-07-06 08:00")
    lines = lines_of(
        {"visit_id": "a", "paid_minutes": 80, "planned_start": monday},
        {"visit_id": "b", "provider": "south", "paid_minutes": 20, "planned_start": monday + timedelta(days=6)},
    )

    assert spending.hours_by_provider(lines).rows() == [("z1", "north", 80, 800), ("z1", "south", 20, 200)]
    assert spending.weekly_hours(lines).rows() == [("north", monday.date(), 80), ("south", monday.date(), 20)]
