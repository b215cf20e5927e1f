"""What becomes of late news, when the run that it belongs to was approved and its period closed?"""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import psycopg
import pytest

from calltime_server.jobs.check_run import check_run
from calltime_server.jobs.settle_days import Settled, settle_days
from calltime_server.store.connection import connect
from calltime_server.store.ledger import lock, read_run, read_standing_at
from calltime_server.store.periods import NoOpenPeriod, PayPeriod, PeriodRefused, close_period, open_period
from calltime_server.store.runs import RunFacts, RunRefused, change_state, read_run_facts
from fixtures.care import example_terms
from fixtures.small_day import DAY, signer_of, write_small_day, write_tap

NOW = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
FIRST_WEEK, SECOND_WEEK = (date(2026, 10, 5), date(2026, 10, 11)), (date(2026, 10, 12), date(2026, 10, 18))


def settle_the_day(dsn: str, *, now: datetime = NOW) -> Settled:
    with connect(dsn) as connection:
        return settle_days(connection, first=DAY, last=DAY, terms=example_terms(), now=now)


def open_week(dsn: str, week: tuple[date, date]) -> PayPeriod:
    with connect(dsn) as connection:
        return open_period(connection, first_day=week[0], last_day=week[1], by="Payments Officer", now=NOW)


def bring(dsn: str, run: int, *states: str, by: str = "Payments Officer") -> RunFacts:
    with connect(dsn) as connection:
        lock(connection)
        for state in states:
            role = "Head of Finance" if state == "approved" else by
            facts = change_state(connection, run, to=state, by=role, why="four weeks are over", now=NOW)
    return facts


def close(dsn: str, week: tuple[date, date]) -> None:
    with connect(dsn) as connection:
        close_period(connection, first_day=week[0], by="Head of Finance", why="all is paid", now=NOW)


def run_of(dsn: str, run: int) -> pl.DataFrame:
    with connect(dsn) as connection:
        return read_run(connection, run)


def bring_the_missing_stop(dsn: str) -> None:
    """The stop of V3 arrives late: 10:01 to 10:31 in London, 30 min, £9.36."""
    with psycopg.connect(dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=6, at=datetime(2026, 10, 5, 9, 31, tzinfo=UTC), action="stop", home="S3", badge=None)


@pytest.fixture
def database(timescaledb_database: str) -> str:
    """One kind is enough: periods and runs are ordinary tables, and the ledger's own tests run on both."""
    return timescaledb_database


@pytest.fixture
def week(database: str) -> str:
    """The small day, in an open week."""
    write_small_day(database)
    open_week(database, FIRST_WEEK)
    return database


def test_what_is_settled_within_an_open_period_is_one_run_and_changes_with_the_news(week: str) -> None:
    first = settle_the_day(week)
    bring_the_missing_stop(week)
    second = settle_the_day(week)

    assert first.posted.runs == second.posted.runs
    (run,) = first.posted.runs
    lines = run_of(week, run)
    # The line that was parked and its reversal cancel out before anybody was paid by them.
    assert (lines.height, lines["reverses"].null_count()) == (7, 7)
    assert lines["pence"].sum() == 842 + 1404 + 1872 + 936


def test_a_stop_that_comes_after_the_close_is_a_difference_in_the_open_period_and_the_closed_run_stays(week: str) -> None:
    (run,) = settle_the_day(week).posted.runs
    bring(week, run, "with_provider", "approved", "exported", "paid")
    close(week, FIRST_WEEK)
    before = run_of(week, run)
    after = open_week(week, SECOND_WEEK)

    bring_the_missing_stop(week)
    posted = settle_the_day(week).posted

    assert posted.runs == (after.run,)
    assert run_of(week, run).equals(before)
    news = run_of(week, after.run)
    assert news.select("visit_id", "outcome", "pence").rows() == [("V3", "park", 0), ("V3", "pay", 936)]
    assert news["reverses"].to_list() == [before.row(by_predicate=pl.col("visit_id") == "V3", named=True)["line"], None]
    assert set(news["planned_start"]) == {datetime(2026, 10, 5, 9, 0, tzinfo=UTC)}
    with connect(week) as connection:
        stood = read_standing_at(connection, run, start=datetime(2026, 10, 4, 23, tzinfo=UTC), end=datetime(2026, 10, 5, 23, tzinfo=UTC))
    assert stood.filter(pl.col("visit_id") == "V3")["outcome"].to_list() == ["park"]


