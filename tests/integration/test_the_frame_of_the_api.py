"""Does every operation keep what docs/api.md promises of all: tokens, one answer to a repeated write, parts of lists, ETags, problems?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from calltime_server.api.front import Front
from calltime_server.api.pace import Pace
from calltime_server.api.problem_json import Problem
from calltime_server.api.programs import make_api
from calltime_server.people import tokens
from calltime_server.people.desk import Desks
from calltime_server.rights import Right, Role
from calltime_server.store.connection import connect, fetch
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.store.repeating import forget_answers
from fixtures.notes import Notes, notes_in
from fixtures.office import BROKER, let_in, serving
from fixtures.small_day import EVENING

KEY = {"Idempotency-Key": "b7c1"}
A_MONTH = timedelta(days=30)


@contextmanager
def api_of(
    dsn: str, notes: Notes | None = None, *, now: datetime = EVENING, pace: Pace | None = None, token: str = ""
) -> Iterator[httpx.Client]:
    """A client with an officer's token, or with this one, of an API that keeps notes and nothing else."""
    desks = Desks(database=OfficeDatabase(dsn), now=lambda: now)
    front = Front(desks=desks, terms=(), public_url="https://calltime.example.org", pace=pace or Pace())
    app = FastAPI(openapi_url=None)
    app.mount("/api/v1", make_api(front, broker=BROKER, passwords=False, parts={"Notes": (notes or Notes(), "Only for tests.")}))
    headers = {"Authorization": f"Bearer {token or let_in(dsn, now=now).token}"}
    try:
        with serving(app) as address, httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=30) as client:
            yield client
    finally:
        desks.database.close()


@pytest.fixture
def api(postgres_database: str) -> Iterator[httpx.Client]:
    with api_of(postgres_database) as client:
        yield client


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Its status and its kind; it must be told as RFC 9457 has it."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    return answer.status_code, told["type"].removeprefix("urn:calltime:problem:")


def test_a_write_asked_for_twice_with_one_key_is_done_once_and_answered_alike(postgres_database: str) -> None:
    with api_of(postgres_database) as client:
        first, again = (client.post("/notes", json={"says": "hello"}, headers=KEY) for _ in range(2))

    assert (first.status_code, first.json()) == (201, {"says": "hello", "number": 1})
    assert (again.status_code, again.content, again.headers["Location"]) == (201, first.content, "/api/v1/notes/1")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert notes_in(postgres_database) == 1


def test_without_a_key_it_is_done_each_time(postgres_database: str) -> None:
    with api_of(postgres_database) as client:
        for _ in range(2):
            client.post("/notes", json={"says": "hello"})

    assert notes_in(postgres_database) == 2


def test_a_key_is_good_for_one_write_only(postgres_database: str) -> None:
    with api_of(postgres_database) as client:
        client.post("/notes", json={"says": "hello"}, headers=KEY)
        other = client.post("/notes", json={"says": "goodbye"}, headers=KEY)

    assert problem(other) == (422, "key-reused")
    assert notes_in(postgres_database) == 1


def test_two_programs_may_have_the_same_key(postgres_database: str) -> None:
    with api_of(postgres_database) as client:
        client.post("/notes", json={"says": "hello"}, headers=KEY)
        other = let_in(postgres_database, Role.PROVIDER, provider="P1").token
        answer = client.post("/notes", json={"says": "goodbye"}, headers=KEY | {"Authorization": f"Bearer {other}"})

    assert answer.status_code == 201
    assert notes_in(postgres_database) == 2


def test_while_a_write_is_under_way_its_repetition_is_told_to_wait(postgres_database: str) -> None:
    notes = Notes(waits=threading.Event())
    assert notes.waits is not None
    with api_of(postgres_database, notes) as client:
        answers: list[httpx.Response] = []
        slow = threading.Thread(target=lambda: answers.append(client.post("/notes", json={"says": "hello"}, headers=KEY)))
        slow.start()
        assert notes.began.wait(20)
        meanwhile = client.post("/notes", json={"says": "hello"}, headers=KEY)
        notes.waits.set()
        slow.join(20)
        after = client.post("/notes", json={"says": "hello"}, headers=KEY)

    assert problem(meanwhile) == (409, "key-in-use")
    assert meanwhile.headers["Retry-After"] == "1"
    assert [answer.status_code for answer in answers] == [201]
    assert after.content == answers[0].content
    assert notes_in(postgres_database) == 1


