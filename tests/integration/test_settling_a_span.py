"""What belongs to a day, when visits and taps lie across its midnights?"""

from datetime import UTC, date, datetime

import polars as pl
import psycopg

from calltime_server.payment.settling import Settlement
from calltime_server.store.connection import connect
from calltime_server.store.span import settle_day
from fixtures.office import example_terms
from fixtures.small_day import DAY, signer_of, write_small_day, write_tap

NEXT_DAY = date(2026, 10, 6)


def settled(dsn: str, day: date, *, provider: str | None = None) -> Settlement:
    with connect(dsn) as connection:
        return settle_day(connection, day=day, provider=provider, terms=example_terms())


def test_a_visit_over_midnight_is_whole_on_its_own_day_and_nothing_on_the_next(postgres_database: str) -> None:
    write_small_day(postgres_database)
    with psycopg.connect(postgres_database) as connection:
        # 23:45 to 00:15 in London
        connection.execute("INSERT INTO planned_visit VALUES ('N', 'S4', 'North Care', 'Z2', 'night', '2026-10-05T22:45Z', 30, 1)")
        for seq, minute, action in (
            (6, datetime(2026, 10, 5, 22, 47, tzinfo=UTC), "start"),
            (7, datetime(2026, 10, 5, 23, 12, tzinfo=UTC), "stop"),
        ):
            write_tap(connection, signer_of("C1"), seq=seq, at=minute, action=action, home="S4", badge=None)

    evening, morning = settled(postgres_database, DAY), settled(postgres_database, NEXT_DAY)

    assert evening.lines.row(by_predicate=pl.col("visit_id") == "N", named=True)["paid_minutes"] == 25
    assert morning.visits.is_empty()
    assert morning.lines.is_empty()
    assert morning.problems.is_empty()


def test_what_a_provider_is_shown_is_its_own_and_what_concerns_its_people(postgres_database: str) -> None:
    write_small_day(postgres_database)

    north = settled(postgres_database, DAY, provider="North Care")
    south = settled(postgres_database, DAY, provider="South & West Care")

    assert set(north.lines["visit_id"]) == {"V1", "V2", "V3", "V4"}
    assert set(south.lines["visit_id"]) == {"V5", "V/6"}
    assert set(north.problems["kind"]) == {"no_stop", "one_carer_short"}
    assert set(south.problems["kind"]) == {"not_planned", "second_tap", "unknown_badge"}
