"""Does what people tell and agree reach the ledger, whole or not at all, with who and why?"""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime

import psycopg
import pytest

from calltime_server.faults import Fault
from calltime_server.jobs.note_said import note_said
from calltime_server.jobs.said_csv import FORMS, What
from calltime_server.jobs.settle_days import Settled, settle_days
from calltime_server.payment.terms import Period, Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.payment.terms_steps import AgreedHours
from calltime_server.store.connection import connect, execute, fetch
from calltime_server.store.ledger import read_standing
from calltime_server.store.noting import EntryRefused, withdraw_entry
from calltime_server.store.told import read_entry
from fixtures.care import EXAMPLE, example_terms
from fixtures.small_day import DAY, signer_of, write_small_day, write_tap

NOW = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
SAYS = {"says": "The Council pays within the agreed hours of a period.", "clause": "Schedule 4, 5"}


def note(dsn: str, what: What, *rows: str, dry_run: bool = False) -> int | tuple[Fault, ...]:
    text = "\n".join([",".join(FORMS[what].readers), *rows, ""])
    with connect(dsn) as connection:
        return note_said(connection, text.encode(), what, by="Care Coordinator", now=NOW, dry_run=dry_run)


def settle(dsn: str, *, first: date = DAY, last: date = DAY, terms: Terms | tuple[Terms, ...] | None = None) -> Settled:
    with connect(dsn) as connection:
        return settle_days(connection, first=first, last=last, terms=terms or example_terms(), now=NOW)


def standing(dsn: str) -> dict[str, tuple[str, int]]:
    with connect(dsn) as connection:
        lines = read_standing(connection, start=datetime(2026, 10, 1, tzinfo=UTC), end=datetime(2026, 11, 1, tzinfo=UTC))
    return {
        f"{visit}/{carer}": (outcome, pence)
        for visit, carer, outcome, pence in lines.select("visit_id", "carer_no", "outcome", "pence").rows()
    }


def counted_over_a_week() -> Terms:
    week = Period(length="week", first=date(2026, 10, 5), **SAYS)
    return dataclasses.replace(example_terms(), period=week, period_steps=(AgreedHours(step="agreed_hours", **SAYS),))


@pytest.fixture
def day(postgres_database: str) -> str:
    write_small_day(postgres_database)
    return postgres_database


def test_an_end_entered_by_hand_is_kept_with_who_and_why_and_can_be_withdrawn(day: str) -> None:
    assert settle(day).posted.added == 7

    assert note(day, "entry", "2026-10-05 10:31,stop,C1,S3,other,The phone fell into the sink.") == 1
    settle(day)

    with connect(day) as connection:
        (line,) = read_standing(connection, visits=["V3"]).iter_rows(named=True)
        entered = read_entry(connection, line["stop_seq"])
    assert (line["stop_device"], line["contact_seconds"], line["grade"]) == ("office", 1800, 0)
    assert entered is not None
    assert (entered.by, entered.words, entered.entered_at) == ("Care Coordinator", "The phone fell into the sink.", NOW)

    with connect(day) as connection:
        withdraw_entry(connection, entered.entry, by="Care Coordinator", why="wrong visit", now=NOW)
    settle(day)

    assert standing(day)["V3/1"] == ("park", 0)
    with connect(day) as connection, pytest.raises(EntryRefused, match="withdrawn already"):
        withdraw_entry(connection, entered.entry, by="Care Coordinator", why="wrong visit", now=NOW)


def test_a_file_with_faults_is_told_with_every_line_and_nothing_of_it_is_taken(day: str) -> None:
    faults = note(
        day,
        "entry",
        "2026-10-05 10:31,stop,C1,S3,forgot_out,",
        "2026-10-05 10:31,stop,C1,S3,forgot_out,",
        "yesterday,stop,C1,S3,forgot_out,",
        "2026-10-05 10:40,stop,C1,S3,because,",
        "2026-10-05 10:50,stop,C1,S3,other,",
    )

    assert isinstance(faults, tuple)
    assert [(fault.line, fault.column) for fault in faults] == [(3, "time"), (4, "time"), (5, "reason"), (6, "words")]
    with psycopg.connect(day) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (0,)


def test_a_dry_run_writes_nothing(day: str) -> None:
    assert note(day, "provider", "North Care,lead,North Care Ltd,1 High Street,Bury,BL9 0AA,GB,", dry_run=True) == 1
    with psycopg.connect(day) as connection:
        assert connection.execute("SELECT count(*) FROM provider").fetchone() == (0,)


def test_a_report_of_a_visit_that_nobody_planned_is_refused(day: str) -> None:
    faults = note(day, "visit_report", "V404,no_access,2026-10-05 11:20,Nobody opened.")

    assert isinstance(faults, tuple)
    assert "No visit “V404” is planned" in faults[0].says


def test_two_packages_of_which_a_visit_would_belong_to_both_are_refused(day: str) -> None:
    first = "k1,S1,North Care,personal care,2026-10-01,,600,,,,no,,,"
    assert note(day, "package", first) == 1

    faults = note(day, "package", "k2,S1,North Care,personal care,2026-10-12,,600,,,,no,,,")

    assert isinstance(faults, tuple)
    assert "k1 and k2" in faults[0].says
    # The first one again, with an end: it stands as the file says, and leaves room for the second.
    ended = first.replace("2026-10-01,,", "2026-10-01,2026-10-11,")
    assert note(day, "package", ended, "k2,S1,North Care,personal care,2026-10-12,,600,,,,no,,,") == 2


