"""What holds for every heap of taps and for whatever people told of the visits?"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as some
from polars.testing import assert_frame_equal

from calltime_server.visits.columns import DELIVERED, DELIVERIES, VISITS
from calltime_server.visits.entered import entered_taps
from calltime_server.visits.matching import match
from calltime_server.visits.outcomes import Outcomes, outcomes
from calltime_server.visits.pairing import Paired, pair
from calltime_server.visits.problems import gathered
from calltime_server.visits.redelivery import count_once
from calltime_server.visits.told import ABSENCES, ABSENT, EMPLOYED, ENTRIES, JOURNEYS, REPORTED, REPORTS, Told
from fixtures.care import Row, plan_of, taps_of

NOON = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the clocks go back 13 hours later
TIMES = some.integers(0, 24 * 60 * 4).map(lambda quarter: NOON + timedelta(seconds=15 * quarter))
HOMES, CARERS, PROVIDERS = some.sampled_from(["s1", "s2"]), some.sampled_from(["c1", "c2", "c3"]), some.sampled_from(["north", "south"])
MOVES = some.sampled_from(["start", "stop"])

VISITS_PLANNED = some.lists(
    some.tuples(some.integers(0, 30), HOMES, PROVIDERS, TIMES, some.integers(1, 240), some.integers(1, 3)),
    max_size=8,
    unique_by=lambda row: row[0],
).map(lambda rows: [(f"v{number}", home, provider, "z", "care", *rest) for number, home, provider, *rest in rows])
TAPS = some.lists(
    some.tuples(
        some.sampled_from(["d1", "d2"]),
        some.integers(1, 12),
        TIMES,
        some.sampled_from(["start", "stop", "start", "stop", "waiting"]),
        some.sampled_from(["c1", "c2", "c3", None]),
        HOMES,
        some.integers(0, 5),
        some.none(),
        some.none(),
    ),
    max_size=24,
)
TOLD: some.SearchStrategy[dict[str, list[Row]]] = some.builds(
    dict,
    reports=some.lists(
        some.tuples(some.integers(0, 30).map("v{}".format), some.sampled_from(REPORTED), TIMES, some.just("role"), some.just(""))
    ),
    absences=some.lists(some.tuples(HOMES, some.sampled_from(ABSENT), TIMES, some.none() | TIMES), max_size=3),
    entries=some.lists(
        some.tuples(some.integers(1, 9), TIMES, MOVES, CARERS, HOMES, some.just("reader_down"), some.just("role"), TIMES),
        max_size=5,
        unique_by=lambda row: row[0],
    ),
    employed=some.lists(some.tuples(CARERS, PROVIDERS, some.just(date(2020, 1, 1))), max_size=3),
    journeys=some.lists(some.tuples(HOMES, HOMES, some.integers(1, 60)), max_size=2, unique_by=lambda row: row[:2]),
)


def told_of(rows: dict[str, list[Row]], random: Random | None = None) -> Told:
    schemas = {"reports": REPORTS, "absences": ABSENCES, "entries": ENTRIES, "employed": EMPLOYED, "journeys": JOURNEYS}
    shuffled = {name: random.sample(some_rows, len(some_rows)) if random else some_rows for name, some_rows in rows.items()}
    return Told(**{name: pl.DataFrame(shuffled[name], schema=schema, orient="row") for name, schema in schemas.items()})


def paired(taps: list[Row], told: Told) -> tuple[Paired, pl.DataFrame]:
    counted = count_once(pl.concat([taps_of(*taps), entered_taps(told.entries)]))
    return pair(counted.taps, debounce_seconds=60, longest_hours=16, journeys=told.journeys), counted.problems


def seen(visits: list[Row], taps: list[Row], told: Told) -> Outcomes:
    found, forks = paired(taps, told)
    matched = match(plan_of(*visits), found.contacts, window_minutes=120, employed=told.employed)
    after = outcomes(matched.visits, told, tolerance_minutes=5, notice_hours=24)
    return Outcomes(visits=after.visits, problems=gathered(forks, found.problems, matched.problems, after.problems))


@given(VISITS_PLANNED, TAPS, TOLD, some.randoms(use_true_random=False))
@settings(max_examples=20)
def test_late_shuffled_and_repeated_arrival_gives_what_punctual_arrival_gives(
    visits: list[Row], taps: list[Row], told: dict[str, list[Row]], random: Random
) -> None:
    again = [*taps, *(tap for tap in taps if random.random() < 0.5)]
    punctual = seen(visits, taps, told_of(told))
    late = seen(random.sample(visits, len(visits)), random.sample(again, len(again)), told_of(told, random))

    assert_frame_equal(late.visits, punctual.visits)
    assert_frame_equal(late.problems, punctual.problems)


@given(VISITS_PLANNED, TAPS, TOLD)
@settings(max_examples=20)
def test_every_contact_is_in_one_visit_with_all_its_seconds(visits: list[Row], taps: list[Row], told: dict[str, list[Row]]) -> None:
    contacts = paired(taps, told_of(told))[0].contacts
    found = seen(visits, taps, told_of(told)).visits
    came = found.filter(pl.col("carer").is_not_null())

    assert found.schema == VISITS
    assert came.select(contacts.columns).sort(contacts.columns).rows() == contacts.sort(contacts.columns).rows()
    assert found.filter(pl.col("visit_id").is_not_null()).height == sum(row[-1] for row in visits)


@given(VISITS_PLANNED, TAPS, TOLD)
@settings(max_examples=20)
def test_each_visit_has_an_outcome_that_fits_its_taps(visits: list[Row], taps: list[Row], told: dict[str, list[Row]]) -> None:
    for row in seen(visits, taps, told_of(told)).visits.to_dicts():
        whole = row["started"] is not None and row["ended"] is not None
        assert row["delivery"] in DELIVERIES
        assert (row["delivery"] in DELIVERED) == (whole and row["visit_id"] is not None)
        assert (row["delivery"] == "not_planned") == (row["visit_id"] is None)
        assert (row["absence"] is None) == (row["stopped_at"] is None)
        assert row["together_seconds"] is None or 0 <= row["together_seconds"] <= row["contact_seconds"]
        if row["delivery"] == "absent":
            assert row["stopped_at"] <= row["planned_start"]
            assert row["carer"] is None


@given(VISITS_PLANNED, TAPS, TOLD)
@settings(max_examples=20)
def test_an_entry_never_takes_the_partner_of_a_tap_away(visits: list[Row], taps: list[Row], told: dict[str, list[Row]]) -> None:
    without = told_of({**told, "entries": []})
    met_before = ends_met(paired(taps, without)[0])

    assert met_before <= ends_met(paired(taps, told_of(told))[0])


def ends_met(found: Paired) -> set[tuple[Any, ...]]:
    whole = found.contacts.filter(pl.col("started").is_not_null() & pl.col("ended").is_not_null())
    return {tap for end in ("start", "stop") for tap in whole.select(f"{end}_device", f"{end}_seq").rows() if tap[0] != "office"}


@given(VISITS_PLANNED, TAPS, TOLD)
@settings(max_examples=20)
def test_a_carer_delivers_only_the_visits_of_the_providers_she_works_for(
    visits: list[Row], taps: list[Row], told: dict[str, list[Row]]
) -> None:
    bound = {carer for carer, *_ in told["employed"]}
    delivered = seen(visits, taps, told_of(told)).visits.filter(pl.col("visit_id").is_not_null() & pl.col("carer").is_in(sorted(bound)))

    assert set(delivered.select("carer", "provider").rows()) <= {(carer, provider) for carer, provider, _ in told["employed"]}
