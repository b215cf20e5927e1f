"""What holds for every plan and every heap of taps?"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as some

from calltime_server.jobs.settled_csv import csv_files
from calltime_server.payment.settling import Settlement, settle
from fixtures.care import Row, example_terms, plan_of, taps_of

TERMS = example_terms()
NOON = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the clocks go back 13 hours later
TIMES = some.integers(0, 24 * 60 * 4).map(lambda quarter: NOON + timedelta(seconds=15 * quarter))
HOMES = some.sampled_from(["s1", "s2"])

VISITS = some.lists(
    some.tuples(some.integers(0, 30), HOMES, TIMES, some.integers(1, 240), some.integers(1, 3)), max_size=8, unique_by=lambda row: row[0]
)
TAPS = some.lists(
    some.tuples(
        some.sampled_from(["d1", "d2"]),
        some.integers(1, 12),
        TIMES,
        some.sampled_from(["start", "stop", "start", "stop", "waiting"]),
        some.sampled_from(["c1", "c2", "c3", None]),
        some.sampled_from(["s1", "s2", "s1", "s2", None, ""]),
        some.integers(0, 5),
    ),
    max_size=24,
)


def planned(rows: list[tuple[Any, ...]]) -> list[Row]:
    return [(f"v{number}", home, "p", "z", "care", at, minutes, carers) for number, home, at, minutes, carers in rows]


def tapped(rows: list[tuple[Any, ...]]) -> list[Row]:
    return [(*row, None, None) for row in rows]


def settled(visits: list[Row], taps: list[Row]) -> Settlement:
    return settle(plan=plan_of(*visits), taps=taps_of(*taps), terms=TERMS)


@given(VISITS, TAPS)
@settings(max_examples=20)
def test_every_carer_asked_for_has_one_line_and_every_second_is_somewhere(visit_rows: list[Row], tap_rows: list[Row]) -> None:
    settlement = settled(planned(visit_rows), tapped(tap_rows))
    lines, visits = settlement.lines, settlement.visits

    assert lines.height == sum(carers for *_, carers in visit_rows)
    assert lines.filter(pl.col("pence") < 0).is_empty()
    assert set(lines["outcome"]) <= {"pay", "park", "refuse"}
    always = lines.select("contact_seconds", "paid_minutes", "pence", "outcome", "reason", "explanation")
    assert always.drop_nulls().height == lines.height
    not_planned = visits.filter(pl.col("delivery") == "not_planned")
    assert seconds(lines) + seconds(not_planned) == seconds(visits) == seconds_of_taps(tap_rows)


@given(VISITS, TAPS)
@settings(max_examples=20)
def test_each_tap_that_counts_is_in_one_contact_or_in_a_problem(visit_rows: list[Row], tap_rows: list[Row]) -> None:
    settlement = settled(planned(visit_rows), tapped(tap_rows))
    used = [tap for end in ("start", "stop") for tap in settlement.visits.select(f"{end}_device", f"{end}_seq").drop_nulls().rows()]

    assert len(used) == len(set(used))
    assert set(used) | set(settlement.problems.select("device", "seq").rows()) == {(device, seq) for device, seq, *_ in tap_rows}


@given(VISITS, TAPS, some.randoms(use_true_random=False))
@settings(max_examples=20)
def test_neither_the_order_of_rows_nor_a_redelivery_changes_a_byte(visit_rows: list[Row], tap_rows: list[Row], random: Random) -> None:
    visits, taps = planned(visit_rows), tapped(tap_rows)
    again = [*taps, *(tap for tap in taps if random.random() < 0.5)]

    assert csv_files(settled(random.sample(visits, len(visits)), random.sample(again, len(again)))) == csv_files(settled(visits, taps))


def seconds(frame: pl.DataFrame) -> int:
    return sum(frame["contact_seconds"].drop_nulls().to_list())


def seconds_of_taps(rows: list[Row]) -> int:
    """All contact time, counted tap by tap and without a frame."""
    versions = {(*row[:5], row[5] or None, row[6]) for row in rows}
    numbers = Counter(row[:2] for row in versions)
    known = [row for row in versions if numbers[row[:2]] == 1 and row[3] != "waiting" and row[4] and row[5]]
    return sum(seconds_of([(row[2], row[3]) for row in known if row[4:6] == who]) for who in {row[4:6] for row in known})


def seconds_of(moves: list[tuple[datetime, str]]) -> int:
    """What one carer spent with one service user, by (time, action)."""
    total = 0
    before, started = (datetime.min.replace(tzinfo=UTC), ""), None
    for at, action in sorted(moves):
        slip = before[1] == action and at - before[0] <= timedelta(seconds=60)
        before = (at, action)
        if slip:
            continue
        if action == "stop" and started is not None and at - started <= timedelta(hours=16):
            total += (at - started) // timedelta(seconds=1)
        started = at if action == "start" else None
    return total


def distance(visit: dict[str, Any], contact: dict[str, Any]) -> timedelta:
    if contact["started"] is not None:
        from_start: timedelta = contact["started"] - visit["planned_start"]
        return abs(from_start)
    from_end: timedelta = contact["ended"] - visit["planned_start"] - timedelta(minutes=visit["planned_minutes"])
    return abs(from_end)


@given(VISITS, TAPS)
@settings(max_examples=60)
def test_no_visit_and_contact_would_both_rather_have_each_other(visit_rows: list[Row], tap_rows: list[Row]) -> None:
    rows = settled(planned(visit_rows), tapped(tap_rows)).visits.to_dicts()
    places = [row for row in rows if row["visit_id"] is not None]
    for contact in (row for row in rows if row["carer"] is not None):
        own = distance(contact, contact) if contact["visit_id"] else timedelta.max
        for visit in places:
            near = distance(visit, contact)
            if visit["service_user"] != contact["service_user"] or near > timedelta(minutes=120) or near >= own:
                continue
            rivals = [row for row in places if row["visit_id"] == visit["visit_id"]]
            same_carer = [row for row in rivals if row["carer"] == contact["carer"]]
            for rival in same_carer or rivals:
                assert not would_give_way(rival, near, whole=is_whole(contact)), (contact, visit, rival)


def is_whole(contact: dict[str, Any]) -> bool:
    return contact["started"] is not None and contact["ended"] is not None


def would_give_way(rival: dict[str, Any], near: timedelta, *, whole: bool) -> bool:
    """Whether this place is empty, or held by a contact that is worse: with an end missing where the other is whole, or further away."""
    if rival["carer"] is None:
        return True
    if whole != is_whole(rival):
        return whole
    return near < distance(rival, rival)
