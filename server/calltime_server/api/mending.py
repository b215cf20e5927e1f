"""How do programs mend visits? As people do: row by row of a queue, each time typed, all of it or nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api import amendments, locking, reported
from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Mistake, Problem
from calltime_server.api.times import Time
from calltime_server.jobs.mending import mend
from calltime_server.jobs.wishes import Checked, Typed, Wish
from calltime_server.rights import Right
from calltime_server.store.concerned import of_rows
from calltime_server.store.connection import Connection
from calltime_server.store.locking import bound_since, read_lock
from calltime_server.store.mending import Part, ToLookAt, ToMend, count_queues, list_rows

TAGS: list[str | Enum] = ["Mending"]
Kind = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="A queue, as the list of queues names it.", examples=["no_stop"])]
Text = Annotated[str, Field(max_length=200)]
Whose = Annotated[str, Query(max_length=200, description="Only visits of this provider.")]


class QueueOut(BaseModel):
    """A queue: `locking` of its rows are of days that lock next."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    kind: str = Field(examples=["no_stop"])
    count: int
    oldest: date
    locking: int


class QueuesOut(BaseModel):
    """All queues that have rows."""

    model_config = ConfigDict(frozen=True)

    queues: list[QueueOut]


class RowOut(BaseModel):
    """A row of a queue; `row` names it as long as it stands so. `says` is null in queues of visits, the times are in those of problems."""

    model_config = ConfigDict(frozen=True)

    row: str = Field(examples=["2026-10-05.3fe00a59cb42d2a1cc07"])
    kind: str
    day: date
    place: int
    visit_id: str | None
    service_user: str | None
    provider: str | None
    carer: str | None
    planned_start: Time | None = None
    planned_minutes: int | None = None
    started: Time | None = None
    ended: Time | None = None
    says: str | None = None


class RowIn(BaseModel):
    """What is known of one row. Times are London's, HH:MM; only of ends that are missing. `carer`: where no tap says who it was.

    In the queue no_stop a `start` without a `stop` says that the one tap, which its door took for the start, was the stop.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: Text = Field(examples=["2026-10-05.3fe00a59cb42d2a1cc07"])
    start: Text = Field(default="", examples=["", "09:02"])
    stop: Text = Field(default="", examples=["10:28"])
    carer: Text = Field(default="", examples=[""])


class WishIn(BaseModel):
    """What is to be written for these rows. `told_at` (London, YYYY-MM-DD HH:MM) goes with reports, `reason` with all but looked_at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: Literal["enter", "no_access", "declined_at_door", "cancelled_by_client", "cancelled_by_council", "looked_at"]
    reason: Text = Field(default="", examples=["forgot_out"])
    words: str = Field(default="", max_length=900)
    told_at: Text = Field(default="", examples=["", "2026-10-05 11:20"])
    rows: list[RowIn] = Field(min_length=1, max_length=200)


class Written(BaseModel):
    """How many rows were written. The visits follow within a minute."""

    model_config = ConfigDict(frozen=True)

    rows: int = Field(examples=[1])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""
    amendments.add_to(api, front)
    locking.add_to(api, front)
    reported.add_to(api, front)

    @api.get("/mending", tags=TAGS, summary="Count what is to mend, by queue", openapi_extra=needs(Right.MEND))
    def queues(request: Request, provider: Whose = "") -> QueuesOut:
        with front.open(request, Right.MEND, "read what is to mend") as connection:
            lock = read_lock(connection, now=front.now())
            since, locking = bound_since(lock, seated_of(request).who), (lock.open_since, lock.next_through)
            found = count_queues(connection, since=since, locking=locking, provider=provider or None, now=front.now())
        return QueuesOut(queues=[QueueOut.model_validate(each) for each in found])

    @api.get("/mending/{kind}", tags=TAGS, summary="List the rows of a queue, the oldest first", openapi_extra=needs(Right.MEND))
    def rows(request: Request, kind: Kind, provider: Whose = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[RowOut]:
        found = read_cursor(request, cursor, date, int)
        behind = (found[0], found[1]) if found else None
        with front.open(request, Right.MEND, "read a queue of what is to mend", {"queue": kind, "provider": provider}) as connection:
            since = bound_since(read_lock(connection, now=front.now()), seated_of(request).who)
            part = Part(kind=kind, since=since, provider=provider or None, now=front.now(), limit=limit + 1, behind=behind)
            items = [_row(each) for each in list_rows(connection, part)]
        return listed(request, items, limit=limit, key=lambda each: (each.day, each.place))

    @api.post("/mending/{kind}", tags=TAGS, summary="Write down what is known of rows", openapi_extra=needs(Right.MEND))
    def write(request: Request, kind: Kind, sent: WishIn) -> Written:
        rows = tuple(Typed(known_as=each.row, start=each.start, stop=each.stop, carer=each.carer) for each in sent.rows)
        wish = Wish(queue=kind, way=sent.way, rows=rows, reason=sent.reason, words=sent.words, told_at=sent.told_at)

        def about(connection: Connection) -> dict[str, object]:
            names, carers = [row.known_as for row in rows], [row.carer for row in rows]
            return {"queue": kind, "way": wish.way, **of_rows(connection, kind, names, carers, now=front.now())}

        with front.open(request, Right.MEND, "mended visits", about) as connection:
            checked = mend(connection, wish, seated_of(request).who, front.terms, clock=front.now)
            if checked.wrongs:
                raise _refused(checked, wish)
        return Written(rows=len(checked.changes))


def _row(waiting: ToMend | ToLookAt) -> RowOut:
    return RowOut.model_validate(asdict(waiting) | {"row": waiting.known_as})


def _refused(checked: Checked, wish: Wish) -> Problem:
    places = {row.known_as: number for number, row in enumerate(wish.rows)}
    mistakes = []
    for wrong in checked.wrongs:
        name, _, known_as = wrong.place.partition(".")
        pointer = f"#/rows/{places[known_as]}/{name}" if known_as in places else "#/rows" if name == "row" else f"#/{name}"
        mistakes.append(Mistake(detail=wrong.says, pointer=pointer))
    says = "Nothing was written: " + " ".join(dict.fromkeys(wrong.says for wrong in checked.wrongs))
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says[:2000], errors=mistakes)
