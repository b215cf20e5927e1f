"""Is a visit that a provider's own system brought paid as one that was tapped, explained, and worked out again by somebody else?"""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from calltime_server.jobs.bundle.export import export_bundle
from calltime_server.jobs.bundle.layout import unpack
from calltime_server.jobs.bundle.verify import verify
from calltime_server.jobs.check_run import check_run
from calltime_server.jobs.settle_days import settle_days
from calltime_server.store import ledger
from calltime_server.store.brought import BRINGING, agree, bring
from calltime_server.store.connection import connect
from calltime_server.visits.civil_day import span_of
from fixtures.office import example_terms, office, settle_small_day
from fixtures.signed_day import write_signed_day
from fixtures.small_day import DAY, EVENING

NORTH = "North Care"
HOUR = timedelta(hours=1)


@pytest.fixture
def day(postgres_database: str) -> str:
    """Nobody tapped for V4, planned at S4 from 11:00 to 11:30 in London."""
    write_signed_day(postgres_database)
    return postgres_database


def brings(dsn: str, *, start: str | None = "10:02", stop: str | None = "10:32", withdrawn: bool = False, now: datetime = EVENING) -> None:
    """The visit X4 of North Care's system, in UTC."""
    started, ended = (datetime.fromisoformat(f"{DAY}T{each}:00+00:00") if each else None for each in (start, stop))
    rows = [("X4", "S4", "C9", started, ended, withdrawn)]
    with connect(dsn) as connection:
        bring(connection, pl.DataFrame(rows, schema=BRINGING, orient="row"), provider=NORTH, by="their system", now=now)


def agrees(dsn: str, grade: int | None, *, since: date = DAY, now: datetime = EVENING) -> None:
    with connect(dsn) as connection:
        agree(connection, provider=NORTH, since=since, grade=grade, by="an officer", now=now)


def settle(dsn: str, *, now: datetime = EVENING) -> None:
    with connect(dsn) as connection:
        settle_days(connection, first=DAY, last=DAY, terms=example_terms(), now=now)


def line_of(dsn: str, visit: str) -> dict[str, object]:
    start, end = span_of(DAY)
    with connect(dsn) as connection:
        return ledger.read_standing(connection, start=start, end=end).filter(pl.col("visit_id") == visit).row(0, named=True)


def holds(dsn: str, run: int) -> bool:
    with connect(dsn) as connection:
        assert check_run(connection, run).same, check_run(connection, run).says
        bundle = export_bundle(connection, run)
        assert export_bundle(connection, run) == bundle
    wrong = [(check.name, check.wrong) for check in verify(unpack(bundle), progress=lambda *_: None) if not check.holds]
    assert wrong == []
    return True


def test_a_brought_visit_is_paid_and_says_by_which_agreement(day: str) -> None:
    agrees(day, 2)
    brings(day)
    settle(day)

    line = line_of(day, "V4")
    assert (line["outcome"], line["start_device"], line["grade"], line["contact_seconds"]) == ("pay", "brought", 2, 1800)
    assert str(line["explanation"]).endswith(
        "Brought by the system of North Care on 5 October 2026 as X4, grade 2 by agreement from 5 October 2026."
    )
    assert "Brought: 11:02:00 to 11:32:00: 30 min of contact." in str(line["explanation"])
    assert "Tapped" not in str(line["explanation"])
    assert holds(day, 1)


def test_the_story_of_its_payment_tells_who_brought_each_end(day: str) -> None:
    agrees(day, 2)
    brings(day)
    settle(day)

    with office(day) as client:
        shown = client.get("/actuals/V4").text
        told = client.get("/api/v1/actuals/V4").json()
        assert client.get("/actuals/V3").status_code == 200
    assert "was brought from the system of North Care, as its visit X4" in shown
    assert [(end["action"], end["provider"], end["their_id"]) for end in told["brought"]] == [
        ("start", "North Care", "X4"),
        ("stop", "North Care", "X4"),
    ]


def test_without_an_agreement_it_stays_missed_and_that_is_told(day: str) -> None:
    brings(day)
    with connect(day) as connection:
        settled = settle_days(connection, first=DAY, last=DAY, terms=example_terms(), now=EVENING)

    assert line_of(day, "V4")["reason"] == "missed"
    assert "not_agreed" in settled.settlement.problems["kind"].to_list()
    assert holds(day, 1)


def test_a_correction_stands_in_its_place_and_a_withdrawn_visit_counts_no_more(day: str) -> None:
    agrees(day, 2)
    brings(day)
    settle(day)
    brings(day, stop="10:22", now=EVENING + HOUR)
    settle(day, now=EVENING + HOUR)
    shorter = line_of(day, "V4")
    brings(day, withdrawn=True, now=EVENING + 2 * HOUR)
    settle(day, now=EVENING + 2 * HOUR)

    assert shorter["contact_seconds"] == 20 * 60
    assert line_of(day, "V4")["reason"] == "missed"
    assert all(holds(day, run) for run in (1, 2, 3))


def test_another_agreement_from_the_middle_of_a_month_changes_the_grade_from_that_day_on(day: str) -> None:
    agrees(day, 3, since=date(2026, 10, 1))
    agrees(day, 1, since=DAY, now=EVENING)
    brings(day)
    settle(day)
    weak = line_of(day, "V4")
    agrees(day, 3, since=DAY, now=EVENING + HOUR)
    settle(day, now=EVENING + HOUR)

    assert (weak["grade"], line_of(day, "V4")["grade"]) == (1, 3)
    assert all(holds(day, run) for run in (1, 2))


def test_a_run_of_before_anybody_brought_a_visit_has_the_inputs_that_it_had(day: str) -> None:
    settle_small_day(day)
    with connect(day) as connection:
        before = export_bundle(connection, 1)
    agrees(day, 2, now=EVENING + HOUR)
    brings(day, now=EVENING + HOUR)

    with connect(day) as connection:
        assert export_bundle(connection, 1) == before
        assert not any("brought" in name for name in unpack(before).told[1] if not unpack(before).told[1][name].is_empty())
    assert holds(day, 1)
