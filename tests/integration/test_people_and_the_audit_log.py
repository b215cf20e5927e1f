"""Does an administrator keep the accounts, and nobody their own; and can it be read afterwards who did what?"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from calltime_server.config import Keeping
from calltime_server.jobs.tend import tend
from calltime_server.rights import Role
from calltime_server.store.connection import connect, execute, fetch
from fixtures.office import Pass, csrf_of, let_in, office
from fixtures.people import browser_at
from fixtures.small_day import EVENING, SmallDay

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/sign-in/link/[\w-]+)")
COORDINATOR = {"name": "Bea Evans", "email": "Bea.Evans@example.org", "role": "provider", "provider": "North Care"}


@pytest.fixture
def keeper(small_day: SmallDay) -> Pass:
    return let_in(small_day.dsn, Role.ADMINISTRATOR)


@pytest.fixture
def client(small_day: SmallDay, keeper: Pass) -> Iterator[httpx.Client]:
    with office(small_day.dsn, let=keeper) as asking:
        yield asking


def send(client: httpx.Client, small_day: SmallDay, keeper: Pass, path: str, **written: str) -> httpx.Response:
    return client.post(path, data={"csrf": csrf_of(small_day.dsn, keeper), **written})


def test_an_invitation_is_a_link_that_is_shown_once_and_leads_in(client: httpx.Client, small_day: SmallDay, keeper: Pass) -> None:
    page = send(client, small_day, keeper, "/people/new", **COORDINATOR)
    link = LINK.search(page.text)

    assert link is not None
    with browser_at(str(client.base_url)) as browser:
        assert "Welcome, Bea Evans" in browser.get(link[1]).text
        assert "bea.evans@example.org" in browser.get(link[1]).text
    assert "Bea Evans" in client.get("/people?find=north").text
    assert "Bea Evans" not in client.get("/people?find=south").text


def test_all_faults_of_an_invitation_are_told_at_once_and_what_was_written_stays(
    client: httpx.Client, small_day: SmallDay, keeper: Pass
) -> None:
    page = send(client, small_day, keeper, "/people/new", name="", email="no address", role="provider", provider="")

    assert page.status_code == 422
    for says in ("Write the person&#39;s name", "Write an e-mail address", "Write the provider for whom"):
        assert says in page.text
    assert 'value="no address"' in page.text
    send(client, small_day, keeper, "/people/new", **COORDINATOR)
    assert "with this e-mail address already" in send(client, small_day, keeper, "/people/new", **COORDINATOR).text


def test_a_provider_that_nobody_knows_is_refused_with_the_nearest_and_an_old_one_may_stay(
    client: httpx.Client, small_day: SmallDay, keeper: Pass
) -> None:
    mistyped = COORDINATOR | {"provider": "Nroth Care"}
    page = send(client, small_day, keeper, "/people/new", **mistyped)
    by_program = client.post("/api/v1/people", json=mistyped)
    old = let_in(small_day.dsn, Role.PROVIDER, provider="Closed Care")
    renamed = send(client, small_day, keeper, f"/people/{old.who.id}", name="Bea", role="provider", provider="Closed Care")

    assert (page.status_code, by_program.status_code) == (422, 422)
    assert "The nearest that is known is “North Care”" in page.text
    assert "The nearest that is known is “North Care”" in by_program.json()["detail"]
    assert "The account was changed." in renamed.text


def test_nobody_raises_or_disables_themselves(client: httpx.Client, small_day: SmallDay, keeper: Pass) -> None:
    own = f"/people/{keeper.who.id}"

    assert send(client, small_day, keeper, own, name="x", role="approver").status_code == 409
    assert send(client, small_day, keeper, f"{own}/disable").status_code == 409
    assert send(client, small_day, keeper, f"{own}/link").status_code == 409
    assert client.get("/people").status_code == 200


def test_who_is_disabled_is_out_with_all_sessions_and_tokens(client: httpx.Client, small_day: SmallDay, keeper: Pass) -> None:
    officer = let_in(small_day.dsn)
    with httpx.Client(base_url=client.base_url, headers=officer.headers) as theirs:
        assert theirs.get("/settings/me").status_code == 200
        send(client, small_day, keeper, f"/people/{officer.who.id}/disable")

        assert theirs.get("/settings/me").status_code == 303
        assert theirs.get("/api/v1/tokens").status_code == 401
        send(client, small_day, keeper, f"/people/{officer.who.id}/enable")
        assert theirs.get("/api/v1/tokens").status_code == 401  # a token that was revoked stays revoked


def test_another_role_signs_out_and_revokes(client: httpx.Client, small_day: SmallDay, keeper: Pass) -> None:
    officer = let_in(small_day.dsn)
    page = send(client, small_day, keeper, f"/people/{officer.who.id}", name="Officer", role="auditor")

    assert "The account was changed." in page.text
    with connect(small_day.dsn) as connection:
        assert fetch(connection, "SELECT count(*) FROM session WHERE person = %(p)s", {"p": officer.who.id}) == [(0,)]
        query = "SELECT count(*) FROM api_token WHERE made_by = %(p)s AND revoked_at IS NULL"
        assert fetch(connection, query, {"p": officer.who.id}) == [(0,)]


def test_resetting_takes_every_way_in_away_and_gives_a_link(client: httpx.Client, small_day: SmallDay, keeper: Pass) -> None:
    officer = let_in(small_day.dsn)
    with connect(small_day.dsn) as connection:
        execute(connection, "UPDATE person SET totp_secret = 'X', password_hash = 'Y' WHERE person = %(p)s", {"p": officer.who.id})
    page = send(client, small_day, keeper, f"/people/{officer.who.id}/link", reset="yes")

    assert LINK.search(page.text)
    with connect(small_day.dsn) as connection:
        kept = fetch(connection, "SELECT totp_secret, password_hash FROM person WHERE person = %(p)s", {"p": officer.who.id})
    assert kept == [(None, None)]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.AUDITOR])
def test_only_administrators_keep_accounts(small_day: SmallDay, role: Role) -> None:
    with office(small_day.dsn, let=let_in(small_day.dsn, role)) as asking:
        assert asking.get("/people").status_code == 403
        assert asking.get("/people/new").status_code == 403


def test_a_long_list_comes_in_parts_and_leaves_nobody_out(client: httpx.Client, small_day: SmallDay) -> None:
    with connect(small_day.dsn) as connection:
        execute(
            connection,
            """
            INSERT INTO person (name, email, role, made_by, made_at)
            SELECT 'Somebody ' || mod(n, 7), 'p' || n || '@example.org', 'officer', 'a test', now() FROM generate_series(1, 120) AS n
            """,
            {},
        )
    seen: set[str] = set()
    page = client.get("/people?find=somebody")
    while True:
        seen |= set(re.findall(r"p\d+@example\.org", page.text))
        following = re.search(r'href="([^"]+)" rel="next"', page.text)
        if following is None:
            break
        page = client.get(following[1].replace("&amp;", "&"))
    assert len(seen) == 120


def test_who_looked_at_a_service_user_is_found_in_one_search(client: httpx.Client, small_day: SmallDay) -> None:
    with office(small_day.dsn, let=let_in(small_day.dsn)) as officers:
        officers.get("/actuals/V1")
        officers.get("/actuals/V2")
    page = client.get("/audit", params={"about": "service_user", "value": "S1"})

    assert "visit V1" in page.text
    assert "visit V2" not in page.text


def test_the_log_is_a_file_too_in_which_no_name_is_a_formula(client: httpx.Client, small_day: SmallDay, keeper: Pass) -> None:
    with connect(small_day.dsn) as connection:
        execute(connection, "UPDATE person SET name = '=1+1' WHERE person = %(p)s", {"p": keeper.who.id})
    client.get("/people")
    answer = client.get("/audit", params={"did": "looked at the accounts", "format": "csv"})

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["did"] for row in rows] == ["looked at the accounts"]
    assert rows[0]["name"] == "'=1+1"


def test_what_is_too_old_is_let_go_and_noted_and_the_audit_log_keeps_its_lock(small_day: SmallDay, keeper: Pass) -> None:
    with connect(small_day.dsn) as connection:
        for years in (1, 8):
            execute(
                connection,
                "INSERT INTO audit (at, name, role, did) VALUES (%(at)s, 'x', 'officer', 'looked')",
                {"at": EVENING - timedelta(days=365 * years)},
            )
        execute(
            connection,
            "INSERT INTO sign_in_attempt (at, account, address, succeeded) VALUES (%(at)s, '\\x00', '192.0.2.1', false)",
            {"at": EVENING - timedelta(days=91)},
        )
    with connect(small_day.dsn) as connection:
        done = tend(connection, now=EVENING, keep_years=None, keeping=Keeping())
    with connect(small_day.dsn) as connection:
        noted = fetch(connection, "SELECT kind, rows FROM let_go ORDER BY kind", {})
        left = fetch(connection, "SELECT count(*) FROM audit WHERE did = 'looked'", {})

    assert noted == [("audit", 1), ("sessions and attempts", 1)] == sorted((each.kind, each.rows) for each in done.let_go)
    assert left == [(1,)]
    with connect(small_day.dsn) as connection, pytest.raises(Exception, match="DELETE on audit is refused"):
        execute(connection, "DELETE FROM audit", {})