def test_fourteen_hours_paid_that_were_twelve_are_two_hours_less_in_the_next_run(database: str) -> None:
    write_small_day(database)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('sitting', 'S1', 'North Care', 'Z1', 'night', '2026-10-05T16:00Z', 840, 1)")
        for seq, hour, action in ((6, datetime(2026, 10, 5, 16, tzinfo=UTC), "start"), (7, datetime(2026, 10, 6, 6, tzinfo=UTC), "stop")):
            write_tap(connection, signer_of("C1"), seq=seq, at=hour, action=action, home="S1", badge=None)
    (run,) = (open_week(database, FIRST_WEEK).run,)
    settle_the_day(database)
    bring(database, run, "with_provider", "approved")
    after = open_week(database, SECOND_WEEK)

    with psycopg.connect(database) as connection:
        connection.execute("UPDATE planned_visit SET planned_minutes = 720 WHERE visit_id = 'sitting'")
    settle_the_day(database)

    news = run_of(database, after.run)
    assert news["paid_minutes"].to_list() == [-840, 720]
    assert news["pence"].sum() == -2 * 1872


def test_news_of_an_approved_run_without_an_open_period_is_told_and_nothing_is_written(week: str) -> None:
    (run,) = settle_the_day(week).posted.runs
    bring(week, run, "with_provider", "approved")
    bring_the_missing_stop(week)
    before = run_of(week, run)

    with pytest.raises(NoOpenPeriod, match="Open the next pay period"):
        settle_the_day(week)

    assert run_of(week, run).equals(before)


def test_the_same_settlement_again_writes_nothing_into_an_approved_run(week: str) -> None:
    first = settle_the_day(week)
    bring(week, first.posted.runs[0], "with_provider", "approved")

    again = settle_the_day(week, now=NOW.replace(hour=9))

    assert again.posted.settlement == first.posted.settlement
    assert (again.posted.runs, again.posted.added, again.posted.reversed) == ((), 0, 0)


@pytest.mark.parametrize("role", ["Payments Officer", " payments  officer "])
def test_who_made_a_run_cannot_approve_it(week: str, role: str) -> None:
    (run,) = settle_the_day(week).posted.runs
    bring(week, run, "with_provider", by="Contracts Officer")

    with pytest.raises(RunRefused, match="needs two people"), connect(week) as connection:
        change_state(connection, run, to="approved", by=role, why="it is right", now=NOW)


def test_who_sent_a_run_cannot_approve_it(week: str) -> None:
    (run,) = settle_the_day(week).posted.runs
    bring(week, run, "with_provider", by="Contracts Officer")

    with pytest.raises(RunRefused, match="needs two people"), connect(week) as connection:
        change_state(connection, run, to="approved", by="Contracts Officer", why="it is right", now=NOW)


def test_a_run_that_changed_after_the_provider_saw_it_must_be_sent_again(week: str) -> None:
    (run,) = settle_the_day(week).posted.runs
    bring(week, run, "with_provider")
    bring_the_missing_stop(week)
    settle_the_day(week)

    with pytest.raises(RunRefused, match=r"came to £41\.18 then and comes to £50\.54 now"):
        bring(week, run, "approved")
    assert bring(week, run, "with_provider", "approved").state == "approved"


def test_states_cannot_be_skipped(week: str) -> None:
    (run,) = settle_the_day(week).posted.runs

    with pytest.raises(RunRefused, match="Only a run that is approved can become exported"):
        bring(week, run, "exported")
    with connect(week) as connection:
        assert read_run_facts(connection, run).state == "draft"


def test_a_period_is_not_closed_before_everything_is_finished(week: str) -> None:
    with pytest.raises(PeriodRefused) as refused:
        close(week, FIRST_WEEK)

    assert "not approved" in str(refused.value)
    assert "6 of its planned visits were never settled" in str(refused.value)


def test_periods_neither_overlap_nor_leave_a_day_out(week: str) -> None:
    with pytest.raises(PeriodRefused, match="overlap"):
        open_week(week, (date(2026, 10, 11), date(2026, 10, 17)))
    with pytest.raises(PeriodRefused, match="Begin on 12 October 2026"):
        open_week(week, (date(2026, 10, 13), date(2026, 10, 19)))


def test_a_run_is_checked_against_everything_as_it_was_known_then(week: str) -> None:
    (run,) = settle_the_day(week).posted.runs
    with psycopg.connect(week) as connection:
        connection.execute("UPDATE planned_visit SET planned_minutes = 15 WHERE visit_id = 'V1'")
        connection.execute("UPDATE badge SET carer = 'somebody else'")

    with connect(week) as connection:
        unchanged = check_run(connection, run)
    # A tap that the record says it had all along.
    bring_the_missing_stop(week)
    with connect(week) as connection:
        changed = check_run(connection, run)

    assert unchanged.same, unchanged.says
    assert not changed.same
    assert "what went in is not what it was: said" in changed.says[0]
