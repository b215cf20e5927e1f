"""Does a way in end when it should, and is none kept where it could be read?"""

import re
from collections.abc import Iterator

import httpx
import pytest

from calltime_server.people import passwords, sign_in
from calltime_server.people.sign_in import Browser, Refused
from calltime_server.rights import Person, Role
from calltime_server.store import credentials
from calltime_server.store.connection import RowRefused, connect, execute, fetch
from calltime_server.store.messages import WAITS, note_failed, take_due
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.web.guard import COOKIE
from fixtures.long_work import do_all_work
from fixtures.office import Pass, csrf_of, let_in, open_office
from fixtures.people import PASSWORD, make_account, make_link
from fixtures.small_day import EVENING

CHOSEN = "seven quiet lamps over the weir"


@pytest.fixture
def address(postgres_database: str) -> Iterator[str]:
    with open_office(postgres_database, now=lambda: EVENING) as address:
        yield address


def with_password(dsn: str, let: Pass) -> Pass:
    with connect(dsn) as connection:
        credentials.set_password(connection, let.who.id, passwords.hash_of(PASSWORD))
    return let


def post(address: str, dsn: str, let: Pass, path: str, **sent: str) -> httpx.Response:
    return httpx.post(address + path, data={"csrf": csrf_of(dsn, let), **sent}, cookies={COOKIE: let.session}, timeout=30)


def status_of_token(address: str, let: Pass) -> int:
    return httpx.get(f"{address}/api/v1/visits", headers={"Authorization": f"Bearer {let.token}"}, timeout=30).status_code


def test_a_change_of_password_ends_the_tokens_that_the_person_made(address: str, postgres_database: str) -> None:
    officer = with_password(postgres_database, let_in(postgres_database))
    assert status_of_token(address, officer) == 200

    done = post(address, postgres_database, officer, "/settings/me/password", old=PASSWORD, password=CHOSEN, again=CHOSEN)

    assert done.headers["Location"] == "/settings/me?done=password"
    assert status_of_token(address, officer) == 401


def test_a_reset_of_the_second_step_ends_the_tokens_of_the_person(address: str, postgres_database: str) -> None:
    officer, administrator = let_in(postgres_database), let_in(postgres_database, Role.ADMINISTRATOR)

    done = post(address, postgres_database, administrator, f"/people/{officer.who.id}/link", reset="yes")

    assert done.status_code == 200
    assert status_of_token(address, officer) == 401


def test_whoever_has_no_password_is_asked_for_none_and_can_set_one(address: str, postgres_database: str) -> None:
    officer = let_in(postgres_database)
    page = httpx.get(f"{address}/settings/me", cookies={COOKIE: officer.session}, timeout=30).text
    done = post(address, postgres_database, officer, "/settings/me/password", password=CHOSEN, again=CHOSEN)

    assert "Set password" in page
    assert not any(says in page for says in ("Current password", "Change password", "another app"))
    assert done.headers["Location"] == "/settings/me?done=password-set"


@pytest.mark.parametrize("way", ["app", "passkey", "recovery"])
def test_whoever_finds_an_open_page_adds_no_way_in(address: str, postgres_database: str, way: str) -> None:
    officer = with_password(postgres_database, let_in(postgres_database))

    without = post(address, postgres_database, officer, f"/settings/me/{way}")
    guessed = post(address, postgres_database, officer, f"/settings/me/{way}", **{f"confirm_{way}": "not this one"})

    assert (without.status_code, guessed.status_code) == (422, 422)
    assert "This is not your current password" in guessed.text
    with connect(postgres_database) as connection:
        assert fetch(connection, "SELECT count(*) FROM recovery_code", {}) == [(0,)]


def test_with_the_password_new_recovery_codes_are_made(address: str, postgres_database: str) -> None:
    officer = with_password(postgres_database, let_in(postgres_database))

    made = post(address, postgres_database, officer, "/settings/me/recovery", confirm_recovery=PASSWORD)

    assert len(re.findall(r"<code>(?:[a-z2-9]{4}-){3}[a-z2-9]{4}</code>", made.text)) == 10


def test_an_account_that_an_organisation_vouches_for_has_no_other_way_in(address: str, postgres_database: str) -> None:
    ada = make_account(postgres_database)
    old_link = make_link(postgres_database, ada.who, "invitation")
    administrator = let_in(postgres_database, Role.ADMINISTRATOR)
    with connect(postgres_database) as connection:
        execute(connection, "UPDATE person SET issuer = 'https://sign.example.org' WHERE person = %(p)s", {"p": ada.who.id})

    link = post(address, postgres_database, administrator, f"/people/{ada.who.id}/link")
    database, browser = OfficeDatabase(postgres_database), Browser(address="192.0.2.1", agent="")
    try:
        by_password = sign_in.by_password(database, ada.email, PASSWORD, browser, now=EVENING)
        by_link = sign_in.by_link(database, old_link.rpartition("/")[2], "", CHOSEN, browser, now=EVENING)
    finally:
        database.close()

    assert link.status_code == 409
    assert (by_password, by_link) == (Refused(), Refused())


BEA = {"name": "Bea Evans", "email": "bea@example.org", "role": "officer"}


def test_a_link_that_a_program_is_told_is_kept_nowhere_and_told_once(address: str, postgres_database: str) -> None:
    administrator = let_in(postgres_database, Role.ADMINISTRATOR)
    headers = {"Authorization": f"Bearer {administrator.token}", "Idempotency-Key": "one"}
    with httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=30) as client:
        first = client.post("/people", json=BEA)
        again = client.post("/people", json=BEA)

    assert first.status_code == 201
    assert (again.status_code, again.json()["type"]) == (409, "urn:calltime:problem:told-once")
    secret = first.json()["link"].rpartition("/")[2]
    with connect(postgres_database) as connection:
        kept = fetch(connection, "SELECT status, body FROM idempotent_answer", {})
        noted = [did for (did,) in fetch(connection, "SELECT did FROM audit WHERE token IS NOT NULL ORDER BY number", {})]
    assert kept == [(201, None)]
    assert secret not in again.text
    assert noted == ["invited a person", "was told again what a write had come to"]


