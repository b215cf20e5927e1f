"""Does any page or any answer to a program tell one provider of another? Every route that the office has is asked, as every role.

Routes are found in the app itself, so that a new one is asked without anybody thinking of it. What stands in an address is filled in from
IN_PATHS by its name, with what is the other provider's; a name that is not there fails: add it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from calltime_server.app import make_app
from calltime_server.rights import RIGHTS, Right, Role
from calltime_server.web.navigation import ROOMS
from fixtures.office import BROKER, Pass, csrf_of, example_terms, let_in, office
from fixtures.two_providers import DAY, NOW, ONE, TWO, sow

# What is asked for: the other side's. Numbers are those of the rows that were sown second.
IN_PATHS: Mapping[str, str] = {
    "visit_id": TWO.visit,
    "visit": TWO.visit,
    "device": TWO.device,
    "carer": TWO.carer,
    "tag": f"tag-{TWO.mark}",
    "provider": TWO.provider,
    "service_user": TWO.home,
    "package": f"package-{TWO.mark}",
    "block": f"block-{TWO.mark}",
    "known_as": TWO.mark,
    "row": TWO.mark,
    "their_id": f"theirs-{TWO.mark}",
    "kind": "no_stop",
    "queue": "no_stop",
    "day": DAY.isoformat(),
    "first_day": DAY.isoformat(),
    "code": "forgot_out",
    "name": TWO.mark,
    "council": "example",
    **dict.fromkeys(("start", "starts"), "2026-04-06"),
    "since": DAY.isoformat(),
    "seq": "1",
    "what": "plan",
    "path": "packages",
    "secret": "x" * 43,
    "link": "x" * 43,
    "format": "csv",
    "file": "2",
    **dict.fromkeys(("run", "line"), "1"),
    **dict.fromkeys(
        ("number", "token", "work", "webhook", "hook", "message", "person", "absence", "entry", "unlock", "alert", "carer_no", "place"), "2"
    ),
}
IN_QUERIES: Mapping[str, str] = {
    **{name: IN_PATHS[name] for name in ("provider", "carer", "service_user", "day", "device", "tag", "package", "visit_id")},
    **dict.fromkeys(("text", "q", "reference"), TWO.carer),
    **dict.fromkeys(("first", "last"), DAY.isoformat()),
    "home": TWO.home,
    "zone": f"zone-{TWO.mark}",
}
NEVER_ENDING = frozenset({"/live"})
"""Streams; who hears what there is asked in their own test."""
LET_OUT = frozenset({"/sign-out"})
EVERYBODYS = frozenset({"/settings"})
"""Rooms that show to each what is theirs to set; who is signed in may go in."""
ALONE = {"Connection": "close"}
"""An answer before the whole request was read ends the connection: so none is used twice here."""


@pytest.fixture
def sown(postgres_database: str) -> str:
    sow(postgres_database)
    return postgres_database


def of_one(dsn: str, role: Role) -> Pass:
    """Somebody of this role, who belongs to the one provider where the role does."""
    provider = ONE.provider if role in (Role.PROVIDER, Role.CARER) else None
    return let_in(dsn, role, provider=provider, carer=ONE.carer if role is Role.CARER else None)


def methods_of(route: APIRoute) -> list[str]:
    """How it may be asked."""
    return sorted((route.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})


def routes_of(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route of the office with its whole path."""
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(list(route.routes), before + route.path)
        elif isinstance(route, APIRoute):
            yield before + route.path, route


def all_routes() -> list[tuple[str, APIRoute]]:
    app = make_app(
        dsn="postgresql://nobody@/nothing", terms=example_terms(), broker=BROKER, public_url="https://example.org", now=lambda: NOW
    )
    return [(path, route) for path, route in routes_of(app.routes) if path not in NEVER_ENDING | LET_OUT]


