"""What do programs learn of packages, blocks, providers and journeys? The same as pages show, a part at a time, and nothing of others'."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import httpx
import polars as pl
import pytest

from calltime_server.payment.agreed import BLOCKS, PACKAGES
from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.noting import note
from calltime_server.store.providers import PROVIDERS
from calltime_server.visits.told import JOURNEYS
from fixtures.office import let_in, office
from fixtures.small_day import EVENING, SmallDay

NORTH, SOUTH = "North Care", "South & West Care"
LISTS = {"packages": "package", "blocks": "block", "providers": "provider", "journeys": "from_home"}


def rows_of(shape: pl.Schema, *rows: Mapping[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in shape.names()} for row in rows], schema=shape, orient="row")


@pytest.fixture
def agreed(small_day: SmallDay) -> str:
    """Of each kind two rows of one provider and one of another; the first package was changed once."""
    starts = date(2026, 4, 6)
    package = {"provider": NORTH, "service": "personal care", "starts": starts, "exceptional": False}
    homes = (("P1", "S1", NORTH), ("P2", "S2", NORTH), ("P3", "S5", SOUTH))
    packages = rows_of(PACKAGES, *(package | {"package": name, "service_user": home, "provider": whose} for name, home, whose in homes))
    changed = rows_of(PACKAGES, package | {"package": "P1", "service_user": "S1", "agreed_minutes": 600, "ends": date(2027, 4, 4)})
    block = {"starts": starts, "minutes_per_week": 6000}
    blocks = rows_of(
        BLOCKS, *(block | {"block": f"B{number}", "provider": whose} for number, whose in ((1, NORTH), (2, NORTH), (3, SOUTH)))
    )
    told = {"kind": "lead", "country": "GB"}
    providers = rows_of(PROVIDERS, *(told | {"provider": name, "name": f"{name} Limited"} for name in (NORTH, SOUTH, "Third Care")))
    ways = (("S1", "S2", 12), ("S1", "S3", 9), ("S5", "S1", 25))
    journeys = rows_of(JOURNEYS, *({"from_home": a, "to_home": b, "least_minutes": minutes} for a, b, minutes in ways))
    with connect(small_day.dsn) as connection:
        note(connection, "package", packages, by="a test", now=EVENING)
        note(connection, "package", changed, by="a test", now=EVENING)
        note(connection, "block", blocks, by="a test", now=EVENING)
        note(connection, "provider", providers, by="a test", now=EVENING)
        note(connection, "journey", journeys, by="a test", now=EVENING)
    return small_day.dsn


def items(client: httpx.Client, address: str) -> list[dict[str, object]]:
    answer = client.get(f"/api/v1{address}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def test_each_thing_is_given_as_it_was_agreed_last(agreed: str) -> None:
    with office(agreed) as client:
        (package,) = items(client, "/packages?sought=P1")
        (block,) = items(client, "/blocks?sought=B3")
        (provider,) = items(client, "/providers?sought=north")
        (journey,) = items(client, "/journeys?sought=S5")

    assert package == {
        **dict.fromkeys(("contingency_minutes", "budget_pence", "outcome", "health_percent", "fund_holder", "charge_percent")),
        "package": "P1",
        "service_user": "S1",
        "provider": NORTH,
        "service": "personal care",
        "starts": "2026-04-06",
        "ends": "2027-04-04",
        "agreed_minutes": 600,
        "exceptional": False,
    }
    assert (block["provider"], block["minutes_per_week"], block["ends"]) == (SOUTH, 6000, None)
    assert (provider["name"], provider["country"], provider["vat_number"]) == ("North Care Limited", "GB", None)
    assert journey == {"from_home": "S5", "to_home": "S1", "least_minutes": 25}


@pytest.mark.parametrize("path", LISTS)
def test_a_long_list_comes_in_parts_and_is_told_once_while_it_is_unchanged(agreed: str, path: str) -> None:
    with office(agreed) as client:
        first = client.get(f"/api/v1/{path}?limit=2")
        rest = client.get(first.json()["next"])
        unchanged = client.get(f"/api/v1/{path}?limit=2", headers={"If-None-Match": first.headers["ETag"]})
        other = client.get(first.json()["next"].replace(path, "plan"))

    told = [row for answer in (first, rest) for row in answer.json()["items"]]
    keys = [(row[LISTS[path]], row.get("to_home", "")) for row in told]
    assert len(keys) == 3
    assert keys == sorted(set(keys))
    assert rest.json()["next"] is None
    assert unchanged.status_code == 304
    assert other.status_code in (400, 422)


def test_a_providers_program_sees_what_is_its_own(agreed: str) -> None:
    with office(agreed, let=let_in(agreed, Role.PROVIDER, provider=NORTH)) as client:
        assert [row["package"] for row in items(client, "/packages")] == ["P1", "P2"]
        assert [row["block"] for row in items(client, "/blocks")] == ["B1", "B2"]
        assert [row["provider"] for row in items(client, "/providers")] == [NORTH]
        assert [(row["from_home"], row["to_home"]) for row in items(client, "/journeys")] == [("S1", "S2"), ("S1", "S3")]


@pytest.mark.parametrize("path", LISTS)
def test_who_has_no_right_to_the_plan_is_refused(agreed: str, path: str) -> None:
    with office(agreed, let=let_in(agreed, Role.ADMINISTRATOR)) as client:
        assert client.get(f"/api/v1/{path}").status_code == 403


def test_what_was_read_stands_in_the_audit_log(agreed: str) -> None:
    with office(agreed) as client:
        items(client, "/packages?sought=S1")

    with connect(agreed) as connection:
        done = connection.execute("SELECT about FROM audit WHERE did = 'read what was agreed'").fetchall()
    assert done == [({"list": "package", "sought": "S1"},)]