def test_an_absence_that_is_told_again_stands_as_it_was_told_last(day: str) -> None:
    settle(day)
    note(day, "absence", "S4,hospital,2026-10-04 12:00,")
    settle(day)
    with connect(day) as connection:
        (away,) = read_standing(connection, visits=["V4"])["delivery"]
    note(day, "absence", "S4,withdrawn,2026-10-04 12:00,")
    settle(day)

    with connect(day) as connection:
        (missed,) = read_standing(connection, visits=["V4"])["delivery"]
    assert (away, missed) == ("absent", "missed")


def test_each_day_of_a_span_goes_by_the_terms_in_force(day: str) -> None:
    with psycopg.connect(day) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('N1', 'S1', 'North Care', 'Z1', 'care', '2026-10-06T07:00Z', 30, 1)")
        for seq, minute, action in ((6, 0, "start"), (7, 30, "stop")):
            at = datetime(2026, 10, 6, 7, minute, tzinfo=UTC)
            write_tap(connection, signer_of("C1"), seq=seq, at=at, action=action, home="S1", badge=None)
    text = EXAMPLE.read_text(encoding="utf-8").partition("# Worked examples")[0]
    text = text.replace("18.72", "3.60").replace("2026-04-06", "2026-10-06")
    text += '[[example]]\nname = "half an hour"\nplanned = "2026-10-07 08:00-08:30"\ntaps = "08:00:00 08:30:00"\n'
    text += "paid_minutes = 30\npence = 180\n"
    later = load_terms(text, name="2026-10-06.toml")
    assert isinstance(later, Terms), later

    settle(day, last=date(2026, 10, 6), terms=(example_terms(), later))

    lines = standing(day)
    assert (lines["V1/1"], lines["N1/1"]) == (("pay", 842), ("pay", 180))
    with psycopg.connect(day) as connection:
        row = connection.execute("SELECT terms, (SELECT count(*) FROM terms_text) FROM settlement").fetchone()
    assert row == ([example_terms().sha256, later.sha256], 2)


def test_news_of_one_day_changes_what_is_paid_later_in_the_same_period(day: str) -> None:
    """30 agreed minutes a week. On Tuesday they are used; then the visit of Monday turns out to have been made."""
    note(day, "package", "k3,S3,North Care,personal care,2026-10-01,,30,,,,no,,,")
    with psycopg.connect(day) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('T3', 'S3', 'North Care', 'Z2', 'personal care', '2026-10-06T09:00Z', 30, 1)")
        for seq, minute, action in ((7, 0, "start"), (8, 30, "stop")):
            at = datetime(2026, 10, 6, 9, minute, tzinfo=UTC)
            write_tap(connection, signer_of("C1"), seq=seq, at=at, action=action, home="S3", badge=None)
    terms = counted_over_a_week()
    settle(day, terms=terms)
    settle(day, first=date(2026, 10, 6), last=date(2026, 10, 6), terms=terms)
    before = standing(day)

    with psycopg.connect(day) as connection:
        write_tap(connection, signer_of("C1"), seq=6, at=datetime(2026, 10, 5, 9, 31, tzinfo=UTC), action="stop", home="S3", badge=None)
    settle(day, terms=terms)

    after = standing(day)
    assert (before["V3/1"][0], before["T3/1"]) == ("park", ("pay", 936))
    assert (after["V3/1"], after["T3/1"][0]) == (("pay", 936), "park")
    whole = settle(day, first=date(2026, 10, 5), last=date(2026, 10, 6), terms=terms)
    assert (whole.posted.added, whole.posted.reversed) == (0, 0)


def marked(dsn: str) -> list[date]:
    """The days that the visit log is to work out again; none is marked afterwards."""
    with connect(dsn) as connection:
        return sorted(day for (day,) in fetch(connection, "DELETE FROM day_to_log RETURNING day", {}))


@pytest.mark.parametrize(
    ("what", "row", "days"),
    [
        ("entry", "2026-10-05 10:31,stop,C1,S3,other,The phone fell into the sink.", [4, 5, 6]),
        ("visit_report", "V3,no_access,2026-10-05 10:40,Nobody opened.", [5]),
        ("absence", "S3,hospital,2026-10-03 12:00,2026-10-09 12:00", [5]),
        ("carer_provider", "C1,P1,2026-10-18", [18, 19, 20]),
        ("journey", "S1,S3,20", []),
        ("package", "k1,S3,North Care,personal care,2026-10-01,,600,,,,no,,,", []),
    ],
)
def test_what_is_told_marks_the_days_that_the_visit_log_has_to_work_out_again(day: str, what: What, row: str, days: list[int]) -> None:
    marked(day)

    assert note(day, what, row, dry_run=True) == 1
    assert marked(day) == []
    assert note(day, what, row) == 1
    assert marked(day) == [date(2026, 10, each) for each in days]


def test_a_journey_concerns_the_days_on_which_somebody_went_that_way(day: str) -> None:
    marked(day)
    with connect(day) as connection:
        execute(
            connection,
            """
            INSERT INTO logged_visit (day, place, service_user, carer, carer_no, delivery, amended)
            VALUES ('2026-10-05', 901, 'S1', 'C1', 1, 'made', false), ('2026-10-05', 902, 'S3', 'C1', 1, 'made', false)
            """,
            {},
        )

    note(day, "journey", "S1,S3,20")

    assert marked(day) == [date(2026, 10, 5)]