@pytest.mark.parametrize(("says", "status"), [("no", 409), ("break", 500)])
def test_what_fails_leaves_nothing_and_may_be_tried_again_under_its_key(postgres_database: str, says: str, status: int) -> None:
    notes = Notes()
    with api_of(postgres_database, notes) as client:
        answers = [client.post("/notes", json={"says": says}, headers=KEY) for _ in range(2)]

    assert [problem(answer) for answer in answers] == [(status, "about:blank")] * 2
    assert notes.count == 2
    assert notes_in(postgres_database) == 0


def test_after_thirty_days_a_key_is_forgotten(postgres_database: str) -> None:
    with api_of(postgres_database) as client:
        client.post("/notes", json={"says": "hello"}, headers=KEY)
    with connect(postgres_database) as connection:
        assert forget_answers(connection, now=EVENING + A_MONTH - timedelta(seconds=1)) == 0
        assert forget_answers(connection, now=EVENING + A_MONTH) == 1
    with api_of(postgres_database) as client:
        assert client.post("/notes", json={"says": "goodbye"}, headers=KEY).status_code == 201


def test_a_list_comes_in_parts_that_leave_nothing_out(api: httpx.Client) -> None:
    part, seen = api.get("/words", params={"limit": 2, "upto": "d"}), []
    while True:
        seen += [(word["word"], word["number"]) for word in part.json()["items"]]
        if part.json()["next"] is None:
            break
        assert part.headers["Link"] == f'<{part.json()["next"]}>; rel="next"'
        part = api.get(httpx.URL(str(api.base_url)).join(part.json()["next"]))

    assert seen == [("alder", 0), ("birch", 1), ("birch", 2), ("cedar", 3)]
    assert "Link" not in part.headers


@pytest.mark.parametrize("changed", ["upto=c&", "cursor=e30&", "cursor=WyIiXQ&", "cursor=%F0%9F%92%A9&", "cursor=" + "W" * 1990 + "&"])
def test_a_cursor_of_another_list_or_of_nobodys_making_is_refused(api: httpx.Client, changed: str) -> None:
    following = httpx.URL(api.get("/words?limit=2").json()["next"]).params["cursor"]

    query = changed if "cursor" in changed else f"{changed}cursor={following}"
    assert problem(api.get(f"/words?{query}"))[0] == 400


@pytest.mark.parametrize("day", ["0", "20261005", "2026-10-5", "2026-02-30", "2026-10-05T00:00:00Z"])
def test_a_day_is_year_month_and_day(api: httpx.Client, day: str) -> None:
    answer = api.get("/words", params={"since": day})

    assert problem(answer) == (422, "invalid-request")
    assert answer.json()["errors"][0]["parameter"] == "since"


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
def test_a_part_has_from_one_to_a_thousand_items(api: httpx.Client, limit: str) -> None:
    answer = api.get("/words", params={"limit": limit})

    assert problem(answer) == (422, "invalid-request")
    assert answer.json()["errors"][0]["parameter"] == "limit"


def test_a_mistyped_filter_is_refused_and_not_ignored(api: httpx.Client) -> None:
    answer = api.get("/words?up_to=b&form=x")

    assert problem(answer) == (400, "unknown-parameter")
    assert [mistake["parameter"] for mistake in answer.json()["errors"]] == ["form", "up_to"]
    assert "It takes cursor, limit, since, upto." in answer.json()["detail"]


def test_all_mistakes_of_a_body_are_told_at_once_each_with_its_place(api: httpx.Client) -> None:
    answer = api.post("/notes", json={"says": 7, "times": 9})

    assert problem(answer) == (422, "invalid-request")
    assert [mistake["pointer"] for mistake in answer.json()["errors"]] == ["#/says", "#/times"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b'{"says": "a\\u0000b"}', "application/json", 422),
        (b'{"says": "\\udc00"}', "application/json", 422),
        (b'{"says": "\\\\u0000 is only written so"}', "application/json", 201),
        (b"says=hello", "application/x-www-form-urlencoded", 415),
        (b'{"says": "hello"}', "", 415),
        (b'{"says": "' + b"x" * 1000 + b'"}', "application/json", 413),
        (b"", "application/json", 422),
    ],
)
def test_what_a_body_may_be(api: httpx.Client, body: bytes, kind: str, status: int) -> None:
    answer = api.post("/notes", content=body, headers={"Content-Type": kind} if kind else {})

    assert answer.status_code == status
    assert status == 201 or problem(answer)


