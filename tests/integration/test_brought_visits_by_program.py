"""Can a provider's own system bring its visits by itself, and nobody else's?"""

from collections.abc import Iterator
from datetime import timedelta
from importlib import resources

import httpx
import psycopg
import pytest

from calltime_server.jobs.bring_visits import Bringing, bring_visits, read_visits
from calltime_server.rights import Role
from calltime_server.store import ledger
from calltime_server.store.connection import connect
from fixtures.office import let_in, open_office
from fixtures.small_day import EVENING, SmallDay

NORTH, SOUTH = "North Care", "South & West Care"
VISIT = {"service_user": "S4", "carer": "C9", "started": "2026-10-05T10:02:00Z", "ended": "2026-10-05T10:32:00Z"}


@pytest.fixture
def address(small_day: SmallDay) -> Iterator[str]:
    with open_office(small_day.dsn, now=lambda: EVENING, sends_mail=True) as found:
        yield f"{found}/api/v1"


def program(small_day: SmallDay, address: str, provider: str) -> httpx.Client:
    let = let_in(small_day.dsn, Role.PROVIDER, provider=provider)
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {let.token}"}, timeout=30)


def test_a_visit_is_brought_corrected_and_withdrawn_and_all_of_it_is_kept(small_day: SmallDay, address: str) -> None:
    with program(small_day, address, NORTH) as client:
        answers = [
            client.put("/brought-visits/X4", json=visit)
            for visit in (VISIT, VISIT, VISIT | {"ended": "2026-10-05T10:22:00Z"}, VISIT | {"withdrawn": True})
        ]
        listed = client.get("/brought-visits", params={"their_id": "X4"}).json()["items"]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert [(each["became"], each["ended"]) for each in listed] == [
        ("withdrawn", "2026-10-05T10:22:00Z"),
        ("replaced", "2026-10-05T10:22:00Z"),
        ("replaced", "2026-10-05T10:32:00Z"),
    ]


def test_many_are_taken_or_none_with_every_fault(small_day: SmallDay, address: str) -> None:
    wrong = [VISIT | {"their_id": "a", "service_user": "S5"}, VISIT | {"their_id": "b", "started": None, "ended": None}]
    with program(small_day, address, NORTH) as client:
        refused = client.post("/brought-visits", json={"visits": [VISIT | {"their_id": "c"}, *wrong]})
        taken = client.post("/brought-visits", json={"visits": [VISIT | {"their_id": "c"}]})

    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/visits/1/service_user", "#/visits/2/started"]
    assert taken.json() == {"new": 1, "corrected": 0, "withdrawn": 0, "unchanged": 0, "not_agreed": 1}


def test_what_cannot_be_read_of_a_file_and_what_cannot_be_true_of_it_is_told_at_once(small_day: SmallDay) -> None:
    rows, unread = read_visits(
        b"their_id,service_user,carer,started,ended,withdrawn\n"
        b"a,S4,C9,05/10/2026 11:02,2026-10-05 11:32,\n"
        b"b,S5,C9,2026-10-05 11:02,2026-10-05 10:32,\n"
        b"c,S4,C9,2026-10-05 11:02,2026-10-05 11:32,perhaps\n"
    )
    with connect(small_day.dsn) as looking:
        found = bring_visits(looking, rows, provider=NORTH, by="t", for_council=True, clock=lambda: EVENING, dry_run=True, unread=unread)

    assert isinstance(found, tuple)
    assert [(fault.line, fault.column) for fault in found] == [(2, "started"), (3, "ended"), (3, "service_user"), (4, "withdrawn")]


def test_the_example_file_can_be_read() -> None:
    example = resources.files("calltime_server.web").joinpath("static", "brought-visits-example.csv").read_bytes()

    rows, unread = read_visits(example)

    assert (len(rows), unread) == (3, ())


def test_no_provider_sees_or_brings_for_another(small_day: SmallDay, address: str) -> None:
    with program(small_day, address, NORTH) as north, program(small_day, address, SOUTH) as south:
        north.put("/brought-visits/X4", json=VISIT)

        assert south.get("/brought-visits").json()["items"] == []
        assert south.put("/brought-visits/X4", json=VISIT, params={"provider": NORTH}).status_code == 403
        assert south.put("/brought-visits/X4", json=VISIT).status_code == 422


def test_a_locked_day_is_brought_no_more(small_day: SmallDay, address: str) -> None:
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute("INSERT INTO lock_date (locked_through, noted_by, noted_at) VALUES ('2026-10-05', 'an officer', %s)", [EVENING])
    with program(small_day, address, NORTH) as client:
        answer = client.put("/brought-visits/X4", json=VISIT)

    assert answer.status_code == 422
    assert "is locked" in answer.json()["errors"][0]["detail"]


def test_a_program_has_a_test_of_alerts_sent_to_the_address_that_is_set(small_day: SmallDay, address: str) -> None:
    with program(small_day, address, NORTH) as client:
        without = client.post("/alert-settings/test")
        client.put("/alert-settings", json={"late_minutes": 15, "email": "rota@example.org"})
        answers = [client.post("/alert-settings/test") for _ in range(6)]

    assert without.status_code == 409
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].json() == {"email": "rota@example.org"}
    with psycopg.connect(small_day.dsn) as connection:
        assert connection.execute("SELECT count(*), min(email) FROM message WHERE event = 'test'").fetchone() == (5, "rota@example.org")


def test_whoever_only_looks_waits_for_no_settlement(small_day: SmallDay) -> None:
    visit = {
        "their_id": "X4",
        "service_user": "S4",
        "carer": "C9",
        "started": EVENING - timedelta(hours=11),
        "ended": None,
        "withdrawn": False,
    }
    with connect(small_day.dsn) as settling, connect(small_day.dsn) as looking:
        ledger.lock(settling)
        looking.execute("SET lock_timeout = '100ms'")
        found = bring_visits(looking, [(1, visit)], provider=NORTH, by="t", for_council=True, clock=lambda: EVENING, dry_run=True)
        assert isinstance(found, Bringing)
        looking.rollback()

    assert (found.new, found.not_agreed) == (1, 1)
