"""What is a phone told, and how does it prove that it may know? By its own key, and a number that the office has just given out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from calltime_server.config import Phones
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place, add_door, revoke_door
from calltime_wire import jws
from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.identity import device_id
from fixtures.logged import log_days_now
from fixtures.office import open_office
from fixtures.people import Clock
from fixtures.plain_doors import Es256Signer
from fixtures.small_day import DAY, EVENING, SmallDay, signer_of

NORTH, SOUTH = "North Care", "South & West Care"
C1 = signer_of("C1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone that knows its key and nothing else."""

    client: httpx.Client
    signer: Ed25519Signer | Es256Signer

    def nonce(self) -> str:
        return str(self.client.get("/api/v1/phone/time").json()["nonce"])

    def ask(self, *, device: str | None = None, nonce: str | None = None, tags: Sequence[str] | None = None, **more: Any) -> httpx.Response:
        device = device or device_id(self.signer.public_key)
        said = {"type": "calltime.mine.v1", "device": device, "nonce": nonce or self.nonce()} | more
        if tags is not None:
            said["tags"] = list(tags)
        return self.client.post("/api/v1/phone/mine", json={"request": jws.sign(json.dumps(said).encode(), self.signer)})

    def mine(self, **asked: Any) -> dict[str, Any]:
        answer = self.ask(**asked)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def day(small_day: SmallDay) -> SmallDay:
    """The small day in the visit log, with C1 and C2 at North Care and C3 at the other."""
    with connect(small_day.dsn) as connection:
        for carer, provider in (("C1", NORTH), ("C2", NORTH), ("C3", SOUTH)):
            connection.execute(
                "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES (%s, %s, '2026-04-06', 'x', %s)",
                (carer, provider, EVENING),
            )
        connection.execute("INSERT INTO home_called VALUES ('S1', 'M. J.', 'x', %s)", (EVENING,))
    log_days_now(small_day.dsn, DAY)
    return small_day


@pytest.fixture
def clock() -> Clock:
    return Clock(EVENING)


@contextmanager
def client_of(day: SmallDay, clock: Clock, *, phones: Phones | None = None) -> Iterator[httpx.Client]:
    with open_office(day.dsn, now=clock, phones=phones) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def phone(day: SmallDay, clock: Clock) -> Iterator[Phone]:
    """The phone of C1."""
    with client_of(day, clock) as client:
        yield Phone(client=client, signer=C1)


def plan(dsn: str, visit: str, home: str, provider: str, at: datetime) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO planned_visit VALUES (%s, %s, %s, 'Z1', 'personal care', %s, 30, 1)", (visit, home, provider, at))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:calltime:problem:")


def test_anybody_is_told_what_time_it_is(phone: Phone) -> None:
    answer = phone.client.get("/api/v1/phone/time")

    assert answer.status_code == 200
    assert answer.json()["now"] == "2026-10-05T21:00:00Z"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_phone_is_told_its_carers_visits_and_the_homes_of_two_weeks(phone: Phone) -> None:
    told = phone.mine()

    assert (told["now"], told["carer"], told["language"], told["position"]) == ("2026-10-05T21:00:00Z", "C1", None, False)
    assert told["homes"] == [
        {"tag": "tag-of-S1", "service_user": "S1", "called": "M. J."},
        {"tag": "tag-of-S2", "service_user": "S2", "called": "S2"},
        {"tag": "tag-of-S3", "service_user": "S3", "called": "S3"},
    ]
    assert [(visit["service_user"], visit["started"], visit["ended"], visit["contact_seconds"]) for visit in told["visits"]] == [
        ("S1", "2026-10-05T07:04:10Z", "2026-10-05T07:31:55Z", 1665),
        ("S2", "2026-10-05T08:00:00Z", "2026-10-05T08:45:00Z", 2700),
        ("S3", "2026-10-05T09:01:00Z", None, 0),
    ]
    assert told["visits"][0]["planned_start"] == "2026-10-05T07:00:00Z"
    assert (told["visits"][0]["day"], told["visits"][0]["planned_minutes"], told["visits"][0]["waiting_seconds"]) == ("2026-10-05", 30, 0)


def test_another_carer_is_told_nothing_of_it(day: SmallDay, phone: Phone) -> None:
    other = Phone(client=phone.client, signer=signer_of("C3")).mine()

    assert other["carer"] == "C3"
    assert {home["service_user"] for home in other["homes"]} == {"S5"}  # nobody planned a visit at S6
    assert {visit["service_user"] for visit in other["visits"]} == {"S5", "S6"}
    assert {planned["visit"] for planned in other["planned"]} == {"V5", "V/6"}


