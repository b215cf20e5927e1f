"""Can a program do everything that the pages can? Every page stands here beside its operation, or beside why there is none."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.routing import Route

from calltime_server.api.front import Front
from calltime_server.api.programs import make_api
from calltime_server.people.desk import Desks
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.web.live import Live
from calltime_server.web.office import Office
from calltime_server.web.pages import make_pages

SIGNING_IN = "programs have tokens and do not sign in"
PERSON_ITSELF = "what a person knows, holds and reads the office by is no program's"
PEOPLE_ONLY = "a page with a form, or of something that another page's operation answers, too"
"""Of pages that show nothing of their own."""
A_PERSON_DECIDES = "only a person makes a token, so that no token outlives the person's will"
A_PERSON_CHANGES_PEOPLE = "whoever changes what somebody may do, or lets them in anew, looks at them first"
A_WHOLE_PERSON = "all that is held of one person is fetched by a person, who answers for it"
CARERS = "programs do not act as carers"
NOT_OF_THE_RECORD = "says nothing of visits"
THE_PHONE = "the app of carers' phones, which asks the API itself"

AGREED = ("packages", "blocks", "providers", "journeys")
"""The lists of one page, each an operation of its own."""

TWINS: dict[str, str] = {
    **dict.fromkeys(("GET /", "GET /accessibility", "GET /privacy", "GET /healthz"), NOT_OF_THE_RECORD),
    "GET /own": CARERS,
    "GET /settings": PEOPLE_ONLY,
    # Visits
    "GET /today": "GET /today",
    "GET /today/part": "GET /today",
    "GET /live": "GET /today",
    "GET /visits": "GET /visits",
    "GET /visits.csv": "GET /visits",
    "GET /visits/{visit_id:path}": "GET /visits/{visit_id}",
    # Mending
    "GET /mend": "GET /mending",
    "GET /mend/queue/{kind}": "GET /mending/{kind}",
    "POST /mend/queue/{kind}": "POST /mending/{kind}",
    "GET /mend/amendments": "GET /amendments",
    "GET /mend/amendments/{entry}/withdraw": PEOPLE_ONLY,
    "POST /mend/amendments/{entry}/withdraw": "POST /amendments/{entry}/withdrawal",
    "GET /mend/reports/{number}/withdraw": PEOPLE_ONLY,
    "POST /mend/reports/{number}/withdraw": "POST /not-made/{number}/withdrawal",
    "GET /mend/unlock": "GET /unlocks",
    "POST /mend/unlock": "POST /unlocks",
    "GET /settings/reasons": "GET /reasons",
    "POST /settings/reasons": "PUT /reasons/{code}",
    "GET /settings/lock": "GET /lock",
    "POST /settings/lock": "POST /lock",
    # Runs and what is paid
    "GET /runs": "GET /runs",
    "POST /runs": "POST /periods",
    "GET /runs/{run}": "GET /runs/{run}",
    "GET /runs/{run}/lines": "GET /runs/{run}/lines",
    "POST /runs/{run}/step": "POST /runs/{run}/send",
    "GET /runs/{run}/close": "GET /runs/{run}",
    "POST /runs/{run}/close": "POST /periods/{first_day}/close",
    "POST /runs/{run}/settle": "POST /runs/{run}/settle",
    "POST /runs/{run}/export": "POST /runs/{run}/files",
    "POST /runs/{run}/bundle": "POST /runs/{run}/bundle",
    "GET /statements": "GET /runs",
    "GET /statements/{run}": "GET /runs/{run}/lines",
    "GET /statements/{run}/lines.csv": "GET /runs/{run}/lines.csv",
    "GET /actuals": "GET /actuals",
    "GET /actuals.csv": "GET /actuals",
    "GET /actuals/{visit_id:path}": "GET /actuals/{visit_id}",
    "GET /work": "GET /work",
    "GET /work/{work}": "GET /work/{work}",
    "GET /work/{work}/progress": "GET /work/{work}",
    "GET /work/{work}/files/{name}": "GET /work/{work}/files/{name}",
    # Figures, terms and plans
    "GET /compliance": "GET /compliance",
    "GET /variance": "GET /variance",
    "GET /variance/reports/{name}": "GET /reports",
    "POST /variance/reports/{name}": "POST /reports/{name}",
    "GET /variance/made/{number}": "GET /work/{work}",
    "GET /terms": "GET /terms",
    "GET /terms/from/{starts}": "GET /terms/{starts}",
    "GET /terms/from/{starts}/file.toml": "GET /terms/{starts}",
    "GET /terms/try": PEOPLE_ONLY,
    "POST /terms/try": "POST /terms/try",
    "GET /terms/tried/{number}": "GET /work/{work}",
    "GET /plan": "GET /plan",
    "GET /plan/agreed/{path}": f"GET /{AGREED[0]}",
    "GET /plan/bring": PEOPLE_ONLY,
    "POST /plan/bring": "POST /plan/files/{what}",
    "GET /plan/bring/{number}": "POST /plan/files/{what}",
    "GET /plan/bring/{number}/difference.csv": "POST /plan/files/{what}",
    "POST /plan/bring/{number}": "POST /plan/files/{what}",
    "GET /absences": "GET /absences",
    "GET /absences/new": PEOPLE_ONLY,
    "POST /absences/new": "POST /absences",
    "GET /absences/{number}": "GET /absences",
    "POST /absences/{number}/end": "POST /absences",
    "POST /absences/{number}/withdraw": "POST /absences",
    # Brought visits, alerts, hooks, tokens
    "GET /brought": "GET /brought-visits",
    "POST /brought": "POST /brought-visits",
    "GET /settings/brought": "GET /brought-grades",
    "POST /settings/brought": "POST /brought-grades",
    "GET /settings/alerts": "GET /alert-settings",
    "POST /settings/alerts": "PUT /alert-settings",
    "GET /settings/hooks": "GET /webhooks",
    "POST /settings/hooks": "POST /webhooks",
    "GET /settings/hooks/{number}": "GET /webhooks/{number}/messages",
    "POST /settings/hooks/{number}": "DELETE /webhooks/{number}",
    "GET /settings/tokens": "GET /tokens",
    "POST /settings/tokens": A_PERSON_DECIDES,
    "POST /settings/tokens/{number}/revoke": "DELETE /tokens/{number}",
    # Doors and carers
    "GET /doors": "GET /doors",
    "GET /doors/new": PEOPLE_ONLY,
    "POST /doors/new": "POST /doors/codes",
    "GET /doors/{device}": "GET /doors/{device}",
    "GET /doors/{device}/revoke": PEOPLE_ONLY,
    "POST /doors/{device}/revoke": "POST /doors/{device}/revocation",
    "GET /doors/tags": "GET /tags",
    "POST /doors/tags/chosen": "POST /tags",
    "GET /doors/tags/sheets": PEOPLE_ONLY,
    "GET /doors/tags/hang": PEOPLE_ONLY,
    "POST /doors/tags/hang": "PUT /tags/{tag}",
    "GET /doors/tags/called": PEOPLE_ONLY,
    "POST /doors/tags/called": "PUT /homes/{service_user}/called",
    "GET /enrol": PEOPLE_ONLY,
    "GET /carers": "GET /carers",
    "GET /carers/new": PEOPLE_ONLY,
    "POST /carers/new": "POST /carers/{carer}/employments",
    "GET /carers/{carer}": "GET /carers/{carer}",
    "POST /carers/{carer}/badges": "POST /carers/{carer}/badges",
    "POST /carers/{carer}/employments": "POST /carers/{carer}/employments",
    # People
    "GET /people": "GET /people",
    "GET /people/new": PEOPLE_ONLY,
    "POST /people/new": "POST /people",
    "GET /people/{person}": "GET /people/{person}",
    "POST /people/{person}": A_PERSON_CHANGES_PEOPLE,
    "POST /people/{person}/disable": "POST /people/{person}/disable",
    "POST /people/{person}/enable": "POST /people/{person}/enable",
    "POST /people/{person}/link": A_PERSON_CHANGES_PEOPLE,
    "GET /audit": "GET /audit",
    "GET /subject-access": PEOPLE_ONLY,
    "POST /subject-access": A_WHOLE_PERSON,
}
REASONS = {SIGNING_IN, PERSON_ITSELF, PEOPLE_ONLY, A_PERSON_DECIDES, A_PERSON_CHANGES_PEOPLE, A_WHOLE_PERSON, CARERS, NOT_OF_THE_RECORD}
WITH_REASON = {
    "/t/": THE_PHONE,
    "/sign-in": SIGNING_IN,
    "/sign-out": SIGNING_IN,
    "/settings/me": PERSON_ITSELF,
    "/static": NOT_OF_THE_RECORD,
}
"""For all that lies below these."""


def routes(app: FastAPI) -> set[str]:
    return {f"{method} {route.path}" for route in app.routes if isinstance(route, Route) for method in (route.methods or set()) - {"HEAD"}}


def parts() -> tuple[FastAPI, FastAPI]:
    """The pages and the API; nothing is asked of the database."""
    desks = Desks(database=OfficeDatabase("postgresql:///none"), now=lambda: datetime.now(UTC))
    pages = make_pages(Office(desks=desks, live=Live("postgresql:///none"), terms=(), public_url="https://calltime.example.org"))
    front = Front(desks=desks, terms=(), public_url="https://calltime.example.org")
    return pages, make_api(front, broker="mqtt://broker.example.org", passwords=False)


def test_every_page_and_every_form_stands_beside_its_operation() -> None:
    pages, _ = parts()
    below = tuple(WITH_REASON)
    asked = {route for route in routes(pages) if not route.partition(" ")[2].startswith(below)}

    assert asked - set(TWINS) == set(), "say which operation does the same"
    assert set(TWINS) - asked == set(), "there is no such page any more"


def test_every_operation_that_a_page_stands_beside_is_there() -> None:
    _, api = parts()
    described = {f"{method.upper()} {path}" for path, methods in api.openapi()["paths"].items() for method in methods}

    assert {twin for twin in TWINS.values() if twin not in REASONS} - described == set()