def filled(path: str, route: APIRoute) -> str:
    """The path with the other provider's references in it."""
    for parameter in route.dependant.path_params:
        assert parameter.alias in IN_PATHS, f"{path}: say in IN_PATHS what “{parameter.alias}” of the other provider is"
        path = path.replace(f"{{{parameter.alias}}}", quote(IN_PATHS[parameter.alias], safe="")).replace(
            f"{{{parameter.alias}:path}}", quote(IN_PATHS[parameter.alias])
        )
    return path


def queries(route: APIRoute) -> list[dict[str, str]]:
    """Without anything, and with all of the other's that this route takes."""
    known = {each.alias: IN_QUERIES[each.alias] for each in route.dependant.query_params if each.alias in IN_QUERIES}
    return [{}, known] if known else [{}]


def told_beyond(text: str) -> list[str]:
    """The other side's marks in an answer, without what was asked for and stands there again."""
    for asked in sorted({*IN_PATHS.values(), *IN_QUERIES.values()}, key=len, reverse=True):
        if len(asked) > 4:
            for written in {asked, escape(asked), quote(asked, safe="")}:
                text = text.replace(written, "")
    return [mark for mark in TWO.marks if mark in text]


def asked(client: httpx.Client, method: str, path: str, route: APIRoute, dsn: str, let: Pass) -> Iterator[httpx.Response]:
    """The answers of one route to one person."""
    address = filled(path, route)
    for query in queries(route) if method == "GET" else [{}]:
        if path.startswith("/api/") and method != "GET":
            yield client.request(method, address, json={}, headers=let.headers | ALONE)
        elif method == "GET":
            yield client.get(address, params=query, headers=let.headers | ALONE)
        else:
            form = {"csrf": csrf_of(dsn, let), **IN_QUERIES, "row": TWO.home}
            yield client.request(method, address, data=form, headers=let.headers | ALONE)


@pytest.mark.parametrize("role", list(Role))
def test_no_route_tells_of_the_other_provider(sown: str, role: Role) -> None:
    let = of_one(sown, role)
    council = role in (Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR)
    wrong = []
    with office(sown, now=NOW, let=let) as client:
        client.follow_redirects = False
        for path, route in all_routes():
            for method in methods_of(route):
                for answer in asked(client, method, path, route, sown, let):
                    marks = [] if council else told_beyond(answer.text)
                    if answer.status_code >= 500 or marks:
                        wrong.append(f"{method} {answer.request.url}: {answer.status_code} {marks}")

    assert wrong == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CARER])
def test_a_program_without_the_right_is_refused_everywhere(sown: str, role: Role) -> None:
    let = of_one(sown, role)
    wrong = []
    with office(sown, now=NOW, let=let) as client:
        for path, route in all_routes():
            scope = (route.openapi_extra or {}).get("x-scope")
            if scope is None or Right(scope) in RIGHTS[role]:
                continue
            for method in methods_of(route):
                answer = client.request(method, filled(path, route), headers=let.headers | ALONE, json=None if method == "GET" else {})
                if answer.status_code != 403:
                    wrong.append(f"{method} {path}: {answer.status_code}")

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_room_is_closed_to_whoever_has_no_right_in_it(sown: str, role: Role) -> None:
    let = of_one(sown, role)
    with office(sown, now=NOW, let=let) as client:
        told = {room.path: client.get(room.path, headers=let.headers | ALONE).status_code for room in ROOMS if room.path not in EVERYBODYS}

    wanted = {room.path: 200 if room.right in RIGHTS[role] else 403 for room in ROOMS if room.path not in EVERYBODYS}
    assert told == wanted


def test_a_stranger_is_told_nothing_anywhere(sown: str) -> None:
    wrong = []
    with office(sown, now=NOW) as signed_in, httpx.Client(base_url=signed_in.base_url, follow_redirects=False) as stranger:
        for path, route in all_routes():
            for method in methods_of(route):
                answer = stranger.request(method, filled(path, route), headers={"Sec-Fetch-Site": "same-origin"} | ALONE)
                marks = told_beyond(answer.text)
                if (answer.status_code >= 500 and "enrolments" not in path) or marks or ONE.mark in answer.text:
                    wrong.append(f"{method} {path}: {answer.status_code} {marks}")

    assert wrong == []