def test_what_is_planned_is_told_for_a_week_at_these_homes_by_own_providers(day: SmallDay, phone: Phone) -> None:
    def in_days(days: int) -> datetime:
        return datetime(2026, 10, 5, 8, tzinfo=EVENING.tzinfo) + timedelta(days=days)

    plan(day.dsn, "tomorrow", "S1", NORTH, in_days(1))
    plan(day.dsn, "in six days", "S1", NORTH, in_days(6))
    plan(day.dsn, "in seven days", "S1", NORTH, in_days(7))
    plan(day.dsn, "yesterday", "S1", NORTH, in_days(-1))
    plan(day.dsn, "by another provider", "S1", SOUTH, in_days(1))
    plan(day.dsn, "at another home", "S4", NORTH, in_days(1))

    told = phone.mine()["planned"]

    assert [each["visit"] for each in told] == ["V1", "V2", "V3", "tomorrow", "in six days"]
    assert told[3] == {"visit": "tomorrow", "service_user": "S1", "start": "2026-10-06T08:00:00Z", "minutes": 30}


def test_a_home_is_forgotten_two_weeks_after_the_last_visit_and_visits_after_the_week_that_follows(phone: Phone, clock: Clock) -> None:
    clock.wait(days=8)  # Tuesday of the next week
    soon = phone.mine()
    clock.wait(days=6)  # Monday of the week after
    later = phone.mine()
    clock.wait(days=1)
    at_last = phone.mine()

    assert (len(soon["homes"]), len(soon["visits"])) == (3, 3)
    assert (len(later["homes"]), len(later["visits"])) == (3, 0)
    assert (at_last["homes"], at_last["planned"]) == ([], [])


def test_a_tag_that_the_phone_has_read_is_named_where_its_own_provider_visits_and_nowhere_else(day: SmallDay, phone: Phone) -> None:
    told = phone.mine(tags=["tag-of-S4", "tag-of-S5", "no-such-tag"])

    assert {"tag": "tag-of-S4", "service_user": "S4", "called": "S4"} in told["homes"]
    assert "V4" in {planned["visit"] for planned in told["planned"]}
    assert {home["service_user"] for home in told["homes"]} == {"S1", "S2", "S3", "S4"}


def test_a_tap_away_from_a_guessed_home_is_told_nothing_of_it(day: SmallDay, phone: Phone) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute(
            "UPDATE logged_visit SET service_user = 'S5', provider = %s, visit_id = NULL WHERE carer = 'C1' AND service_user = 'S2'",
            (SOUTH,),
        )

    told = phone.mine()

    assert [home["service_user"] for home in told["homes"]] == ["S1", "S3"]
    assert {planned["visit"] for planned in told["planned"]} == {"V1", "V3"}


def test_of_whom_nobody_knows_for_whom_she_works_a_tap_away_does_not_make_anybody_her_employer(day: SmallDay, phone: Phone) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute("ALTER TABLE carer_provider DISABLE TRIGGER USER")
        connection.execute("DELETE FROM carer_provider")
        connection.execute("ALTER TABLE carer_provider ENABLE TRIGGER USER")
        connection.execute("UPDATE logged_visit SET start_grade = 0, stop_grade = 0 WHERE carer = 'C1'")

    assert (phone.mine()["homes"], phone.mine()["planned"]) == ([], [])


def test_of_a_home_of_own_only_those_tags_are_told_that_the_carer_has_tapped(day: SmallDay, phone: Phone) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute("INSERT INTO tag VALUES ('second-of-S1', 'S1', %s)", (EVENING,))
        connection.execute("UPDATE logged_visit SET service_user = 'S4' WHERE carer = 'C1' AND service_user = 'S2'")

    homes = [(home["tag"], home["service_user"]) for home in phone.mine()["homes"]]
    asked = [(home["tag"], home["service_user"]) for home in phone.mine(tags=["second-of-S1"])["homes"]]

    assert homes == [("tag-of-S1", "S1"), ("tag-of-S3", "S3"), (None, "S4")]
    assert asked == [("second-of-S1", "S1"), *homes]


def test_a_home_without_a_tag_is_told_all_the_same(day: SmallDay, phone: Phone) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute("DELETE FROM tag WHERE service_user = 'S1'")

    assert phone.mine()["homes"][0] == {"tag": None, "service_user": "S1", "called": "M. J."}


def test_a_carer_of_whom_nobody_knows_for_whom_she_works_is_told_the_plan_of_those_for_whom_she_came(day: SmallDay, phone: Phone) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute("ALTER TABLE carer_provider DISABLE TRIGGER USER")
        connection.execute("DELETE FROM carer_provider")
        connection.execute("ALTER TABLE carer_provider ENABLE TRIGGER USER")

    assert [each["visit"] for each in phone.mine()["planned"]] == ["V1", "V2", "V3"]


