"""How does a program come to a token, and how is one taken away from it? By a page, by a command, and by the API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from calltime_server.people import tokens
from calltime_server.rights import Right, Role
from calltime_server.store.connection import connect, fetch
from fixtures.office import Pass, csrf_of, let_in, office
from fixtures.small_day import EVENING

A_DAY = timedelta(days=1)


def made(dsn: str, let: Pass, called: str = "finance", *scopes: Right) -> tuple[str, int]:
    with connect(dsn) as connection:
        return tokens.make(connection, let.who, called=called, scopes=frozenset(scopes or {Right.SEE_VISITS}), lasts=A_DAY, now=EVENING)


def test_a_person_makes_a_token_that_is_shown_once_and_lets_a_program_in(postgres_database: str) -> None:
    let = let_in(postgres_database)
    with office(postgres_database, let=let) as client:
        form = {"csrf": csrf_of(postgres_database, let), "called": "finance", "scope": ["tokens:keep", "runs:read"], "days": "30"}
        shown = client.post("/settings/tokens", data=form)
        token = re.search(r"ct_[\w-]{43}", shown.text)
        assert token, shown.text
        listed = client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {token[0]}"}).json()["items"]
        again = client.get("/settings/tokens")

    assert shown.status_code == 201
    assert (listed[0]["called"], listed[0]["scopes"]) == ("finance", ["runs:read", "tokens:keep"])
    assert listed[0]["expires_at"] == (EVENING + timedelta(days=30)).isoformat().replace("+00:00", "Z")
    assert token[0] not in again.text
    with connect(postgres_database) as connection:
        assert token[0] not in str(fetch(connection, "SELECT * FROM api_token", {}) + fetch(connection, "SELECT * FROM audit", {}))


def test_all_that_is_wrong_with_the_form_is_told_at_once_and_what_was_typed_is_kept(postgres_database: str) -> None:
    let = let_in(postgres_database)
    with office(postgres_database, let=let) as client:
        answer = client.post("/settings/tokens", data={"csrf": csrf_of(postgres_database, let), "called": " ", "days": "400"})

    assert answer.status_code == 422
    for says in ("Say which program will use the token", "Write for how many days", "Choose what the program may do"):
        assert answer.text.count(says) == 2  # above the page, and at its field
    assert 'value="400"' in answer.text


def test_no_token_may_do_more_than_whoever_makes_it(postgres_database: str) -> None:
    let = let_in(postgres_database, Role.PROVIDER, provider="P1")
    with office(postgres_database, let=let) as client:
        page = client.get("/settings/tokens").text
        form = {"csrf": csrf_of(postgres_database, let), "called": "x", "scope": "runs:approve", "days": "1"}
        forged = client.post("/settings/tokens", data=form)

    assert "visits:mend" in page
    assert "runs:approve" not in page
    assert forged.status_code == 403
    assert "A token cannot have the scopes runs:approve" in forged.text


@pytest.mark.parametrize("by", ["page", "api"])
def test_a_revoked_token_lets_nobody_in(postgres_database: str, by: str) -> None:
    let = let_in(postgres_database)
    token, number = made(postgres_database, let)
    program = {"Authorization": f"Bearer {token}"}
    with office(postgres_database, let=let) as client:
        before = client.get("/api/v1/visits", headers=program).status_code
        if by == "page":
            done = client.post(f"/settings/tokens/{number}/revoke", data={"csrf": csrf_of(postgres_database, let)})
            assert "The token was revoked." in done.text
        else:
            assert client.delete(f"/api/v1/tokens/{number}").status_code == 204
            assert client.delete(f"/api/v1/tokens/{number}").status_code == 204
        after = client.get("/api/v1/visits", headers=program).status_code

    assert (before, after) == (200, 401)


def test_a_provider_neither_sees_nor_revokes_the_tokens_of_others(postgres_database: str) -> None:
    own, other = (let_in(postgres_database, Role.PROVIDER, provider=provider) for provider in ("P1", "P2"))
    token, number = made(postgres_database, other, "theirs")
    with office(postgres_database, let=own) as client:
        assert {each["provider"] for each in client.get("/api/v1/tokens").json()["items"]} == {"P1"}
        assert "theirs" not in client.get("/settings/tokens").text
        assert client.delete(f"/api/v1/tokens/{number}").status_code == 404
        revoked = client.post(f"/settings/tokens/{number}/revoke", data={"csrf": csrf_of(postgres_database, own)})
        assert revoked.status_code == 404
        assert client.get("/api/v1/visits", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_programs_of_somebody_whose_account_is_closed_are_let_in_no_more(postgres_database: str) -> None:
    let = let_in(postgres_database)
    with connect(postgres_database) as connection:
        connection.execute("UPDATE person SET disabled_at = %s WHERE person = %s", (EVENING, let.who.id))
    with office(postgres_database, let=let) as client:
        assert client.get("/api/v1/visits").status_code == 401


def test_many_tokens_come_in_pages(postgres_database: str) -> None:
    let = let_in(postgres_database)
    for number in range(51):
        made(postgres_database, let, f"program {number}.")
    with office(postgres_database, let=let) as client:
        first = client.get("/settings/tokens").text
        before = re.search(r"/settings/tokens\?before=\d+", first)
        assert before
        second = client.get(before[0]).text

    assert "program 50." in first
    assert "program 0." not in first
    assert "program 0." in second
