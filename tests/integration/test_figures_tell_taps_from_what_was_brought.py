"""Are visits that another system brought kept apart from tapped ones in every figure?

Nobody tapped for V4, planned at S4 from 11:00 to 11:30 in London; C9 works for North Care, whose own system saw the visit.
"""

from datetime import datetime, timedelta

import polars as pl
import pytest

from calltime_server.store.brought import BRINGING, agree, bring
from calltime_server.store.carers import list_carers
from calltime_server.store.connection import connect, fetch
from fixtures.logged import log_days_now
from fixtures.office import let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay

NORTH = "North Care"
TOMORROW = EVENING + timedelta(days=1)


def brings(dsn: str, *, stop: str = "10:32") -> None:
    """The visit X4 of North Care's system, in UTC; the same id again corrects it."""
    started, ended = (datetime.fromisoformat(f"{DAY}T{each}:00+00:00") for each in ("10:02", stop))
    with connect(dsn) as connection:
        visits = pl.DataFrame([("X4", "S4", "C9", started, ended, False)], schema=BRINGING, orient="row")
        bring(connection, visits, provider=NORTH, by="their system", now=EVENING)


@pytest.fixture
def brought(small_day: SmallDay) -> str:
    with connect(small_day.dsn) as connection:
        agree(connection, provider=NORTH, since=DAY, grade=0, by="an officer", now=EVENING)
    brings(small_day.dsn)
    log_days_now(small_day.dsn, DAY)
    return small_day.dsn


def counts(dsn: str) -> tuple[int, ...]:
    """Made, electronic, amended and brought, of North Care."""
    query = "SELECT sum(made)::int, sum(electronic)::int, sum(amended)::int, sum(brought)::int FROM logged_figures WHERE provider = %(of)s"
    with connect(dsn) as connection:
        return fetch(connection, query, {"of": NORTH})[0]


def test_a_brought_visit_is_made_and_not_electronic(brought: str) -> None:
    # V1 and one carer of V2 were tapped at both ends.
    assert counts(brought) == (3, 2, 0, 1)


def test_a_corrected_brought_visit_is_amended(brought: str) -> None:
    brings(brought, stop="10:35")
    log_days_now(brought, DAY)

    assert counts(brought) == (3, 2, 1, 0)


def test_a_brought_visit_is_none_that_its_carer_tapped(brought: str) -> None:
    with connect(brought) as connection:
        carers = {each.carer: (each.visits, each.tapped) for each in list_carers(connection, first=DAY, last=DAY, limit=50)}

    assert carers["C9"] == (1, 0)
    assert carers["C1"][1] == 2


def test_compliance_shows_brought_visits_apart_on_the_page_and_to_programs(brought: str) -> None:
    with office(brought, now=TOMORROW, let=let_in(brought, now=TOMORROW)) as client:
        share = client.get("/api/v1/compliance", params={"first": "2026-10-01"}).json()["providers"][0]
        page = client.get("/compliance?first=2026-10-01&last=2026-10-05").text

    assert (share["due"], share["electronic"], share["brought"], share["amended"], share["missing"]) == (5, 2, 1, 0, 2)
    assert "Brought by another system" in page
    assert "20 % <small>1</small>" in page.replace("20.0 %", "20 %")


def test_a_program_sets_what_share_must_be_tapped(brought: str) -> None:
    with office(brought, now=TOMORROW, let=let_in(brought, now=TOMORROW)) as client:
        assert client.put("/api/v1/compliance/threshold", json={"hundredths": 9000}).json() == {"hundredths": 9000}
        assert client.get("/api/v1/compliance").json()["threshold"] == 9000
        assert client.put("/api/v1/compliance/threshold", json={"hundredths": 10_001}).status_code == 422
