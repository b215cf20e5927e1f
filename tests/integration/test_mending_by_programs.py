"""Do programs mend by the same rules as people?"""

from datetime import timedelta

import psycopg
import pytest

from calltime_server.rights import Role
from fixtures.logged import log_days_now
from fixtures.office import let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay

MENDING = "/api/v1/mending"


@pytest.fixture
def logged(small_day: SmallDay) -> SmallDay:
    log_days_now(small_day.dsn, DAY)
    return small_day


def test_a_program_enters_an_end_once_whoever_asks_again(logged: SmallDay) -> None:
    with office(logged.dsn, let=let_in(logged.dsn, Role.PROVIDER, provider="North Care")) as client:
        kinds = [queue["kind"] for queue in client.get(MENDING).json()["queues"]]
        (row,) = client.get(f"{MENDING}/no_stop").json()["items"]
        wish = {"way": "enter", "reason": "forgot_out", "rows": [{"row": row["row"], "stop": "10:28"}]}
        first = client.post(f"{MENDING}/no_stop", json=wish, headers={"Idempotency-Key": "one"})
        again = client.post(f"{MENDING}/no_stop", json=wish, headers={"Idempotency-Key": "one"})
        later = client.post(f"{MENDING}/no_stop", json=wish, headers={"Idempotency-Key": "two"})
        (amendment,) = client.get("/api/v1/amendments").json()["items"]

    assert kinds[:2] == ["missed", "no_stop"]
    assert (first.status_code, first.json()) == (200, {"rows": 1})
    assert again.json() == {"rows": 1}
    assert later.status_code == 422
    assert later.json()["errors"][0]["pointer"] == "#/rows/0/row"
    assert (amendment["time"], amendment["action"], amendment["by"]) == ("2026-10-05T09:28:00Z", "stop", "provider North Care")


def test_a_program_learns_all_that_is_wrong_with_each_row(logged: SmallDay) -> None:
    with office(logged.dsn, let=let_in(logged.dsn, Role.PROVIDER, provider="North Care")) as client:
        rows = [{"row": row["row"]} for row in client.get(f"{MENDING}/missed").json()["items"]]
        answer = client.post(f"{MENDING}/missed", json={"way": "enter", "rows": rows})

    pointers = {mistake["pointer"] for mistake in answer.json()["errors"]}
    assert pointers == {"#/reason", *(f"#/rows/{number}/{end}" for number in (0, 1) for end in ("start", "stop", "carer"))}
    with psycopg.connect(logged.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (0,)


def test_an_officers_program_asks_for_one_providers_rows(logged: SmallDay) -> None:
    with office(logged.dsn) as client:
        queues = client.get(MENDING, params={"provider": "South & West Care"}).json()["queues"]
        rows = client.get(f"{MENDING}/missed", params={"provider": "South & West Care"}).json()["items"]

    assert [(row["visit_id"], row["provider"]) for row in rows] == [("V/6", "South & West Care")]
    assert "no_stop" not in [queue["kind"] for queue in queues]


def test_reasons_locks_and_unlocks_are_kept_by_programs_too(logged: SmallDay) -> None:
    with office(logged.dsn) as client:
        put = client.put("/api/v1/reasons/flood", json={"english": "The road was under water", "welsh": "Roedd y ffordd dan ddŵr"})
        assert put.json()["archived"] is False
        assert [each["code"] for each in client.get("/api/v1/reasons").json()["reasons"]][-1] == "flood"
        assert client.post("/api/v1/lock", json={"through": "2026-10-04"}).json()["through"] == "2026-10-04"
    with office(logged.dsn, let=let_in(logged.dsn, Role.PROVIDER, provider="North Care")) as client:
        asked = client.post("/api/v1/unlocks", json={"first_day": "2026-10-01", "last_day": "2026-10-04", "why": "A phone was lost."})
        assert client.post("/api/v1/lock", json={"through": "2026-10-01"}).status_code == 403
        assert client.put("/api/v1/reasons/flood", json={"english": "Rain"}).status_code == 403
    with office(logged.dsn) as client:
        address = f"/api/v1/unlocks/{asked.json()['unlock']}/decision"
        assert client.post(address, json={"why": "It was paid already."}).status_code == 200
        assert client.post(address, json={"why": "Once more."}).status_code == 409


def test_compliance_counts_an_amended_visit_against_it(logged: SmallDay) -> None:
    with office(logged.dsn, let=let_in(logged.dsn, Role.PROVIDER, provider="North Care")) as client:
        (row,) = client.get(f"{MENDING}/no_stop").json()["items"]
        wish = {"way": "enter", "reason": "forgot_out", "rows": [{"row": row["row"], "stop": "10:30"}]}
        client.post(f"{MENDING}/no_stop", json=wish)
    log_days_now(logged.dsn, DAY)
    tomorrow = EVENING + timedelta(days=1)
    with office(logged.dsn, now=tomorrow, let=let_in(logged.dsn, Role.OFFICER, now=tomorrow)) as client:
        found = client.get("/api/v1/compliance", params={"first": "2026-10-01"}).json()

    north = {"provider": "North Care", "as_planned": 1, "due": 5, "electronic": 2, "amended": 1, "brought": 0, "reported": 0, "missing": 2}
    assert found["providers"][0] == north
    assert found["threshold"] == 8500
