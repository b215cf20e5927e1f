"""What are people and programs told while the database is away: that it is, and not that they have to sign in?"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from calltime_sim.services.postgres import Postgres
from fixtures.office import csrf_of, let_in, office
from fixtures.waiting import wait_until


@pytest.fixture
def stopped(postgres_database: str, postgres_server: Postgres) -> Iterator[httpx.Client]:
    """The browser of somebody who was signed in and at work when the database was stopped; it is started again at the end."""
    officer = let_in(postgres_database)
    with office(postgres_database, let=officer) as client:
        client.headers["X-CSRF"] = csrf_of(postgres_database, officer)
        assert client.get("/settings/me").status_code == 200
        postgres_server.stop()
        try:
            yield client
        finally:
            postgres_server.start()


def test_who_is_signed_in_is_told_that_the_record_cannot_be_reached_and_is_at_work_again_when_it_is_back(
    stopped: httpx.Client, postgres_server: Postgres
) -> None:
    page = stopped.get("/visits")
    start, form = stopped.get("/"), stopped.post("/settings/me/language", data={"language": "cy"})
    by_program = stopped.get("/api/v1/visits")
    # What needs no database is there all the same.
    assert stopped.get("/accessibility").status_code == 200
    postgres_server.start()
    wait_until(lambda: stopped.get("/settings/me").status_code == 200, within=60, what="the office to find the database again")

    assert [each.status_code for each in (page, start, form)] == [503] * 3
    assert [each.url.path for each in (page, start)] == ["/visits", "/"]
    assert "The record cannot be reached" in page.text
    assert "Load this page again in a minute" in page.text
    assert page.headers["Retry-After"] == "60"
    assert by_program.status_code == 503
    assert by_program.headers["Content-Type"] == "application/problem+json"
    assert by_program.headers["Retry-After"] == "60"


def test_a_part_of_an_open_page_sends_nobody_to_the_sign_in(stopped: httpx.Client) -> None:
    part = stopped.get("/today/part", headers={"HX-Request": "true"})

    assert part.status_code == 503
    assert "HX-Redirect" not in part.headers


def test_without_tables_the_page_says_whom_to_tell(postgres_server: Postgres, postgres_database: str) -> None:
    with office(postgres_server.dsn, let=let_in(postgres_database)) as client:
        page, by_program = client.get("/visits"), client.get("/api/v1/visits")

    assert (page.status_code, by_program.status_code) == (503, 503)
    assert "Tell whoever runs the server" in page.text
    assert "Tell whoever runs the server" in by_program.json()["detail"]
    assert page.headers["Retry-After"] == by_program.headers["Retry-After"] == "60"
