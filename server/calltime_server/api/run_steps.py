"""How do programs open and close pay periods, and take the steps of a run?"""

from __future__ import annotations

from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.problem_json import Problem
from calltime_server.api.run_answers import FilesIn, NextOut, PeriodIn, PeriodOut, RunNumber, RunWhole, StepIn, Told, Why, run_whole
from calltime_server.api.work import WorkOut, take_up
from calltime_server.rights import Right
from calltime_server.store.connection import Connection
from calltime_server.store.next_period import next_period, refuse_half_periods
from calltime_server.store.periods import PayPeriod, PeriodRefused, list_periods
from calltime_server.store.run_figures import read_run_figures
from calltime_server.store.run_steps import Seen, Step, begin_period, end_period, take_step
from calltime_server.store.runs import RunFacts, RunRefused, read_changes, read_run_facts

TAGS: list[str | Enum] = ["Runs"]
STEPS: tuple[tuple[str, Step, Right, str], ...] = (
    ("send", "send", Right.PREPARE, "Give the provider its run to look at"),
    ("return", "return", Right.PREPARE, "Make a run a draft again"),
    ("approve", "approve", Right.APPROVE, "Approve a run, as a second person"),
    ("paid", "paid", Right.EXPORT, "Note that an exported run was paid"),
)
FirstDay = Annotated[date, Path(ge=date(2000, 1, 1), le=date(2099, 12, 31), examples=["2026-10-05"])]


class CloseIn(Told):
    """Why a period is closed."""

    why: Why


class PeriodsOut(Told):
    """All pay periods, by their first day."""

    items: list[PeriodOut] = Field(description="Some thirteen a year.")


def add_to(api: APIRouter, front: Front) -> None:
    """Add these addresses."""

    @api.get("/periods", tags=TAGS, summary="List pay periods", openapi_extra=needs(Right.SEE_PAY))
    def periods(request: Request) -> PeriodsOut:
        with front.open(request, Right.SEE_PAY, "read the pay periods") as connection:
            return PeriodsOut(items=[_period(each) for each in list_periods(connection)])

    @api.get("/periods/next", tags=TAGS, summary="Which days the next pay period would have", openapi_extra=needs(Right.SEE_RUNS))
    def next_days(request: Request) -> NextOut:
        with front.open(request, Right.SEE_RUNS, "read the next pay period") as connection:
            proposed = next_period(connection, front.terms)
        return NextOut(first_day=proposed.first_day, last_day=proposed.last_day)

    @api.post("/periods", tags=TAGS, summary="Open a pay period", openapi_extra=needs(Right.PREPARE), status_code=HTTPStatus.CREATED)
    def open_next(request: Request, asked: PeriodIn) -> PeriodOut:
        about = {"first_day": asked.first_day, "last_day": asked.last_day}
        with front.open(request, Right.PREPARE, "opened a pay period", about) as connection:
            try:
                refuse_half_periods(front.terms, asked.first_day, asked.last_day)
                opened = begin_period(
                    connection, first_day=asked.first_day, last_day=asked.last_day, who=seated_of(request).who, now=front.now()
                )
            except (PeriodRefused, RunRefused) as refused:
                raise _conflict(refused) from refused
        return _period(opened)

    @api.post("/periods/{first_day}/close", tags=TAGS, summary="Close a pay period for good", openapi_extra=needs(Right.PREPARE))
    def close(request: Request, first_day: FirstDay, asked: CloseIn) -> PeriodOut:
        with front.open(request, Right.PREPARE, "closed a pay period", {"first_day": first_day, "why": asked.why}) as connection:
            try:
                closed = end_period(connection, first_day=first_day, why=asked.why, who=seated_of(request).who, now=front.now())
            except (PeriodRefused, RunRefused) as refused:
                raise _conflict(refused) from refused
        return _period(closed)

    for name, step, right, summary in STEPS:
        _add_step(api, front, name=name, step=step, right=right, summary=summary)
    _add_work(api, front)


def _add_step(api: APIRouter, front: Front, *, name: str, step: Step, right: Right, summary: str) -> None:
    @api.post(f"/runs/{{run}}/{name}", tags=TAGS, summary=summary, openapi_extra=needs(right))
    def take(request: Request, run: RunNumber, asked: StepIn) -> RunWhole:
        seen = Seen(**asked.seen.model_dump()) if asked.seen else None
        with front.open(request, right, f"took the step {step} with a run", {"run": run, "why": asked.why}) as connection:
            found(connection, run)
            try:
                facts = take_step(connection, run, step=step, why=asked.why, seen=seen, who=seated_of(request).who, now=front.now())
            except RunRefused as refused:
                raise _conflict(refused) from refused
            return run_whole(facts, read_run_figures(connection, run), read_changes(connection, run))


def _add_work(api: APIRouter, front: Front) -> None:
    accepted = HTTPStatus.ACCEPTED

    @api.post("/runs/{run}/settle", tags=TAGS, summary="Settle its days anew", openapi_extra=needs(Right.PREPARE), status_code=accepted)
    def settle(request: Request, run: RunNumber) -> WorkOut:
        with front.open(request, Right.PREPARE, "asked to settle the days of a run", {"run": run}) as connection:
            facts = found(connection, run)
            asked = {"run": run, "first_day": facts.first_day, "last_day": facts.last_day}
            return take_up(request, front, connection, "settle", asked)

    @api.post("/runs/{run}/files", tags=TAGS, summary="Make its files", openapi_extra=needs(Right.EXPORT), status_code=accepted)
    def files(request: Request, run: RunNumber, asked: FilesIn) -> WorkOut:
        about = {"run": run, "formats": list(dict.fromkeys(asked.formats))}
        with front.open(request, Right.EXPORT, "asked for the files of a run", about) as connection:
            found(connection, run)
            return take_up(request, front, connection, "export", about)

    @api.post("/runs/{run}/bundle", tags=TAGS, summary="Pack its bundle", openapi_extra=needs(Right.SEE_RUNS), status_code=accepted)
    def bundle(request: Request, run: RunNumber) -> WorkOut:
        with front.open(request, Right.SEE_RUNS, "asked for the bundle of a run", {"run": run}) as connection:
            found(connection, run)
            return take_up(request, front, connection, "bundle", {"run": run})


def found(connection: Connection, run: int) -> RunFacts:
    """The run, or the problem that there is none."""
    try:
        return read_run_facts(connection, run)
    except RunRefused as none:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no run {run}. List them with /runs.") from none


def _conflict(refused: Exception) -> Problem:
    return Problem(HTTPStatus.CONFLICT, str(refused))


def _period(of: PayPeriod) -> PeriodOut:
    return PeriodOut(first_day=of.first_day, last_day=of.last_day, run=of.run, state=of.state, closed=of.closed_at is not None)  # type: ignore[arg-type] # states are checked by the table