def test_a_phone_with_es256_is_told_the_same(day: SmallDay, phone: Phone) -> None:
    signer = Es256Signer(7)
    with connect(day.dsn) as connection:
        place = Place(carer="C1", home=None)
        add_door(connection, device=device_id(signer.public_key), alg="ES256", public_key=signer.public_key, place=place, now=EVENING)

    assert Phone(client=phone.client, signer=signer).mine() == phone.mine()


def test_language_and_position_are_those_of_the_account_and_the_council(day: SmallDay, clock: Clock) -> None:
    with psycopg.connect(day.dsn) as connection:
        connection.execute(
            "INSERT INTO person (name, email, role, provider, carer, language, made_by, made_at) "
            "VALUES ('Ann', 'ann@example.org', 'carer', %s, 'C1', 'cy', 'x', %s)",
            (NORTH, EVENING),
        )
    with client_of(day, clock, phones=Phones(position=True)) as client:
        told = Phone(client=client, signer=C1).mine()

    assert (told["language"], told["position"]) == ("cy", True)


def test_that_somebody_looked_is_noted_with_the_phone(day: SmallDay, phone: Phone) -> None:
    phone.mine()

    with psycopg.connect(day.dsn) as connection:
        noted = connection.execute("SELECT name, role, did, about FROM audit").fetchall()
    device = day.doors["C1"]
    assert noted == [(f"phone {device}", "carer", "looked at own visits", {"carer": "C1", "door": device})]


def test_a_revoked_phone_is_told_so_and_nothing_more(day: SmallDay, phone: Phone) -> None:
    with connect(day.dsn) as connection:
        revoke_door(connection, day.doors["C1"], now=EVENING)

    assert refusal(phone.ask()) == (403, "revoked-door")


def test_whoever_has_not_the_key_is_told_nothing_not_even_that_it_was_revoked(day: SmallDay, phone: Phone) -> None:
    thief = Phone(client=phone.client, signer=signer_of("a thief"))
    with connect(day.dsn) as connection:
        revoke_door(connection, day.doors["C1"], now=EVENING)

    assert refusal(thief.ask(device=day.doors["C1"])) == (403, "bad-signature")
    assert refusal(thief.ask()) == (403, "unknown-door")


def test_the_reader_of_a_home_is_no_phone(phone: Phone) -> None:
    assert refusal(Phone(client=phone.client, signer=signer_of("the reader at S5")).ask()) == (403, "not-a-phone")


def test_a_question_is_good_for_five_minutes_and_no_longer(phone: Phone, clock: Clock) -> None:
    nonce = phone.nonce()
    clock.wait(minutes=4, seconds=59)
    in_time = phone.ask(nonce=nonce)
    clock.wait(seconds=1)

    assert in_time.status_code == 200
    assert refusal(phone.ask(nonce=nonce)) == (403, "stale-nonce")
    assert phone.ask().status_code == 200


def test_a_copied_question_is_of_no_use_later(phone: Phone, clock: Clock) -> None:
    overheard = phone.ask().request.content
    clock.wait(minutes=5)
    again = phone.client.post("/api/v1/phone/mine", content=overheard, headers={"Content-Type": "application/json"})

    assert refusal(again) == (403, "stale-nonce")


def test_a_number_that_the_office_did_not_give_out_is_refused(day: SmallDay, phone: Phone) -> None:
    good = phone.nonce()
    later = ("B" if good[0] != "B" else "C") + good[1:]

    assert refusal(phone.ask(nonce=later)) == (403, "stale-nonce")
    assert refusal(phone.ask(nonce="x")) == (403, "stale-nonce")
    assert refusal(phone.ask(nonce=good[:11])) == (403, "stale-nonce")
    with psycopg.connect(day.dsn) as connection:  # of another office, or of this one after its secret was changed
        connection.execute("UPDATE office_secret SET secret = sha256('another')")
    assert refusal(phone.ask(nonce=good)) == (403, "stale-nonce")


def test_several_processes_of_the_office_know_each_others_numbers(day: SmallDay, phone: Phone, clock: Clock) -> None:
    with client_of(day, clock) as second:
        assert phone.ask(nonce=Phone(client=second, signer=C1).nonce()).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "calltime.enrolment.v1"},
        {"more": 1},
        {"tags": ["t"] * 9},
        {"tags": ["no tag at all"]},
        {"device": "d_0"},
        {"nonce": "x" * 65},
    ],
)
def test_what_is_no_question_of_a_phone_is_told_what_one_looks_like(phone: Phone, wrong: dict[str, Any]) -> None:
    answer = phone.ask(**wrong)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("This is not a question of a phone.")


@pytest.mark.parametrize("posted", [b"", b"{}", b'{"request": "a.b"}', b'{"request": "e30.e30.e30"}', b"\xff", b'{"request": 1}'])
def test_what_is_not_even_signed_is_told_the_same(phone: Phone, posted: bytes) -> None:
    answer = phone.client.post("/api/v1/phone/mine", content=posted)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("This is not a question of a phone.")
