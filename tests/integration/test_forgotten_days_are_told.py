"""What is said of a day whose taps were forgotten for their age? That it was meant so, since when, and what stands nevertheless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from calltime_server.jobs.tend import tend
from calltime_server.store.connection import connect
from fixtures import small_day
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import let_in, office, settle_small_day
from fixtures.small_day import DAY, write_small_day

LONG_AFTER = datetime(2037, 1, 4, 12, tzinfo=UTC)
ON_PURPOSE = "Taps before Friday 4 January 2030 were forgotten on purpose on Sunday 4 January 2037, because they are kept for 7 years."
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def forgotten_day(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small day with the one visit that is paid: settled, in the visit log, and so long ago that its taps were forgotten."""
    dsn = postgres_database
    monkeypatch.setattr(small_day, "PLAN", small_day.PLAN[:1])
    monkeypatch.setattr(small_day, "TAPS", small_day.TAPS[:2])
    write_small_day(dsn)
    settle_small_day(dsn)
    log_days_now(dsn, DAY)
    with connect(dsn) as connection:
        gone = tend(connection, now=LONG_AFTER, keep_years=7).forgotten
    assert gone is not None
    assert gone.taps == 2
    # A visit of the next day, of which nobody has heard before: it never comes into the log.
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('V2', 'S1', 'North Care', 'Z1', 'personal care', '2026-10-06 08:00Z', 30, 1)")
    return dsn


@pytest.fixture
def client(forgotten_day: str) -> Iterator[httpx.Client]:
    with office(forgotten_day, now=LONG_AFTER, let=let_in(forgotten_day, now=LONG_AFTER)) as found:
        yield found


def text_of(client: httpx.Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return read_page(answer.text).text


@pytest.mark.parametrize(
    "address",
    [
        "/visits?day=2026-10-05",
        "/visits?day=2026-10-05&until=2026-10-06",
        "/visits?day=2026-10-05&view=carers",
        "/visits?day=2026-10-05&service_user=S1&print=1",
        "/visits/V1",
    ],
)
def test_a_visit_that_is_in_the_log_stands_with_the_word_that_its_taps_are_gone(client: httpx.Client, address: str) -> None:
    text = text_of(client, address)

    assert ON_PURPOSE in text
    assert "It is final" in text
    assert "08:04" in text  # when C1 came, by London's clocks


def test_a_day_that_never_was_in_the_log_is_not_said_to_come_into_it(client: httpx.Client) -> None:
    text = text_of(client, "/visits?day=2026-10-06")
    one = text_of(client, "/visits/V2", 410)

    assert ON_PURPOSE in text
    assert "Tuesday 6 October 2026 is not in the visit log." in text
    assert "within a minute" not in text
    assert "There is no such visit" not in text
    assert "cannot come into it any more: taps before 4 January 2030 were forgotten on purpose on 4 January 2037" in one


def test_the_evidence_of_a_line_says_that_its_taps_were_forgotten(client: httpx.Client) -> None:
    text = text_of(client, "/actuals/V1")

    assert ON_PURPOSE[5:-1] in text
    assert "No tap stands behind this line" not in text
    assert client.get("/api/v1/actuals/V1").json()["taps_forgotten_at"] == "2037-01-04T12:00:00Z"


def test_a_day_whose_taps_are_kept_says_nothing_of_it(client: httpx.Client) -> None:
    assert "on purpose" not in text_of(client, "/visits?day=2030-01-05")


def test_programs_are_told_the_same(client: httpx.Client) -> None:
    (listed,) = client.get("/api/v1/visits?day=2026-10-05&until=2026-10-06").json()["items"]
    (one,) = client.get("/api/v1/visits/V1").json()
    in_csv = client.get("/api/v1/visits?day=2026-10-05&format=csv").text
    gone = client.get("/api/v1/visits?day=2026-10-06")

    assert listed["taps_forgotten_at"] == one["taps_forgotten_at"] == "2037-01-04T12:00:00Z"
    assert [row["taps_forgotten_at"] for row in csv.DictReader(io.StringIO(in_csv))] == ["2037-01-04T12:00:00Z"]
    assert gone.status_code == 410
    assert gone.json()["detail"].startswith("6 October 2026 is not in the visit log and cannot come into it any more: taps before")
