"""Does the published rota come in as the day that its paper describes?"""

from __future__ import annotations

from datetime import date

import polars as pl

from calltime_server.jobs.plan_hhcrsp import read_hhcrsp
from calltime_server.visits.columns import PLAN
from calltime_sim import rota

DAY = date(2026, 10, 5)


def test_the_udine_rota_is_433_visits_to_356_people_and_508_carer_visits() -> None:
    plan = read_hhcrsp(rota.INSTANCE.read_bytes(), rota.SOLUTION.read_bytes(), day=DAY)

    assert isinstance(plan, pl.DataFrame)
    assert plan.schema == PLAN
    assert plan.height == 433
    assert plan["service_user"].n_unique() == 356
    assert plan["visit_id"].is_unique().all()
    assert plan["carers"].value_counts().sort("carers").rows() == [(1, 358), (2, 75)]
    # 261.25 hours of care by one carer
    assert (plan["planned_minutes"] * plan["carers"]).sum() == 15_675


def test_minutes_are_counted_from_seven_in_the_morning_in_london() -> None:
    plan = read_hhcrsp(rota.INSTANCE.read_bytes(), rota.SOLUTION.read_bytes(), day=DAY)

    assert isinstance(plan, pl.DataFrame)
    # The first visit begins 5 minutes into the day: 07:05 in London, which is an hour ahead of UTC on that day.
    assert str(plan["planned_start"][0]) == "2026-10-05 06:05:00+00:00"


def test_a_file_that_is_no_rota_is_told_with_every_place_that_is_wrong() -> None:
    faults = read_hhcrsp(b'{"name": "x", "central_offices": [], "patients": [{}]}', b'{"routes": []}', day=DAY)

    assert isinstance(faults, tuple)
    assert {fault.column for fault in faults} == {"central_offices", "patients.0.id", "patients.0.location"}


def test_a_solution_of_another_instance_is_refused() -> None:
    instance = b'{"name": "x", "central_offices": [{"location": [1, 2]}], "patients": []}'

    faults = read_hhcrsp(instance, rota.SOLUTION.read_bytes(), day=DAY)

    assert isinstance(faults, tuple)
    assert "whom the instance does not know" in faults[0].says
