"""Does the ledger come to the same, whatever arrived, was told and was settled when?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest

from calltime_server.jobs.check_run import check_run
from calltime_server.jobs.settle_days import settle_days
from calltime_server.payment.spanning import period_of
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_folder import load_council
from calltime_server.store.connection import connect
from calltime_server.store.ledger import DoublePay
from calltime_server.store.posting import Posted
from fixtures.care import example_terms
from fixtures.small_day import signer_of, write_tap

CONTRACTS = Path(__file__).parents[2] / "server" / "calltime_server" / "contracts"
LONG_AFTER = datetime(2027, 1, 2, tzinfo=UTC)


class Care:
    """One carer's visits to one service user, in a database."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self._carer, self._numbers = dsn, signer_of("C1"), count(1)
        self.write(
            "INSERT INTO door (device, alg, public_key, carer, home, enrolled_at) VALUES (%s, 'EdDSA', %s, 'C1', NULL, '2026-01-01Z')",
            self._carer.device,
            self._carer.public_key,
        )
        self.write("INSERT INTO tag VALUES ('tag-of-S1', 'S1', '2026-01-01Z')")

    def write(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute(statement, values)

    def plan(self, visit_id: str, start: str, minutes: int, *, service: str = "personal care", provider: str = "North Care") -> None:
        self.write("INSERT INTO planned_visit VALUES (%s, 'S1', %s, 'Z1', %s, %s, %s, 1)", visit_id, provider, service, start, minutes)

    def tap(self, at: str, action: str, *, seq: int | None = None) -> None:
        time = datetime.fromisoformat(at).replace(tzinfo=UTC)
        with psycopg.connect(self.dsn) as connection:
            write_tap(connection, self._carer, seq=seq or next(self._numbers), at=time, action=action, home="S1", badge=None)

    def come(self, start: str, minutes: int) -> None:
        self.tap(start, "start")
        self.tap((datetime.fromisoformat(start) + timedelta(minutes=minutes)).isoformat(), "stop")

    def package(self, service: str) -> None:
        self.write(
            "INSERT INTO package (package, service_user, provider, service, starts, agreed_minutes, exceptional, noted_by, noted_at) "
            "VALUES ('K', 'S1', 'North Care', %s, '2026-01-01', 8400, false, 'office', '2026-01-01Z')",
            service,
        )

    def settle(self, first: date, last: date, terms: Terms | tuple[Terms, ...], *, now: datetime | None = None) -> Posted:
        at = now or datetime(last.year, last.month, last.day, 6, tzinfo=UTC) + timedelta(days=1)
        with connect(self.dsn) as connection:
            return settle_days(connection, first=first, last=last, terms=terms, now=at).posted

    def stands(self) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute("SELECT visit_id, reason, pence FROM standing_line ORDER BY visit_id, carer_no").fetchall()

    def pence(self) -> int:
        with psycopg.connect(self.dsn) as connection:
            return int(connection.execute("SELECT coalesce(sum(pence), 0) FROM standing_line").fetchall()[0][0])


@pytest.fixture
def care(postgres_database: str) -> Care:
    return Care(postgres_database)


def terms_of(council: str) -> tuple[Terms, ...]:
    loaded = load_council(CONTRACTS / council)
    assert not isinstance(loaded, tuple), loaded
    return loaded.terms


def periods(terms: Terms, first: date, number: int) -> Iterator[tuple[date, date]]:
    for _ in range(number):
        begins, ends = period_of(terms, first)
        yield begins, ends
        first = ends + timedelta(days=1)


def in_hospital(care: Care, weeks: list[tuple[date, date]], *, planned_days: int) -> None:
    """From the second day until 2 November; one visit a day, of which the first is made."""
    care.package("ongoing")
    for number in range(planned_days):
        day = weeks[0][0] + timedelta(days=number)
        care.plan(f"V{number:02}", f"{day} 10:00Z", 60, service="ongoing")
    care.come(f"{weeks[0][0]} 10:00", 60)
    care.write(
        "INSERT INTO absence (service_user, kind, since, until, noted_by, noted_at) VALUES ('S1', 'hospital', %s, %s, 'office', %s)",
        *(f"{weeks[0][0] + timedelta(days=1)} 00:00Z", "2026-11-02 00:00Z", "2026-09-01 00:00Z"),
    )


# 60 days: the plan reaches on. 18 days: nobody planned more, as the service never started again.
@pytest.mark.parametrize("planned_days", [60, 18])
def test_a_retainer_settled_week_by_week_is_taken_back_as_if_all_had_been_settled_at_the_end(care: Care, planned_days: int) -> None:
    terms = terms_of("cornwall")
    weeks = list(periods(terms[0], date(2026, 10, 20), 8))
    in_hospital(care, weeks, planned_days=planned_days)

    care.settle(*weeks[0], terms)
    after_the_first = care.pence()
    for week in weeks[1:]:
        care.settle(*week, terms)
    week_by_week = care.stands()
    care.settle(weeks[0][0], weeks[-1][1], terms, now=LONG_AFTER)

    assert after_the_first == 7 * 1600
    assert {reason for visit, reason, _ in week_by_week if str(visit).startswith("retainer:")} == {"service_did_not_restart"}
    assert care.stands() == week_by_week


def test_a_retainer_whose_service_starts_again_is_kept_and_its_run_checks(care: Care) -> None:
    terms = terms_of("cornwall")
    weeks = list(periods(terms[0], date(2026, 10, 20), 8))
    in_hospital(care, weeks, planned_days=18)
    care.come(f"{weeks[0][0] + timedelta(days=15)} 10:00", 60)

    runs = [run for week in weeks for run in care.settle(*week, terms).runs]

    assert care.pence() == 15 * 1600
    with connect(care.dsn) as connection:
        assert all(check_run(connection, run).same for run in runs)


def test_news_of_one_period_changes_what_the_next_drew_from_the_bank(care: Care) -> None:
    terms = terms_of("cardiff")
    care.package("personal care")
    care.plan("A", "2026-10-06 08:00Z", 60)
    care.plan("B", "2026-10-13 08:00Z", 60)
    care.come("2026-10-06 08:00", 20)
    care.come("2026-10-13 08:00", 100)
    for first, last in ((date(2026, 9, 14), date(2026, 10, 11)), (date(2026, 10, 12), date(2026, 11, 8))):
        care.settle(first, last, terms, now=LONG_AFTER)
    of_b = {visit: pence for visit, _, pence in care.stands()}["B"]

    # Nothing was saved after all.
    care.write("UPDATE planned_visit SET planned_minutes = 20 WHERE visit_id = 'A'")
    care.settle(date(2026, 10, 6), date(2026, 10, 6), terms, now=LONG_AFTER)
    after_the_news = care.stands()
    care.settle(date(2026, 9, 14), date(2026, 11, 8), terms, now=LONG_AFTER)

    assert (of_b, {visit: pence for visit, _, pence in after_the_news}["B"]) == (3100, 2046)
    assert care.stands() == after_the_news


def test_two_visits_do_not_end_with_the_same_tap(care: Care) -> None:
    care.plan("A", "2026-10-05 22:40Z", 30)
    care.plan("B", "2026-10-05 23:20Z", 30)
    care.tap("2026-10-05 22:50", "start", seq=1)
    care.tap("2026-10-05 23:40", "stop", seq=3)
    care.settle(date(2026, 10, 5), date(2026, 10, 5), example_terms(), now=LONG_AFTER)
    before = care.stands()

    care.tap("2026-10-05 23:10", "start", seq=2)
    with pytest.raises(DoublePay, match="from the first to the last"):
        care.settle(date(2026, 10, 6), date(2026, 10, 6), example_terms(), now=LONG_AFTER)

    assert care.stands() == before
    care.settle(date(2026, 10, 5), date(2026, 10, 6), example_terms(), now=LONG_AFTER)
    assert sum(pence > 0 for _, _, pence in care.stands()) == 1  # type: ignore[operator]


@pytest.mark.parametrize("last", [date(2026, 10, 5), date(2026, 10, 11)])
def test_for_whom_a_carer_works_later_in_the_week_changes_nothing_of_monday(care: Care, last: date) -> None:
    care.plan("N", "2026-10-05 07:00Z", 30)
    care.plan("S", "2026-10-05 07:05Z", 30, provider="South Care")
    care.come("2026-10-05 07:05", 30)
    for provider, since in (("North Care", "2026-01-01"), ("South Care", "2026-10-10")):
        care.write(
            "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES ('C1', %s, %s, 'office', '2026-01-01Z')",
            provider,
            since,
        )

    care.settle(date(2026, 10, 5), last, example_terms(), now=LONG_AFTER)

    assert [visit for visit, _, pence in care.stands() if pence] == ["N"]


def test_a_report_of_a_visit_of_the_day_after_raises_no_alarm_at_the_check(care: Care) -> None:
    care.plan("V", "2026-10-05 10:00Z", 30)
    for hour in (0, 12, 21):
        care.plan(f"W{hour}", f"2026-10-06 {hour:02}:00Z", 30)
        care.write(
            "INSERT INTO visit_report (visit_id, kind, told_at, reason, noted_by, noted_at) "
            "VALUES (%s, 'cancelled_by_council', '2026-10-04Z', 'moved', 'office', '2026-10-04Z')",
            f"W{hour}",
        )
    (run,) = care.settle(date(2026, 10, 5), date(2026, 10, 5), example_terms()).runs

    with connect(care.dsn) as connection:
        assert check_run(connection, run).same


def test_a_settlement_from_the_day_on_which_terms_change_checks_though_the_period_began_by_others(care: Care) -> None:
    terms = terms_of("cardiff")
    changed = max(each.starts for each in terms)
    care.package("personal care")
    for number, day in enumerate((changed - timedelta(days=4), changed + timedelta(days=1))):
        care.plan(f"V{number}", f"{day} 08:00Z", 60)
        care.come(f"{day} 08:00", 50)

    runs = care.settle(changed, changed + timedelta(days=6), terms, now=LONG_AFTER).runs

    with connect(care.dsn) as connection:
        assert [check_run(connection, run).same for run in runs] == [True]
        assert connection.execute("SELECT cardinality(terms) FROM settlement").fetchall() == [(len(terms),)]