def test_a_body_that_does_not_say_how_long_it_is_is_cut_off_all_the_same(api: httpx.Client) -> None:
    assert problem(api.post("/notes", content=iter([b" " * 600] * 10), headers={"Content-Type": "application/json"}))[0] == 413


def test_what_is_unchanged_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get("/words")
    again = api.get("/words", headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert api.get("/words?limit=1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_change_thought_out_on_an_older_version_is_refused(api: httpx.Client) -> None:
    etag = api.get("/notes/1").headers["ETag"]
    text = {"Content-Type": "text/plain"}

    assert api.put("/notes/1", content=b"new", headers=text | {"If-Match": etag}).status_code == 200
    assert api.put("/notes/1", content=b"new", headers=text).status_code == 200
    assert problem(api.put("/notes/1", content=b"new", headers=text | {"If-Match": '"older"'})) == (412, "changed-meanwhile")


def test_methods(api: httpx.Client) -> None:
    head, get = api.head("/words"), api.get("/words")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", get.headers["ETag"])
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    options = api.options("/notes/1")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, PUT")
    wrong = api.delete("/notes/1")
    assert problem(wrong)[0] == 405
    assert wrong.headers["Allow"] == "GET, HEAD, OPTIONS, PUT"
    assert problem(api.get("/nowhere"))[0] == 404
    assert problem(api.options("/nowhere"))[0] == 404


@pytest.mark.parametrize("header", ["", "Bearer", "Basic dXNlcjpwYXNz", "Bearer ct_nobodys", "Bearer \xff"])
def test_without_a_token_that_is_known_nothing_is_answered(api: httpx.Client, header: str) -> None:
    answer = api.get("/words?up_to=b", headers={b"Authorization": header.encode("latin-1")})

    assert problem(answer)[0] == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Calltime"'


def test_a_token_may_do_what_its_scopes_say_until_it_is_over(postgres_database: str) -> None:
    let = let_in(postgres_database)
    with connect(postgres_database) as connection:
        token, _ = tokens.make(
            connection, let.who, called="finance", scopes=frozenset({Right.SEE_VISITS}), lasts=timedelta(days=1), now=EVENING
        )
    with api_of(postgres_database, token=token) as client:
        assert client.get("/words").status_code == 200
        assert problem(client.post("/notes", json={"says": 7}))[0] == 403  # before the body is looked at
        assert "This token has not the scope visits:mend." in client.post("/notes", json={"says": "x"}).json()["detail"]
        assert "approver has" in client.get("/secrets").json()["detail"]
    with api_of(postgres_database, token=token, now=EVENING + timedelta(days=1)) as client:
        assert problem(client.get("/words"))[0] == 401
    assert notes_in(postgres_database) == 0


def test_each_token_has_its_own_pace(postgres_database: str) -> None:
    with api_of(postgres_database, pace=Pace(a_minute=2)) as client:
        answers = [client.get("/words") for _ in range(3)]
        other = let_in(postgres_database).token

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0].headers["RateLimit-Policy"] == '"token";q=2;w=60'
        assert answers[0].headers["RateLimit"].startswith('"token";r=1;t=')
        assert problem(answers[2]) == (429, "too-many")
        assert 0 < int(answers[2].headers["Retry-After"]) <= 60
        assert client.get("/words", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_who_guesses_tokens_is_told_to_wait_and_others_at_the_address_are_not() -> None:
    pace = Pace(bad_a_minute=2)
    pace.stumble("192.0.2.1")
    pace.stumble("192.0.2.1")
    pace.stumble("192.0.2.2")

    with pytest.raises(Problem, match="Tokens that are not known"):
        pace.stumble("192.0.2.1")


def test_what_needs_no_token_is_asked_for_so_often_from_one_address(postgres_database: str) -> None:
    with api_of(postgres_database, pace=Pace(knocks_a_minute=2)) as client:
        answers = [client.post("/enrolments", json={}) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [400, 400, 429]
        assert problem(answers[2]) == (429, "too-many")
        assert client.get("/words").status_code == 200


def test_no_role_sees_the_answers_of_other_tokens(postgres_database: str) -> None:
    with api_of(postgres_database) as client:
        client.post("/notes", json={"says": "hello"}, headers=KEY)
    let = let_in(postgres_database, Role.PROVIDER, provider="P1")
    database = OfficeDatabase(postgres_database)
    with database.as_person(let.who) as connection:
        assert fetch(connection, "SELECT * FROM idempotent_answer", {}) == []
    database.close()
