"""What did a published home-care rota plan? Reads an instance and its solution of the Home Health Care Routing and Scheduling Problem.

Format: the data repository of Ceschia, Di Gaspero, Rosati and Schaerf, International Transactions in Operational Research, 2024.
Minutes are counted from the start of the day's service, which is taken to be 07:00 in London.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import BaseModel, Field, ValidationError, model_validator

from calltime_server.faults import Fault
from calltime_server.visits.columns import PLAN

DAY_BEGINS = time(7, tzinfo=ZoneInfo("Europe/London"))


Minute = Annotated[int, Field(ge=0, le=1440)]


class _Office(BaseModel):
    location: tuple[float, float]


class _Synchronization(BaseModel):
    type: str


class _Patient(BaseModel):
    id: str
    location: tuple[float, float]
    synchronization: _Synchronization | None = None


class _Instance(BaseModel):
    name: str
    central_offices: Annotated[list[_Office], Field(min_length=1)]
    patients: list[_Patient]


class _Stop(BaseModel):
    patient: str
    service: str
    arrival_time: Minute
    departure_time: Minute

    @model_validator(mode="after")
    def _leaves_after_it_arrives(self) -> Self:
        if self.departure_time <= self.arrival_time:
            raise ValueError(f"the carer leaves {self.patient} at minute {self.departure_time} and arrives at {self.arrival_time}")
        return self


class _Route(BaseModel):
    caregiver_id: str
    locations: list[_Stop] = []


class _Solution(BaseModel):
    routes: list[_Route]


def read_hhcrsp(instance: bytes, solution: bytes, *, day: date) -> pl.DataFrame | tuple[Fault, ...]:
    """Return the rota of one day as a PLAN frame, or everything that is wrong with the two files.

    Visits of two carers at once are one planned visit with two carers; visits one after the other are two planned visits.
    Zones are the quarters around the office, and each half of the town has its provider: the files name neither.
    """
    try:
        told, rota = _Instance.model_validate_json(instance), _Solution.model_validate_json(solution)
    except ValidationError as error:
        return tuple(Fault(line=None, column=".".join(map(str, e["loc"])), says=f"{e['msg']}.") for e in error.errors())
    patients = {patient.id: patient for patient in told.patients}
    stops: dict[str, list[_Stop]] = defaultdict(list)
    for route in rota.routes:
        for stop in route.locations:
            stops[stop.patient].append(stop)
    unknown = sorted(stops.keys() - patients.keys())
    if unknown:
        return tuple(
            Fault(line=None, column="patient", says=f"The solution visits {name}, whom the instance does not know.") for name in unknown
        )
    rows = [row for name in stops for row in _visits(told, patients[name], stops[name], day)]
    return pl.DataFrame(rows, schema=PLAN).sort("planned_start", "visit_id")


def _visits(told: _Instance, patient: _Patient, stops: list[_Stop], day: date) -> Iterator[Mapping[str, Any]]:
    zone = _zone(patient, told.central_offices[0])
    at_once = patient.synchronization is not None and patient.synchronization.type == "simultaneous"
    begins = datetime.combine(day, DAY_BEGINS).astimezone(UTC)
    stops = sorted(stops, key=lambda stop: (stop.arrival_time, stop.service))
    for number, stop in enumerate(stops[:1] if at_once else stops, start=1):
        yield {
            "visit_id": f"{told.name}-{day:%m%d}-{patient.id}" + (f"-{number}" if len(stops) > 1 and not at_once else ""),
            "service_user": patient.id,
            "provider": "provider-east" if zone.endswith("east") else "provider-west",
            "zone": zone,
            "service": "+".join(sorted({each.service for each in stops})) if at_once else stop.service,
            "planned_start": begins + timedelta(minutes=stop.arrival_time),
            "planned_minutes": stop.departure_time - stop.arrival_time,
            "carers": len(stops) if at_once else 1,
        }


def _zone(patient: _Patient, office: _Office) -> str:
    north = "north" if patient.location[1] >= office.location[1] else "south"
    return f"{north}-{'east' if patient.location[0] >= office.location[0] else 'west'}"
