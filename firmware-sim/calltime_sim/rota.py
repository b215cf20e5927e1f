"""Who should be where, and when? A published rota, as the town's carers carry it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROTAS = Path(__file__).parent / "rotas"
INSTANCE = ROTAS / "instance_018-udine-r17-p356.json"
SOLUTION = ROTAS / "solution_018-udine-r17-p356.json"

DAY_BEGINS = time(7, tzinfo=ZoneInfo("Europe/London"))
"""The files count minutes from the start of the day's service and do not say when that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One carer's part of a visit: where, from when, and for how many minutes it is planned."""

    carer: str
    home: str
    starts: datetime
    minutes: int


def read_rota(solution: Path, *, day: date) -> dict[str, tuple[Call, ...]]:
    """Read every carer's calls of the day, in order. Carers who stay at home that day are left out."""
    begins = datetime.combine(day, DAY_BEGINS).astimezone(UTC)
    routes = json.loads(solution.read_bytes())["routes"]
    calls = {
        route["caregiver_id"]: tuple(_call(route["caregiver_id"], stop, begins) for stop in route.get("locations", [])) for route in routes
    }
    return {carer: tuple(sorted(own, key=lambda call: call.starts)) for carer, own in calls.items() if own}


def carers_of_one_half() -> dict[str, str]:
    """The provider of each carer of the published rota who visits in one half of the town alone: each half has its own, as the import says.

    Of those who visit in both it says nothing, so nothing is made up.
    """
    told, routes = json.loads(INSTANCE.read_bytes()), json.loads(SOLUTION.read_bytes())["routes"]
    office = told["central_offices"][0]["location"][0]
    half = {each["id"]: "provider-east" if each["location"][0] >= office else "provider-west" for each in told["patients"]}
    visits = {route["caregiver_id"]: {half[stop["patient"]] for stop in route.get("locations", [])} for route in routes}
    return {carer: providers.pop() for carer, providers in visits.items() if len(providers) == 1}


def _call(carer: str, stop: dict[str, float | str], begins: datetime) -> Call:
    arrives, leaves = float(stop["arrival_time"]), float(stop["departure_time"])
    return Call(carer=carer, home=str(stop["patient"]), starts=begins + timedelta(minutes=arrives), minutes=int(leaves - arrives))
