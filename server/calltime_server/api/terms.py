"""How do programs read and try terms?"""

from __future__ import annotations

from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front
from calltime_server.api.problem_json import Problem
from calltime_server.api.work import WorkOut, take_up
from calltime_server.jobs.tried import KIND
from calltime_server.payment.spanning import in_force
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import Trial, load_terms, load_to_try
from calltime_server.rights import Right
from calltime_server.visits.civil_day import day_of

TAGS: list[str | Enum] = ["Terms"]
TOML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/toml": {"schema": {"type": "string"}}}}}
Written = Annotated[bytes, Body(media_type="application/toml", description="The terms, UTF-8.", max_length=2**20)]
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
LONGEST = 366


class TermsOut(BaseModel):
    """One file of the council's terms."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    council: str
    title: str
    starts: date
    ends: date | None
    approved_by: tuple[str, str]
    sha256: str
    in_force: bool


class FaultOut(BaseModel):
    """One thing to mend."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    line: int | None
    column: str | None = Field(description="The key in the file.")
    says: str


class CheckedOut(BaseModel):
    """Whether terms could be used."""

    model_config = ConfigDict(frozen=True)

    sound: bool
    examples: int = Field(description="How many worked examples come out; 0 where there are faults.")
    faults: list[FaultOut]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/terms", tags=TAGS, summary="List the council's terms", openapi_extra=needs(Right.SEE_TERMS))
    def terms(request: Request) -> list[TermsOut]:
        with front.open(request, Right.SEE_TERMS, "read the list of terms"):
            standing = in_force(front.terms, day_of(front.now()))
        return [_out(each, standing=each is standing) for each in front.terms]

    @api.get(
        "/terms/{starts}", tags=TAGS, summary="Fetch a file of terms", openapi_extra=needs(Right.SEE_TERMS), response_class=Response,
        responses=TOML,
    )  # fmt: skip
    def file(request: Request, starts: date) -> Response:
        with front.open(request, Right.SEE_TERMS, "read terms", {"starts": starts}):
            found = next((each for each in front.terms if each.starts == starts), None)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"No terms start on {starts}. List them with /terms.")
        return Response(found.text, media_type="application/toml")

    @api.post("/terms/check", tags=TAGS, summary="Check terms, with all their faults", openapi_extra=needs(Right.COMPARE))
    def check(request: Request, content: Written) -> CheckedOut:
        with front.open(request, Right.COMPARE, "checked terms", {"bytes": len(content)}):
            found = load_terms(_text(content), name="terms")
        if isinstance(found, Terms):
            return CheckedOut(sound=True, examples=len(found.examples), faults=[])
        return CheckedOut(sound=False, examples=0, faults=[FaultOut.model_validate(fault) for fault in found])

    @api.post(
        "/terms/try", tags=TAGS, summary="Try terms on days of the past", openapi_extra=needs(Right.COMPARE),
        status_code=HTTPStatus.ACCEPTED,
    )  # fmt: skip
    def tried(request: Request, content: Written, first: Day, last: Day) -> WorkOut:
        if not 0 <= (last - first).days < LONGEST:
            raise Problem(HTTPStatus.BAD_REQUEST, f"{first} to {last} is no span of at most {LONGEST} days. Correct first or last.")
        text = _text(content)
        found = load_to_try(text, name="tried.toml")
        if not isinstance(found, Trial):
            says = f"These terms have {len(found)} fault{'s' if len(found) != 1 else ''}, so they were not tried. See /terms/check."
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says)
        asked = {"text": text, "name": found.terms.name, "first": first, "last": last}
        about = {"terms": found.terms.sha256, "first": first, "last": last}
        with front.open(request, Right.COMPARE, "tried terms on the past", about) as connection:
            return take_up(request, front, connection, KIND, asked)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"This is not UTF-8 text: {error}. Save it as UTF-8.") from error


def _out(terms: Terms, *, standing: bool) -> TermsOut:
    names = ("council", "title", "starts", "ends", "approved_by", "sha256")
    return TermsOut(**{name: getattr(terms, name) for name in names}, in_force=standing)
