"""Into which run goes a line, who may approve it, and when is nothing left over?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import psycopg
import pytest

from calltime_server.jobs.settle_days import settle_days
from calltime_server.store.connection import connect
from calltime_server.store.ledger import LINE, lock, lock_now, read_run, read_standing_at
from calltime_server.store.periods import PeriodRefused, close_period, open_period
from calltime_server.store.posting import Posted, Worked, post
from calltime_server.store.runs import RunRefused, change_state, read_run_facts
from fixtures.care import example_terms
from fixtures.small_day import DAY, write_small_day
from fixtures.waiting import wait_until

NOW = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
AS_SEEN = 842 + 1404 + 1872


@pytest.fixture
def day(postgres_database: str) -> str:
    write_small_day(postgres_database)
    return postgres_database


def settle(dsn: str, first: date = DAY, last: date = DAY) -> Posted:
    with connect(dsn) as connection:
        return settle_days(connection, first=first, last=last, terms=example_terms(), now=NOW).posted


def open_days(dsn: str, first: date, last: date) -> int:
    with connect(dsn) as connection:
        return open_period(connection, first_day=first, last_day=last, by="Payments Officer", now=NOW).run


def bring(dsn: str, run: int, to: str, *, by: str, why: str = "four weeks are over") -> None:
    with connect(dsn) as connection:
        lock(connection)
        change_state(connection, run, to=to, by=by, why=why, now=NOW)


def close(dsn: str) -> None:
    with connect(dsn) as connection:
        close_period(connection, first_day=DAY, by="Head of Finance", why="all is paid", now=NOW)


def pence(dsn: str, run: int) -> int:
    with connect(dsn) as connection:
        return read_run_facts(connection, run).pence


def test_what_was_settled_before_its_period_was_opened_moves_into_the_periods_run(day: str) -> None:
    (own,) = settle(day).runs
    run = open_days(day, DAY, date(2026, 10, 11))

    posted = settle(day)

    assert (posted.runs, posted.added, posted.reversed) == ((run,), 7, 7)
    assert (pence(day, own), pence(day, run)) == (0, AS_SEEN)
    with connect(day) as connection:
        assert read_run(connection, own).is_empty()
        assert read_run(connection, run)["reverses"].null_count() == 7
    assert settle(day).runs == ()


def test_a_period_is_not_closed_while_lines_of_its_days_stand_in_another_run_that_nobody_would_pay(day: str) -> None:
    (own,) = settle(day).runs
    run = open_days(day, DAY, date(2026, 10, 11))
    bring(day, run, "with_provider", by="Payments Officer")
    bring(day, run, "approved", by="Head of Finance")

    with pytest.raises(PeriodRefused, match=f"7 lines of its days .* not in its run but in {own}: settle its days again"):
        close(day)


def test_what_was_approved_in_a_run_of_its_own_stays_there(day: str) -> None:
    (own,) = settle(day).runs
    bring(day, own, "with_provider", by="Payments Officer")
    bring(day, own, "approved", by="Head of Finance")
    open_days(day, DAY, date(2026, 10, 11))

    assert settle(day).runs == ()
    assert pence(day, own) == AS_SEEN


def test_a_visit_whose_lines_were_all_reversed_was_never_settled(day: str) -> None:
    run = open_days(day, DAY, date(2026, 10, 11))
    settle(day)
    with psycopg.connect(day) as connection:
        connection.execute("UPDATE planned_visit SET planned_start = '2026-10-07T10:00Z' WHERE visit_id = 'V4'")
    settle(day)
    bring(day, run, "with_provider", by="Payments Officer")
    bring(day, run, "approved", by="Head of Finance")

    with pytest.raises(PeriodRefused, match="1 of its planned visits were never settled"):
        close(day)


@pytest.mark.parametrize("role", ["Officer\u200b", "ＯＦＦＩＣＥＲ", "Offi\u00adcer", " officer\t"])
def test_a_name_that_only_looks_different_is_no_second_person(day: str, role: str) -> None:
    (run,) = settle(day).runs
    bring(day, run, "with_provider", by="Officer")

    with pytest.raises(RunRefused, match="needs two people"):
        bring(day, run, "approved", by=role)


def test_who_sent_a_run_first_cannot_approve_it_when_another_has_sent_it_again(day: str) -> None:
    (run,) = settle(day).runs
    bring(day, run, "with_provider", by="Officer")
    bring(day, run, "with_provider", by="Contracts Officer")

    with pytest.raises(RunRefused, match="needs two people"):
        bring(day, run, "approved", by="Officer")
    bring(day, run, "approved", by="Head of Finance")


@pytest.mark.parametrize(("by", "why"), [("", "it is right"), ("\u200b", "it is right"), ("Officer", " ")])
def test_a_change_needs_somebody_and_a_reason(day: str, by: str, why: str) -> None:
    (run,) = settle(day).runs

    with pytest.raises(RunRefused, match="say who does it, and why, in words that can be read"):
        bring(day, run, "with_provider", by=by, why=why)


def test_of_a_settlement_over_two_periods_all_lines_stood_after_the_first_run(day: str) -> None:
    first, second = open_days(day, DAY, DAY), open_days(day, date(2026, 10, 6), date(2026, 10, 12))
    with psycopg.connect(day) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('W', 'S1', 'North Care', 'Z1', 'personal care', '2026-10-06 07:00Z', 30, 1)")
    assert settle(day, DAY, date(2026, 10, 6)).runs == (first, second)

    with connect(day) as connection:
        stood = read_standing_at(connection, first, start=datetime(2026, 10, 4, 23, tzinfo=UTC), end=datetime(2026, 10, 6, 23, tzinfo=UTC))

    assert "W" in stood["visit_id"].to_list()


def test_a_settlement_waits_for_a_batch_that_is_still_being_written(day: str) -> None:
    with psycopg.connect(day) as gateway, psycopg.connect(day, autocommit=True) as asking, connect(day) as office:
        gateway.execute("LOCK TABLE receipt IN ROW EXCLUSIVE MODE")
        office.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            lock_now(office)
        office.rollback()
        gateway.rollback()

        began = datetime.now(UTC)
        assert lock_now(office) >= began
        # Nobody waits for the office in turn.
        wait_until(
            lambda: (
                asking.execute("SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND relation = 'receipt'::regclass").fetchone()
                == (0,)
            ),
            within=5,
            what="the lock of the receipts to be let go",
        )


def block_line(words: str) -> pl.DataFrame:
    row = {
        "visit_id": "block:B",
        "carer_no": 0,
        "kind": "block",
        "provider": "North Care",
        "payee": "North Care",
        "planned_start": datetime(2026, 10, 5, tzinfo=UTC),
    }
    nothing = dict.fromkeys(
        ("contact_seconds", "waiting_seconds", "paid_minutes", "parked_minutes", "pence", "council_pence", "health_pence", "charge_pence"),
        0,
    )
    said = {"bank_minutes": 0, "outcome": "pay", "reason": "block", "explanation": words, "falls_on": date(2026, 10, 11)}
    return pl.DataFrame([row | nothing | said], schema=LINE)


def test_a_block_of_which_more_was_used_is_news_though_its_price_is_the_same_and_other_words_are_none(postgres_database: str) -> None:
    def written(words: str) -> tuple[int, int]:
        span = {"start": datetime(2026, 10, 4, 23, tzinfo=UTC), "end": datetime(2026, 10, 11, 23, tzinfo=UTC)}
        worked = Worked(**span, terms=(), inputs={}, digest=words, at=NOW, kept={})
        with connect(postgres_database) as connection:
            posted = post(connection, worked, block_line(words))
        return posted.added, posted.reversed

    assert written("76 min used (12 %).") == (1, 0)
    assert written("106 min used (17 %).") == (1, 1)
    assert written("Of the block, 106 min were used (17 %).") == (0, 0)
