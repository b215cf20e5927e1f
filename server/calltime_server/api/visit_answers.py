"""How is a visit, a problem, and how the day stands, given to programs?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.times import Time
from calltime_server.store.forgotten import Forgetting, forgotten_on
from calltime_server.store.logged import Row, became

State = Literal["to_come", "late", "missed", "under_way", "no_stop", "no_start", "delivered", "told", "not_planned"]
FROZEN = ConfigDict(frozen=True)


class LoggedVisit(BaseModel):
    """One carer's part of a visit, as it stands now. What nobody planned has no `visit_id` and no plan."""

    model_config = FROZEN

    day: date = Field(description="The day in London.", examples=["2026-10-05"])
    place: int = Field(description="Its place in the order of the day.", examples=[1])
    visit_id: str | None = Field(examples=["V1"])
    carer_no: int | None = Field(description="1 to `carers`.", examples=[1])
    service_user: str | None = Field(examples=["S1"])
    provider: str | None = Field(examples=["North Care"])
    zone: str | None = Field(examples=["Z1"])
    service: str | None = Field(examples=["personal care"])
    planned_start: Time | None = Field(examples=["2026-10-05T07:00:00Z"])
    planned_minutes: int | None = Field(examples=[30])
    carers: int | None = Field(description="How many carers were asked for at once.", examples=[1])
    carer: str | None = Field(examples=["C1"])
    started: Time | None = Field(examples=["2026-10-05T07:04:10Z"])
    ended: Time | None = Field(examples=["2026-10-05T07:31:55Z"])
    start_device: str | None = Field(description="The door; `office`: entered by hand; `brought`: by the provider's own system.")
    start_seq: int | None
    start_grade: int | None = Field(description="How much the start proves.", examples=[2])
    stop_device: str | None
    stop_seq: int | None
    stop_grade: int | None
    contact_seconds: int = Field(examples=[1665])
    waiting_seconds: int = Field(examples=[0])
    delivery: str = Field(
        description="What became of it by the record; `to_come` while it may still be made.", examples=["delivered_short"]
    )
    state: State = Field(description="How it stands at the time of the answer.", examples=["delivered"])
    late_from: Time | None = Field(examples=["2026-10-05T07:15:00Z"])
    missed_from: Time | None = Field(examples=["2026-10-05T09:00:00Z"])
    open_until: Time | None = Field(examples=["2026-10-05T09:30:00Z"])
    amended: bool = Field(description="Whether an end of it was entered by hand.", examples=[False])
    taps_forgotten_at: Time | None = Field(
        description="When taps of its day were forgotten on purpose, for their age; it stands as before. null: they are kept.",
        examples=[None],
    )


class VisitProblem(BaseModel):
    """Something that somebody should look at: what, why and what next, in `says`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    day: date = Field(examples=["2026-10-05"])
    place: int = Field(description="Its number on the day, for as long as it lasts.", examples=[1])
    kind: str = Field(examples=["no_stop"])
    device: str | None
    seq: int | None
    visit_id: str | None = Field(examples=["V3"])
    carer: str | None = Field(examples=["C1"])
    service_user: str | None = Field(examples=["S3"])
    provider: str | None = Field(examples=["North Care"])
    at: Time | None = Field(examples=["2026-10-05T09:01:00Z"])
    says: str = Field(examples=["C1 started at S3 at 10:01:00 on 5 October 2026, but no stop tap has come."])


class Queues(BaseModel):
    """How many carer visits of today stand where."""

    model_config = FROZEN

    day: date = Field(examples=["2026-10-05"])
    at: Time = Field(examples=["2026-10-05T09:30:00Z"])
    late: int
    due: int
    here: int
    missed: int
    mend: int = Field(description="The start or the stop is missing.")
    unplanned: int
    told: int = Field(description="Not made, and somebody told why.")
    done: int


def logged_visit(row: Row, known: Sequence[Forgetting]) -> LoggedVisit:
    """A row of store.logged, and whether its taps were forgotten by what is known of that."""
    forgotten = forgotten_on(known, row["day"])
    return LoggedVisit(**{**row, "delivery": became(row)}, taps_forgotten_at=forgotten.at if forgotten else None)
