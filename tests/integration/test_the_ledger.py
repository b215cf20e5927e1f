"""What does a settlement change in the ledger? As little as it can, and nothing that stands there already."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import psycopg
import pytest

from calltime_server.jobs.settle_days import Settled, settle_days
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.store.connection import connect
from calltime_server.store.ledger import DoublePay, read_history
from fixtures.care import EXAMPLE, example_terms
from fixtures.small_day import DAY, signer_of, write_small_day, write_tap

NOW = datetime(2026, 10, 6, 6, 0, tzinfo=UTC)
# The example contract at £3.60 an hour, with one example that comes out.
CHEAPER = (
    EXAMPLE.read_text(encoding="utf-8").partition("# Worked examples")[0].replace("18.72", "3.60")
    + '[[example]]\nname = "half an hour"\nplanned = "2026-04-07 08:00-08:30"\ntaps = "08:00:00 08:30:00"\npaid_minutes = 30\npence = 180\n'
)


def settle_the_day(dsn: str) -> Settled:
    with connect(dsn) as connection:
        return settle_days(connection, first=DAY, last=DAY, terms=example_terms(), now=NOW)


def pence_in_the_ledger(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT sum(pence) FROM ledger_line").fetchone()
    assert row is not None
    return int(row[0])


def bring_the_missing_stop(dsn: str) -> None:
    """C1's phone was in a drawer: the stop of V3 (10:01 to 10:31 in London) arrives after the day was settled."""
    with psycopg.connect(dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=6, at=datetime(2026, 10, 5, 9, 31, tzinfo=UTC), action="stop", home="S3", badge=None)


def test_the_first_settlement_writes_a_line_for_each_carer_visit_asked_for(database: str) -> None:
    write_small_day(database)

    settled = settle_the_day(database)

    assert (settled.posted.added, settled.posted.reversed) == (7, 0)
    # V1: 27 min = 842p; V2: 45 min = 1404p, the second carer did not come; V5: 70 min, capped at 60 = 1872p.
    assert pence_in_the_ledger(database) == 842 + 1404 + 1872


def test_the_same_settlement_again_writes_nothing(database: str) -> None:
    write_small_day(database)
    first = settle_the_day(database)

    again = settle_the_day(database)

    assert again.posted.settlement == first.posted.settlement
    assert (again.posted.added, again.posted.reversed) == (0, 0)


def test_late_news_reverses_the_one_line_that_it_touches_and_adds_the_new_one(database: str) -> None:
    write_small_day(database)
    settle_the_day(database)
    before = pence_in_the_ledger(database)

    bring_the_missing_stop(database)
    settled = settle_the_day(database)

    assert (settled.posted.added, settled.posted.reversed) == (1, 1)
    # 10:01:00 to 10:31:00 is 30 min: £9.36 that was parked before.
    assert pence_in_the_ledger(database) == before + 936
    with connect(database) as connection:
        history = read_history(connection, "V3")
    assert [(entry.outcome, entry.pence, entry.reverses) for entry in history] == [
        ("park", 0, None),
        ("park", 0, history[0].line),
        ("pay", 936, None),
    ]
    assert history[1].explanation.startswith(f"Reversal of line {history[0].line}")


def test_a_visit_that_is_planned_no_more_is_reversed_and_not_replaced(database: str) -> None:
    write_small_day(database)
    settle_the_day(database)
    before = pence_in_the_ledger(database)
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM planned_visit WHERE visit_id = 'V1'")

    settled = settle_the_day(database)

    assert (settled.posted.added, settled.posted.reversed) == (0, 1)
    assert pence_in_the_ledger(database) == before - 842


def test_settling_a_day_does_not_touch_the_lines_of_another(database: str) -> None:
    write_small_day(database)
    settle_the_day(database)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('N1', 'S1', 'North Care', 'Z1', 'care', '2026-10-06T07:00Z', 30, 1)")
    with connect(database) as connection:
        next_day = DAY.replace(day=6)
        settled = settle_days(connection, first=next_day, last=next_day, terms=example_terms(), now=NOW)

    assert (settled.posted.added, settled.posted.reversed) == (1, 0)
    assert settle_the_day(database).posted.added == 0


def test_a_visit_that_was_moved_to_another_day_is_not_paid_on_both(database: str) -> None:
    write_small_day(database)
    settle_the_day(database)
    before = pence_in_the_ledger(database)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE planned_visit SET planned_start = planned_start + interval '1 day' WHERE visit_id = 'V1'")

    next_day = DAY.replace(day=6)
    with connect(database) as connection:
        settle_days(connection, first=next_day, last=next_day, terms=example_terms(), now=NOW)

    # V1's 842p of the 5th are taken back: on the 6th nobody came.
    assert pence_in_the_ledger(database) == before - 842


def test_what_another_span_wrote_in_between_is_seen(database: str) -> None:
    write_small_day(database)
    first = settle_the_day(database)
    cheaper = load_terms(CHEAPER, name="cheaper.toml")
    assert isinstance(cheaper, Terms), cheaper
    with connect(database) as connection:
        settle_days(connection, first=DAY.replace(day=4), last=DAY.replace(day=6), terms=cheaper, now=NOW)
    # 27, 45 and 60 minutes at 6p, instead of 31.2p
    assert pence_in_the_ledger(database) == (27 + 45 + 60) * 6

    again = settle_the_day(database)

    assert again.posted.settlement > first.posted.settlement
    assert (again.posted.added, again.posted.reversed) == (3, 3)
    assert pence_in_the_ledger(database) == 842 + 1404 + 1872


def test_a_contact_that_stands_behind_one_visit_is_not_paid_for_another(database: str) -> None:
    write_small_day(database)
    settle_the_day(database)
    before = pence_in_the_ledger(database)
    day_before = DAY.replace(day=4)
    with psycopg.connect(database) as connection:
        # Somebody gave V1 another name and moved it to 23:59 of the day before, and only that day is settled again.
        connection.execute("UPDATE planned_visit SET visit_id = 'V1-new', planned_start = '2026-10-04T22:59Z' WHERE visit_id = 'V1'")

    wide = example_terms()
    wide = dataclasses.replace(wide, matching=wide.matching.model_copy(update={"window_minutes": 600}))
    with pytest.raises(DoublePay, match="from the first to the last"), connect(database) as connection:
        settle_days(connection, first=day_before, last=day_before, terms=wide, now=NOW)

    assert pence_in_the_ledger(database) == before
