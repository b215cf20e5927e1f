"""How is the first token made, before anybody has opened the office in a browser? The real program, on a real database."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime

import pytest

from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.people import add_person
from calltime_sim.services.programs import program
from fixtures.office import office

NOW = datetime.now(UTC)


@pytest.fixture
def with_people(postgres_database: str) -> str:
    with connect(postgres_database) as connection:
        for role, provider, carer in ((Role.OFFICER, None, None), (Role.CARER, "P1", "c1")):
            email = f"{role.value}@council.example"
            add_person(connection, name=role.value, email=email, role=role, provider=provider, carer=carer, by="a test", now=NOW)
    return postgres_database


def token(dsn: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLTIME_")} | {"CALLTIME_DATABASE": dsn}
    command = [program("calltime-server"), "token", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_token_is_made_listed_used_and_revoked(with_people: str) -> None:
    made = token(with_people, "make", "--as", "Officer@council.example", "--called", "finance", "--scope", "tokens:keep", "--days", "9")
    listed = token(with_people, "list")
    assert re.fullmatch(r"ct_[\w-]{43}\n", made.stdout), made.stderr
    with office(with_people, now=NOW) as client:
        before = client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {made.stdout.strip()}"})
        revoked = token(with_people, "revoke", str(before.json()["items"][0]["number"] - 1))
        after = client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {made.stdout.strip()}"})

    assert re.search(r"\d+ +finance +officer +works +20\d\d-\d\d-\d\d +tokens:keep", listed.stdout)
    assert made.stdout.strip() not in listed.stdout
    assert revoked.returncode == 0, revoked.stderr
    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("--as", "nobody@council.example", "--scope", "runs:read"),
            "Nobody who may make tokens has an account with nobody@",
        ),
        (("--as", "carer@council.example", "--scope", "own:read"), "Nobody who may make tokens has an account with carer@"),
        (("--as", "officer@council.example", "--scope", "runs:approve"), "A token cannot have the scopes runs:approve"),
        (("--as", "officer@council.example", "--scope", "runs:raed"), "There is no scope runs:raed."),
        (("--as", "officer@council.example", "--scope", "runs:read", "--days", "400"), "a life of more than 366 days"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_sentence(with_people: str, words: tuple[str, ...], says: str) -> None:
    refused = token(with_people, "make", "--called", "finance", *words)

    assert refused.returncode == 1
    assert says in refused.stderr


def test_a_number_that_no_token_has_is_refused(with_people: str) -> None:
    refused = token(with_people, "revoke", "404")

    assert (refused.returncode, refused.stderr.startswith("calltime-server: There is no token 404.")) == (1, True)
