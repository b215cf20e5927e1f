"""How is it described what programs can ask for? As OpenAPI, to which each operation adds what it needs, and the frame what all have."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from calltime_server.api.problem_json import MEDIA, ProblemDetails
from calltime_server.rights import Right

RIGHT = "x-scope"
SIZE = "x-at-most-bytes"
OPEN_TO_ALL = "x-open-to-all"
TOLD_ONCE = "x-told-once"
AT_MOST_BYTES = 2**20
"""Of the body of a request, unless its operation says otherwise."""

ABOUT = """\
Everything that the pages of the office can do, for programs. Send a token with each request (`Authorization: Bearer ct_…`); it is made
under Settings, Tokens, and may do what its scopes say: each operation names the one that it needs (`x-scope`).

Times are in UTC with a Z, days are London's, money is in whole pence, contact time in whole seconds. What goes wrong is told as problem
details (RFC 9457). Long lists come in parts: follow `next`. A write may carry an `Idempotency-Key`, and may then be repeated safely.
`docs/api.md` shows all of this with curl.
"""
FOR_ALL = (400, 401, 403, 404, 410, 413, 422, 429, 500, 503)
FOR_WRITES = (409, 412, 415)
FOR_STRANGERS = (400, 403, 404, 409, 413, 415, 422, 429, 500, 503)
WRITES = frozenset({"post", "put", "patch", "delete"})

PARAMETERS = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Your own name for this write, such as a random UUID. Sent again with it within 30 days, the same request is "
        "answered as it was the first time, and nothing is done twice.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "examples": ["5b0a2f0e-6c3f-4f7e-9a53-0b8f8f3c1c55"]},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of an earlier answer: where it is still the same, you are told 304 and nothing else.",
        "schema": {"type": "string", "examples": ['"5f2b1c1e0d9a4b7c8e6f3a2d1b0c9e8f"']},
    },
}
HEADERS = {
    "RateLimit": {
        "description": "How many requests are left (r) and in how many seconds there are more (t).",
        "schema": {"type": "string"},
    },
}


def needs(right: Right, *, at_most_bytes: int | None = None, secret: bool = False) -> dict[str, Any]:
    """What an operation says of itself (`openapi_extra`): the right that it needs, and how much may be sent if that is more than usual.

    `secret`: its answer lets somebody in or signs something. It is told once and not kept.
    """
    return {RIGHT: right.value, **({SIZE: at_most_bytes} if at_most_bytes else {}), **({TOLD_ONCE: True} if secret else {})}


def needs_no_token(*, at_most_bytes: int = AT_MOST_BYTES) -> dict[str, Any]:
    """The same for what is open to all."""
    return {OPEN_TO_ALL: True, SIZE: at_most_bytes}


def operation_id(route: APIRoute) -> str:
    """A name that stays as long as the address does."""
    words = "_".join(part for part in route.path_format.replace("{", "").replace("}", "").split("/") if part)
    return f"{min(route.methods or ()).lower()}_{words}".replace("-", "_").replace(".", "_")


def describe(api: FastAPI, tags: Mapping[str, str]) -> dict[str, Any]:
    """The whole description. `tags` are the parts with a sentence each."""
    described = get_openapi(
        title="Calltime",
        version="1",
        summary="Visits of home care, their contact time, and what is paid for them.",
        description=ABOUT,
        routes=api.routes,
        tags=[{"name": name, "description": says} for name, says in tags.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    parts = described.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": "Made under Settings, Tokens."}}
    parts["parameters"] = PARAMETERS
    parts["headers"] = HEADERS
    parts["responses"] = {str(status): _problem(status) for status in {*FOR_ALL, *FOR_WRITES}}
    for path in described.get("paths", {}).values():
        for method, operation in path.items():
            _complete(method, operation)
    return described


def _problem(status: int) -> dict[str, Any]:
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add what every operation has, and what its kind has."""
    open_to_all = operation.pop(OPEN_TO_ALL, False)
    writes = method in WRITES
    responses = operation["responses"]
    told = FOR_STRANGERS if open_to_all else (*FOR_ALL, *(FOR_WRITES if writes else ()))
    responses |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in told}
    if open_to_all:
        operation["security"] = []
        return
    operation["security"] = [{"token": []}]
    parameters = operation.setdefault("parameters", [])
    if writes:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    else:
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
        responses["304"] = {"description": "Not Modified: it is as you have it."}
    for status, response in responses.items():
        if status.startswith("2"):
            response.setdefault("headers", {})["RateLimit"] = {"$ref": "#/components/headers/RateLimit"}
            if not writes:
                response["headers"]["ETag"] = {"description": "For If-None-Match.", "schema": {"type": "string"}}
