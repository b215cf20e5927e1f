"""Is every doing of a provider found by the person whom it concerned? Every form that a coordinator can send is sent once."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from starlette.routing import Route

from calltime_server.people.desk import Desks
from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.mending import Part, list_visits
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.web.live import Live
from calltime_server.web.office import Office
from calltime_server.web.pages import make_pages
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import Pass, csrf_of, let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay

NORTH = "North Care"
BROUGHT = "their_id,service_user,carer,started,ended,withdrawn\nT1,S2,C1,2026-10-05T08:00:00Z,2026-10-05T08:30:00Z,\n"
FOUND: dict[str, tuple[str, dict[str, str]]] = {
    "POST /mend/queue/{kind}": ("mended visits", {"service_user": "S3", "visit": "V3", "carer": "C1"}),
    "POST /mend/amendments/{entry}/withdraw": ("withdrew an amendment", {"service_user": "S3", "carer": "C1"}),
    "POST /mend/reports/{number}/withdraw": ("withdrew a report", {"service_user": "S4", "visit": "V4"}),
    "POST /brought": ("checked a file of visits of another system", {"service_user": "S2", "carer": "C1"}),
    "POST /doors/new": ("made a code for a door", {"service_user": "S1"}),
    "POST /doors/{device}/revoke": ("revoked a door", {"carer": "C1"}),
    "POST /doors/tags/chosen": ("made tags", {"service_user": "S2"}),
    "GET /doors/tags/sheets": ("printed tags", {"service_user": "S2"}),
    "POST /doors/tags/hang": ("said where a tag hangs", {"service_user": "S1"}),
    "POST /doors/tags/called": ("said what phones call a home", {"service_user": "S1"}),
    "POST /carers/new": ("noted for whom a carer works", {"carer": "C8"}),
    "POST /carers/{carer}/badges": ("gave a badge", {"carer": "C1"}),
    "POST /carers/{carer}/employments": ("noted for whom a carer works", {"carer": "C1"}),
}
"""As what each stands in the log, and by whom it is found there."""
OF_THE_COUNCIL = ("/runs", "/plan", "/absences", "/people", "/subject-access", "/terms", "/variance", "/settings/lock", "/settings/reasons")
OF_NOBODY_ELSE = ("/sign-in", "/sign-out", "/settings", "/mend/unlock", "/language")
"""What concerns whoever does it, or whole days."""


@pytest.fixture
def day(small_day: SmallDay) -> SmallDay:
    """The small day, worked out in its evening, with C1 at North Care."""
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(
            "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES ('C1', %s, '2026-01-01', 'a test', %s)",
            (NORTH, EVENING),
        )
    log_days_now(small_day.dsn, DAY)
    return small_day


@pytest.fixture
def north(day: SmallDay) -> Pass:
    return let_in(day.dsn, Role.PROVIDER, provider=NORTH)


@pytest.fixture
def everything_done(day: SmallDay, north: Pass) -> str:
    with office(day.dsn, let=north) as desk:
        desk.follow_redirects = False
        do_everything(desk, day, north)
    return day.dsn


def do_everything(desk: httpx.Client, day: SmallDay, north: Pass) -> None:
    def send(path: str, **fields: object) -> None:
        answer = desk.post(path, data={"csrf": csrf_of(day.dsn, north), **fields})
        assert answer.status_code < 400, (path, read_page(answer.text).text)

    lacking, missed = row_of(day.dsn, "no_stop", "V3"), row_of(day.dsn, "missed", "V4")
    send("/mend/queue/no_stop", step="write", way="enter", reason="forgot_out", **{f"stop.{lacking}": "10:28"})
    told = {"way": "no_access", "told_at": "2026-10-05T12:00", "reason": "other", "words": "Nobody opened."}
    send("/mend/queue/missed", step="write", row=missed, **told)
    send("/mend/amendments/1/withdraw", why="It was another visit.")
    send("/mend/reports/1/withdraw", why="The carer did come.")
    file = {"file": ("visits.csv", BROUGHT.encode(), "text/csv")}
    checked = desk.post("/brought", data={"csrf": csrf_of(day.dsn, north), "step": "check"}, files=file)
    assert checked.status_code == 200, read_page(checked.text).text
    send("/doors/new", kind="home", reference="S1")
    send(f"/doors/{day.doors['C1']}/revoke", why="It was lost.")
    send("/doors/tags/chosen", row="S2", do="make")
    assert desk.get("/doors/tags/sheets", params={"home": "S2"}).status_code == 200
    send("/doors/tags/hang", tag="04A2B3C4D5E680", service_user="S1")
    send("/doors/tags/called", service_user="S1", called="the green door")
    send("/carers/new", carer="C8", since="2026-10-01")
    send("/carers/C1/badges", uid="04A2B3C4D5E681", since_day="", since_time="")
    send("/carers/C1/employments", since="2026-10-02")


def row_of(dsn: str, kind: str, visit: str) -> str:
    with connect(dsn) as connection:
        rows = list_visits(connection, Part(kind=kind, since=None, provider=None, now=EVENING, limit=50))
    return next(row.known_as for row in rows if row.visit_id == visit)


def found(auditor: httpx.Client, **asked: str) -> list[str]:
    answer = auditor.get("/audit", params={**asked, "format": "csv"})
    return [row["did"] for row in csv.DictReader(io.StringIO(answer.text))]


def test_each_doing_is_found_by_whom_it_concerned_and_not_by_another(everything_done: str) -> None:
    with office(everything_done, let=let_in(everything_done, Role.AUDITOR)) as auditor:
        lacking = [
            (route, about, who)
            for route, (did, concerned) in FOUND.items()
            for about, who in concerned.items()
            if did not in found(auditor, about=about, value=who)
        ]
        of_another = found(auditor, about="service_user", value="S5")
        page = read_page(auditor.get("/audit", params={"about": "service_user", "value": "S3", "did": "mended visits"}).text).text

    assert lacking == []
    assert of_another == []
    assert "way enter; queue no_stop; carers C1; visits V3; service users S3" in page


def test_a_program_finds_the_same_by_the_person(everything_done: str) -> None:
    with office(everything_done, let=let_in(everything_done, Role.AUDITOR)) as auditor:
        answer = auditor.get("/api/v1/audit", params={"about": "service_user", "value": "S4"}).json()

    assert {"mended visits", "withdrew a report"} <= {each["did"] for each in answer["items"]}


def test_fields_that_nobody_filled_in_are_not_shown(everything_done: str) -> None:
    auditor = let_in(everything_done, Role.AUDITOR)
    with office(everything_done, let=auditor) as client:
        client.get("/plan", params={"first": "2026-10-05"})
        page = read_page(client.get("/audit", params={"did": "looked at the plan"}).text).text

    assert re.search(r"looked at the plan first 2026-10-05(?! last)", page)
    assert "sought" not in page


def test_every_form_of_a_provider_stands_here() -> None:
    desks = Desks(database=OfficeDatabase("postgresql:///none"), now=lambda: datetime.now(UTC))
    pages = make_pages(Office(desks=desks, live=Live("postgresql:///none"), terms=(), public_url="https://calltime.example.org"))
    forms = {path for path in posted(pages) if not path.startswith((*OF_THE_COUNCIL, *OF_NOBODY_ELSE))}

    assert {f"POST {path}" for path in forms} - set(FOUND) == set(), "send it in do_everything, and say whom it concerns"


def posted(app: FastAPI) -> set[str]:
    return {route.path for route in app.routes if isinstance(route, Route) and "POST" in (route.methods or set())}
