"""What do programs get? The same as people see, on each kind of database."""

import csv
import io

import httpx
import pytest

from calltime_server.jobs.settled_csv import csv_files
from calltime_server.rights import Person, Role
from calltime_server.store.connection import connect
from calltime_server.store.span import settle_day
from fixtures.office import Pass, example_terms, office, settle_small_day
from fixtures.small_day import DAY, SmallDay


def test_the_actuals_are_the_ledgers_standing_lines_with_whole_pence_and_utc(small_day_on_each: SmallDay) -> None:
    settle_small_day(small_day_on_each.dsn)
    with office(small_day_on_each.dsn) as client:
        got = client.get("/api/v1/actuals", params={"day": "2026-10-05", "provider": "North Care", "outcome": "pay"}).json()

    assert got["day"] == "2026-10-05"
    assert [(line["visit_id"], line["pence"], line["started"]) for line in got["lines"]] == [
        ("V1", 842, "2026-10-05T07:04:10Z"),
        ("V2", 1404, "2026-10-05T08:00:00Z"),
    ]


def test_the_csv_has_the_columns_and_the_bytes_of_settling_from_files(small_day_on_each: SmallDay) -> None:
    settle_small_day(small_day_on_each.dsn)
    with connect(small_day_on_each.dsn) as connection:
        settled = settle_day(connection, day=DAY, provider=None, terms=example_terms())
    with office(small_day_on_each.dsn) as client:
        actuals = client.get("/api/v1/actuals?format=csv")

    # lines.csv has the columns of the terms' own steps behind those that the ledger keeps.
    kept, whole = (list(csv.reader(io.StringIO(text))) for text in (actuals.text, csv_files(settled)["lines.csv"].decode()))
    assert kept == [row[: len(kept[0])] for row in whole]


def test_a_visit_is_given_with_its_history_and_its_evidence(small_day: SmallDay) -> None:
    settle_small_day(small_day.dsn)
    with office(small_day.dsn) as client:
        got = client.get("/api/v1/actuals/V1").json()

    assert [line["pence"] for line in got["lines"]] == [842]
    assert [(entry["outcome"], entry["reverses"]) for entry in got["history"]] == [("pay", None)]
    assert [(tap["seq"], tap["time"], tap["signature"]) for tap in got["evidence"]] == [
        (1, "2026-10-05T07:04:10Z", "verifies"),
        (2, "2026-10-05T07:31:55Z", "verifies"),
    ]


def test_without_a_plan_there_are_no_lines(postgres_database: str) -> None:
    with office(postgres_database) as client:
        assert client.get("/api/v1/actuals").json() == {"day": None, "lines": []}
        assert client.get("/api/v1/actuals?format=csv").text.startswith("visit_id,service_user,provider,carer,")


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("actuals?outcome=maybe", 400, "Write pay, park or refuse"),
        ("actuals/%00", 404, "The ledger has no line of such a visit."),
        ("actuals/V404", 404, "The ledger has no line of such a visit."),
        ("nowhere", 404, "openapi.json"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_sentence(client: httpx.Client, address: str, status: int, says: str) -> None:
    answer = client.get(f"/api/v1/{address}")

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert answer.json()["status"] == status


def test_a_database_that_is_away_is_said_to_be_away() -> None:
    unknown = Pass(who=Person(id=1, name="nobody", role=Role.OFFICER), session="none", token="ct_none")
    with office("postgresql://nobody@127.0.0.1:1/none", let=unknown) as client:
        answer = client.get("/api/v1/visits")

    assert answer.status_code == 503
    assert answer.json()["detail"] == "The database cannot be reached. Nothing was changed. Ask again in a minute."
