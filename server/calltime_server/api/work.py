"""How do programs follow long work, and fetch what came out of it?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.rights import Right, require_of_work
from calltime_server.store.connection import Connection
from calltime_server.store.work import ask_for_work, find_work, list_work, read_file_of_work

Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The number under which it was taken.", examples=[12])]
BINARY = {"schema": {"type": "string", "format": "binary"}}
ANY_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": BINARY}}}
TAGS: list[str | Enum] = ["Work"]


class WorkOut(BaseModel):
    """Long work. Ask again until `state` is done or failed; `says` tells what came out, or why nothing did."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    work: int = Field(examples=[12])
    kind: str = Field(examples=["settle"])
    state: Literal["waiting", "under_way", "done", "failed"]
    asked_at: Time
    begun_at: Time | None
    done_at: Time | None
    done: int = Field(description="How far it is, of `of`.")
    of: int | None = Field(description="null: nobody knows how much there is.")
    says: str
    files: list[str] = Field(description="Names of what came out; for whoever asked for it.", examples=[["run-7.csv"]])


def take_up(request: Request, front: Front, connection: Connection, kind: str, asked: Mapping[str, object]) -> WorkOut:
    """Ask for long work, in the name of whoever asks."""
    work = find_work(connection, ask_for_work(connection, kind, asked, who=seated_of(request).who, now=front.now()))
    assert work is not None, "who asks for work sees it"  # noqa: S101
    return WorkOut.model_validate(work)


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/work", tags=TAGS, summary="List your long work", openapi_extra=needs(Right.SEE_PAY))
    def all_work(request: Request, limit: Limit = 100, cursor: Cursor = "") -> Listed[WorkOut]:
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.SEE_PAY, "read own long work") as connection:
            person = seated_of(request).who.id
            works = list_work(connection, person=person, before=behind[0] if behind else None, at_most=limit + 1)
        return listed(request, [WorkOut.model_validate(each) for each in works], limit=limit, key=lambda each: (each.work,))

    @api.get("/work/{work}", tags=TAGS, summary="See how far long work is", openapi_extra=needs(Right.SEE_PAY))
    def one(request: Request, work: Number) -> WorkOut:
        with front.open(request, Right.SEE_PAY, "read long work", {"work": work}) as connection:
            found = find_work(connection, work)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"There is no long work {work} that you may see. List yours with /work.")
        return WorkOut.model_validate(found)

    @api.get(
        "/work/{work}/files/{name}", tags=TAGS, summary="Fetch a file that came out", openapi_extra=needs(Right.SEE_PAY),
        response_class=Response, responses=ANY_FILE,
    )  # fmt: skip
    def file(request: Request, work: Number, name: Annotated[str, Path(max_length=200)]) -> Response:
        with front.open(request, Right.SEE_PAY, "fetched a file of long work", {"work": work, "file": name}) as connection:
            asked = find_work(connection, work)
            if asked is not None:
                require_of_work(seated_of(request).who, asked.kind)
            found = read_file_of_work(connection, work, name)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"Work {work} has no file of this name that you may have. /work/{work} names its files.")
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return Response(found[1], media_type=found[0], headers={"Content-Disposition": disposition})
