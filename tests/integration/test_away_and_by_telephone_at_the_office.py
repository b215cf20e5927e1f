"""What does the office make of a tap by telephone, and of one away from the home, and who may keep lines, numbers and PINs?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import polars as pl
import psycopg
import pytest

from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.inputs import read_badges, read_clocks, read_taps
from calltime_server.store.visit_log import read_marks, unmark
from calltime_server.visits.pairing import Paired, pair
from calltime_server.visits.retiming import retime
from calltime_server.visits.whose import resolve
from calltime_wire.ed25519 import Ed25519Signer
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import Pass, csrf_of, let_in, office
from fixtures.small_day import BOOT, DAY, EVENING, SmallDay, signer_of

START, END = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC)
TELEPHONE, PIN = "tel_ncmjytl3ir5hb2ieoezyu6zr5q", "pin_d5pqn7ro4nmmo2sl6lfudb2quy"


@pytest.fixture
def day(small_day: SmallDay) -> SmallDay:
    """The small day with a line besides; C1 works for North Care."""
    with psycopg.connect(small_day.dsn) as connection:
        line = signer_of("the line")
        connection.execute(
            "INSERT INTO door (device, alg, public_key, line, enrolled_at) VALUES (%s, 'EdDSA', %s, 'line-1', %s)",
            (line.device, line.public_key, START),
        )
        connection.execute(
            "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES ('C1', 'North Care', '2026-04-06', 'x', %s)",
            (EVENING,),
        )
    return small_day


@pytest.fixture
def north(day: SmallDay) -> Pass:
    return let_in(day.dsn, Role.PROVIDER, provider="North Care")


@pytest.fixture
def desk(day: SmallDay, north: Pass) -> Iterator[httpx.Client]:
    with office(day.dsn, let=north) as client:
        yield client


def send(desk: httpx.Client, day: SmallDay, let: Pass, path: str, **fields: object) -> httpx.Response:
    return desk.post(path, data={"csrf": csrf_of(day.dsn, let), **fields})


def write(day: SmallDay, door: Ed25519Signer, seq: int, clock: str, action: str, *seen: str) -> None:
    """Store a tap as the gateway would: place_via, place_ref, carer_via, carer_ref."""
    at = datetime.fromisoformat(f"2026-10-05T{clock}+00:00")
    with psycopg.connect(day.dsn) as connection:
        connection.execute(
            """
            INSERT INTO tap (time, device, seq, action, place_via, place_ref, carer_via, carer_ref,
                             boot, up_ms, sync, error_ms, received_at, jws)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 'ntp', 5, %s, 'a.b.c')
            """,
            (at, door.device, seq, action, *seen, BOOT, at),
        )


def contacts(day: SmallDay) -> Paired:
    with connect(day.dsn) as connection:
        said = read_taps(connection, start=START, end=END)
        clocks, badges = read_clocks(connection, start=START, end=END), read_badges(connection)
    return pair(resolve(retime(said, clocks), badges).taps, debounce_seconds=60, longest_hours=16)


def of(found: Paired, service_user: str) -> list[tuple[object, ...]]:
    mine = found.contacts.filter(pl.col("service_user") == service_user)
    return mine.select("carer", "start_grade", "stop_grade", pl.col("contact_seconds")).rows()


def test_a_visit_that_began_at_the_tag_is_ended_by_telephone(day: SmallDay, desk: httpx.Client, north: Pass) -> None:
    write(day, signer_of("the line"), 1, "09:31:00", "stop", "line", TELEPHONE, "pin", PIN)
    strange = contacts(day).problems.filter(pl.col("seq") == 1, pl.col("device") == signer_of("the line").device)

    hung = send(desk, day, north, "/doors/tags/hang", tag=TELEPHONE, service_user="S3")
    given = send(desk, day, north, "/carers/C1/badges", uid=PIN.upper())

    assert sorted(strange["kind"].to_list()) == ["unknown_badge", "unknown_tag"]
    assert (hung.status_code, given.status_code) == (200, 200)
    assert of(contacts(day), "S3") == [("C1", 2, 2, 1800)]


def test_whoever_says_whose_a_number_is_has_its_day_looked_at_anew(day: SmallDay, desk: httpx.Client, north: Pass) -> None:
    write(day, signer_of("the line"), 1, "09:31:00", "stop", "line", TELEPHONE, "pin", PIN)
    log_days_now(day.dsn, DAY, now=EVENING)
    with connect(day.dsn) as connection:
        for mark in read_marks(connection, now=EVENING, near=DAY):
            unmark(connection, mark)

    send(desk, day, north, "/doors/tags/hang", tag=TELEPHONE, service_user="S3")

    with connect(day.dsn) as connection:
        assert [mark.day for mark in read_marks(connection, now=EVENING, near=DAY)] == [DAY]


def test_a_visit_away_from_home_is_a_visit_of_grade_nought(day: SmallDay) -> None:
    phone = signer_of("C1")
    write(day, phone, 90, "10:00:00", "start", "away", "S4", "device", "C1")
    write(day, phone, 91, "10:30:00", "stop", "nfc", "tag-of-S4", "device", "C1")

    assert of(contacts(day), "S4") == [("C1", 0, 2, 1800)]


def test_paper_with_the_name_of_a_telephone_counts_for_nothing(day: SmallDay, desk: httpx.Client, north: Pass) -> None:
    send(desk, day, north, "/doors/tags/hang", tag=TELEPHONE, service_user="S4")
    write(day, signer_of("C1"), 90, "10:00:00", "start", "qr", TELEPHONE, "device", "C1")

    assert contacts(day).problems.filter(pl.col("seq") == 90)["kind"].to_list() == ["unknown_tag"]


def test_a_telephone_is_no_tag_that_hangs_at_the_home(day: SmallDay, desk: httpx.Client, north: Pass) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute("DELETE FROM tag WHERE service_user = 'S4'")
    send(desk, day, north, "/doors/tags/hang", tag=TELEPHONE, service_user="S4")

    without = read_page(desk.get("/doors/tags", params={"which": "without"}).text)
    assert "none yet, by telephone" in without.text
    assert TELEPHONE not in without.text


def test_the_council_alone_makes_the_code_of_a_line_and_sees_its_door(day: SmallDay, desk: httpx.Client, north: Pass) -> None:
    refused = send(desk, day, north, "/doors/new", kind="line", reference="line-2")
    officer = let_in(day.dsn, Role.OFFICER)
    with office(day.dsn, let=officer) as council:
        made = send(council, day, officer, "/doors/new", kind="line", reference="line-2")
        lines = read_page(council.get("/doors", params={"kind": "line"}).text)

    assert refused.status_code == 422
    assert "serves every provider" in refused.text
    assert made.status_code == 201
    assert "Code for the telephone line line-2" in read_page(made.text).text
    assert [row[0] for row in lines.tables[0].rows[1:]] == ["line-1 telephone"]
    assert "line-1" not in desk.get("/doors").text
    with psycopg.connect(day.dsn) as connection:
        assert connection.execute("SELECT line FROM enrolment").fetchall() == [("line-2",)]
