"""Where do programs ask? Everything that the pages can do, each part in a file of its own, and the door's way in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Protocol

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from calltime_server.api import (
    actuals,
    alerts,
    brought,
    carers,
    doors,
    enrolling,
    figures,
    hooks,
    mending,
    people,
    phone,
    plan,
    runs,
    terms,
    tokens,
    variance,
    visits,
    work,
)
from calltime_server.api.describing import describe, operation_id
from calltime_server.api.front import Front
from calltime_server.api.methods import Methods
from calltime_server.api.problem_json import answer_with_problems
from calltime_server.api.route import Operation


class Part(Protocol):
    """A file of operations."""

    def add_to(self, api: APIRouter, front: Front) -> None:
        """Add the addresses of this part."""


PARTS: Mapping[str, tuple[Part, str]] = {
    "Visits": (visits, "Who was planned, who came, and what is to mend."),
    "Mending": (mending, "Entries beside the record: who, when and why."),
    "Actuals": (actuals, "What is paid, with every step and the signed taps behind it."),
    "Runs": (runs, "Pay periods, and runs that are prepared, approved and pulled."),
    "Work": (work, "Long work in the background, and the files that come out of it."),
    "Figures": (figures, "Variance and compliance."),
    "Variance": (variance, "What was planned against what was given and paid, and reports."),
    "Doors": (doors, "Doors, tags and badges."),
    "Carers": (carers, "Carers, and for whom they work."),
    "Terms": (terms, "The council's terms, and trying them out on visits of the past."),
    "Plan": (plan, "Planned visits and absences, and what was agreed: packages, blocks, providers, journeys."),
    "Brought visits": (brought, "Visits that a provider's own system saw."),
    "Alerts": (alerts, "Late and missed visits of which somebody was told."),
    "Webhooks": (hooks, "Which programs are told when something happens."),
    "Tokens": (tokens, "Which programs may ask."),
    "People": (people, "Accounts, and the audit log."),
    "Phones": (phone, "What a carer's own phone asks, by its key."),
}


def make_api(front: Front, *, broker: str, passwords: bool, parts: Mapping[str, tuple[Part, str]] = PARTS) -> FastAPI:
    """The programs' door; its addresses are below wherever it is mounted. `broker` is what doors are told when they enrol."""
    # Without the documentation pages of the framework: they load scripts from elsewhere. openapi.json stays.
    api = FastAPI(title="Calltime", docs_url=None, redoc_url=None, redirect_slashes=False, generate_unique_id_function=operation_id)
    api.state.front = front
    api.router.route_class = Operation
    answer_with_problems(api)
    for name, (part, _) in parts.items():
        _add(api, name, part, front)
    enrolling.add_to(api.router, front, broker=broker, passwords=passwords)
    api.add_middleware(Methods, api=api)
    tags = {name: says for name, (_, says) in parts.items()} | {"Enrolment": "How a door becomes known."}
    # The framework's own way to describe an app otherwise. It takes a second, so it waits until somebody asks.
    api.openapi = cache(partial(describe, api, tags))  # type: ignore[method-assign]
    return api


def _add(api: FastAPI, name: str, part: Part, front: Front) -> None:
    before = len(api.routes)
    part.add_to(api.router, front)
    for route in api.routes[before:]:
        if isinstance(route, APIRoute) and not route.tags:
            route.tags = [name]
