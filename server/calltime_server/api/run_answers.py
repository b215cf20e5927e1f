"""What is told to programs of a run, its figures, its lines and its changes?"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.times import Time, WrittenTime
from calltime_server.store.run_figures import Figure, RunRow
from calltime_server.store.runs import Change, RunFacts

State = Literal["draft", "with_provider", "approved", "exported", "paid"]
OutcomeName = Literal["pay", "park", "refuse"]
RunNumber = Annotated[int, Path(ge=1, le=2**63 - 1, description="The run's number, as /runs lists it.", examples=[7])]
Why = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S", description="Kept with the run for ever.", examples=["Checked"])]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]


class Told(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class RunOut(Told):
    """A run. For a provider all figures are those of its own lines."""

    run: int = Field(examples=[7])
    first_day: date = Field(examples=["2026-10-05"])
    last_day: date = Field(description="Included.", examples=["2026-11-01"])
    of_period: bool = Field(description="Whether it is that of a pay period.")
    closed: bool = Field(description="Whether its pay period is closed.")
    state: State
    lines: int = Field(description="Lines that are new in this run.")
    differences: int = Field(description="Reversals of lines of earlier runs.")
    paid: int = Field(description="Lines that are paid.")
    parked: int = Field(description="Lines that are parked.")
    refused: int = Field(description="Lines that are refused.")
    parked_minutes: int
    pence: int = Field(description="What it comes to, differences included.", examples=[93600])


class FigureOut(Told):
    """What the lines of one provider with one outcome and reason come to."""

    provider: str
    kind: Literal["visit", "retainer", "budget", "block", "bank"]
    outcome: OutcomeName
    reason: str = Field(examples=["no_stop"])
    lines: int
    differences: int
    planned_minutes: int
    contact_seconds: int
    paid_minutes: int
    parked_minutes: int
    pence: int


class ChangeOut(Told):
    """A change of a run's state; `pence` is what it came to then."""

    state: State
    by: str
    why: str
    at: Time
    through: int
    pence: int


class RunWhole(Told):
    """A run with its figures. `changes` are told to the council alone. `through` is its last entry: name it when you take a step."""

    run: int
    first_day: date
    last_day: date
    state: State
    through: int
    lines: int
    differences: int
    pence: int
    figures: list[FigureOut]
    changes: list[ChangeOut]


class SeenIn(Told):
    """The run as you saw it: where it has changed since, nothing is done."""

    state: State
    through: int = Field(ge=0, le=2**63 - 1)
    pence: int = Field(ge=-(2**63), le=2**63 - 1)


class StepIn(Told):
    """Why a step is taken, and by what you decided."""

    why: Why
    seen: SeenIn | None = Field(default=None, description="Without it the step is taken whatever the run is now.")


class PeriodIn(Told):
    """The days of a pay period, both included."""

    first_day: Day = Field(examples=["2026-10-05"])
    last_day: Day = Field(examples=["2026-11-01"])


class PeriodOut(Told):
    """A pay period, both days included, with its run."""

    first_day: date
    last_day: date
    run: int
    state: State
    closed: bool


class NextOut(Told):
    """The days that the next pay period would have; null where nobody can tell."""

    first_day: date | None
    last_day: date | None


class FilesIn(Told):
    """Which kinds of files are to be made."""

    formats: list[Literal["csv", "jsonl", "parquet", "xlsx", "abacus", "controcc", "adam", "ubl"]] = Field(min_length=1, max_length=8)


class LineOut(Told):
    """A line of a run: a planned visit and one of its carers, or something that a period came to beside them."""

    line: int
    run: int
    reverses: int | None = Field(description="The line of an earlier run that this one takes back.")
    visit_id: str
    carer_no: int
    kind: Literal["visit", "retainer", "budget", "block", "bank"]
    service_user: str | None
    provider: str
    payee: str
    package: str | None
    zone: str | None
    service: str | None
    carer: str | None
    period: date | None
    planned_start: WrittenTime
    planned_minutes: int | None
    started: WrittenTime | None
    ended: WrittenTime | None
    start_device: str | None
    start_seq: int | None
    stop_device: str | None
    stop_seq: int | None
    grade: int | None
    delivery: str | None
    contact_seconds: int
    waiting_seconds: int
    paid_minutes: int
    parked_minutes: int
    pence: int
    council_pence: int
    health_pence: int
    charge_pence: int
    bank_minutes: int
    outcome: OutcomeName
    reason: str
    explanation: str


def run_out(row: RunRow) -> RunOut:
    """A row of the list of runs."""
    told = {name: getattr(row, name) for name in RunOut.model_fields if name != "of_period"}
    return RunOut(**told, of_period=row.period)


def run_whole(facts: RunFacts, figures: tuple[Figure, ...], changes: tuple[Change, ...]) -> RunWhole:
    """One run."""
    own = {name: getattr(facts, name) for name in RunWhole.model_fields if name not in ("figures", "changes")}
    return RunWhole(
        **own,
        figures=[FigureOut.model_validate(each) for each in figures],
        changes=[ChangeOut.model_validate(each) for each in changes],
    )