def test_an_invitation_that_was_given_up_says_nothing_any_more(postgres_database: str) -> None:
    with connect(postgres_database) as connection:
        execute(
            connection,
            "INSERT INTO message (email, event, subject, body, made_at, not_before, tried) "
            "VALUES ('a@example.org', 'invitation', 's', 'a way in', %(now)s, %(now)s, %(most)s)",
            {"now": EVENING, "most": len(WAITS)},
        )
        (due,) = take_due(connection, now=EVENING, limit=1)
        note_failed(connection, due.message, says="no", now=EVENING)
        assert fetch(connection, "SELECT body, given_up_at IS NOT NULL FROM message", {}) == [("", True)]


def test_a_token_that_was_revoked_is_never_good_again(postgres_database: str) -> None:
    officer = let_in(postgres_database)
    database = OfficeDatabase(postgres_database)
    try:
        with database.as_person(officer.who) as connection:
            execute(connection, "UPDATE api_token SET revoked_at = %(now)s", {"now": EVENING})
        with database.as_person(officer.who) as connection:
            assert execute(connection, "UPDATE api_token SET revoked_at = NULL", {}) == 0
    finally:
        database.close()


ASK = (
    "INSERT INTO work (kind, asked, person, by_name, provider, asked_at) "
    "VALUES (%(kind)s, '{}', %(person)s, 'x', %(provider)s, '2026-10-05 20:00Z')"
)
MAY_ASK = [
    (Role.OFFICER, "export", True),
    (Role.APPROVER, "bundle", True),
    (Role.APPROVER, "subject-access", False),
    (Role.AUDITOR, "subject-access", False),
    (Role.AUDITOR, "settle", False),
    (Role.PROVIDER, "report", False),
    (Role.PROVIDER, "subject-access", False),
    (Role.ADMINISTRATOR, "report", False),
    (Role.ADMINISTRATOR, "subject-access", True),
    (Role.OFFICER, "whatever comes", False),
]


def test_the_database_lets_each_role_ask_for_its_own_kinds_of_work_alone(postgres_database: str) -> None:
    database = OfficeDatabase(postgres_database)

    def may(who: Person, kind: str) -> bool:
        try:
            with database.as_person(who) as connection:
                execute(connection, ASK, {"kind": kind, "person": who.id, "provider": who.provider})
        except RowRefused:
            return False
        return True

    try:
        people = {role: let_in(postgres_database, role, provider="P" if role is Role.PROVIDER else None).who for role, *_ in MAY_ASK}
        assert [(role, kind, may(people[role], kind)) for role, kind, _ in MAY_ASK] == MAY_ASK
    finally:
        database.close()


def test_work_of_somebody_whose_role_has_changed_is_not_done(postgres_database: str) -> None:
    officer = let_in(postgres_database)
    with connect(postgres_database) as connection:
        execute(connection, ASK, {"kind": "subject-access", "person": officer.who.id, "provider": None})
        execute(connection, "UPDATE person SET role = 'auditor' WHERE person = %(p)s", {"p": officer.who.id})

    do_all_work(postgres_database)

    with connect(postgres_database) as connection:
        ((failed, says),) = fetch(connection, "SELECT failed, says FROM work", {})
    assert failed
    assert says.startswith("This is not for whoever asked for it")


BROUGHT = (
    "INSERT INTO brought_visit (provider, their_id, service_user, carer, started, noted_by, noted_at) "
    "VALUES ('P', 'v1', 'H1', 'C1', %(started)s, 'x', %(noted)s)"
)


def test_a_brought_visit_is_not_moved_off_a_locked_day_nor_noted_as_if_before_the_lock(postgres_database: str) -> None:
    coordinator = let_in(postgres_database, Role.PROVIDER, provider="P")
    with connect(postgres_database) as connection:
        execute(connection, BROUGHT, {"started": "2026-07-01 09:00Z", "noted": "2026-07-01 12:00Z"})
        execute(
            connection,
            "INSERT INTO planned_visit (visit_id, service_user, provider, planned_start, planned_minutes, carers, zone, service) "
            "VALUES ('p1', 'H1', 'P', '2026-07-09 09:00Z', 30, 1, 'Z', 'S')",
            {},
        )
        execute(
            connection,
            "INSERT INTO lock_date (locked_through, locks_at, noted_by, noted_at) "
            "VALUES ('2026-07-05', '2026-07-06 00:00Z', 'x', '2026-07-06 00:00Z')",
            {},
        )
        execute(
            connection,
            "INSERT INTO audit (at, name, role, did) VALUES ('2026-07-09 20:00Z', 'x', 'officer', 'looked')",
            {},
        )
    database = OfficeDatabase(postgres_database)
    try:
        for started, noted in (("2026-07-08 09:00Z", "2026-07-09 20:00Z"), ("2026-07-02 09:00Z", "2026-07-03 12:00Z")):
            with pytest.raises(RowRefused), database.as_person(coordinator.who) as connection:
                execute(connection, BROUGHT, {"started": started, "noted": noted})
        with database.as_person(coordinator.who) as connection:
            unlocked = BROUGHT.replace("'v1'", "'v2'")
            assert execute(connection, unlocked, {"started": "2026-07-08 09:00Z", "noted": "2026-07-09 20:00Z"}) == 1
    finally:
        database.close()
