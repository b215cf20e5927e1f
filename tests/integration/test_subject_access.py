"""Does a person get everything that is held about them, and nothing of others?"""

import csv
import io
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

from calltime_server.jobs.subject_access import gather
from calltime_server.rights import Role
from calltime_server.store.connection import connect, fetch
from calltime_server.store.people import add_person
from calltime_sim.services.programs import program
from fixtures.logged import log_days_now
from fixtures.office import csrf_of, let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay


def tables(content: bytes) -> dict[str, str]:
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def words(held: dict[str, str]) -> set[str]:
    """All that stands in the tables by itself, between commas and blanks: what is signed is one long word."""
    return {word for text in held.values() for word in text.replace(",", " ").split()}


def test_a_service_user_gets_plan_taps_and_pay_and_no_carer_by_reference(settled_day: SmallDay) -> None:
    with connect(settled_day.dsn) as connection:
        content, rows = gather(connection, "service_user", "S1", now=EVENING)
    held = tables(content)

    assert rows > 0
    assert [row["visit_id"] for row in csv.DictReader(io.StringIO(held["planned-visits.csv"]))] == ["V1"]
    taps = list(csv.DictReader(io.StringIO(held["taps.csv"])))
    assert [tap["action"] for tap in taps] == ["start", "stop"]
    assert all(tap["jws"].count(".") == 2 for tap in taps)
    assert [row["outcome"] for row in csv.DictReader(io.StringIO(held["payment-lines.csv"]))] == ["pay"]
    assert "C1" not in words(held)
    assert "Left out" in held["README.txt"]


def test_a_visit_to_come_is_not_told_as_missed(settled_day: SmallDay) -> None:
    log_days_now(settled_day.dsn, DAY)
    became = []
    for now in (EVENING - timedelta(hours=13), EVENING):
        with connect(settled_day.dsn) as connection:
            content, _ = gather(connection, "service_user", "S4", now=now)
        became.append([row["delivery"] for row in csv.DictReader(io.StringIO(tables(content)["visits.csv"]))])

    assert became == [["to_come"], ["missed"]]


def test_a_carer_gets_the_own_taps_and_no_service_user_by_reference(settled_day: SmallDay) -> None:
    with connect(settled_day.dsn) as connection:
        content, _ = gather(connection, "carer", "C3", now=EVENING)
    held = tables(content)

    assert len(list(csv.DictReader(io.StringIO(held["taps.csv"])))) == 5
    assert "S5" not in words(held)


def test_asking_is_for_officers_and_administrators_and_is_noted(settled_day: SmallDay) -> None:
    keeper = let_in(settled_day.dsn, Role.ADMINISTRATOR)
    with office(settled_day.dsn, let=keeper) as client:
        csrf = csrf_of(settled_day.dsn, keeper)
        assert client.post("/subject-access", data={"csrf": csrf}).status_code == 422
        page = client.post("/subject-access", data={"csrf": csrf, "kind": "service_user", "who": "S1"})
        assert page.url.path.startswith("/work/")
        assert "asked for a subject-access export" in client.get("/audit", params={"about": "service_user", "value": "S1"}).text
    with office(settled_day.dsn, let=let_in(settled_day.dsn, Role.AUDITOR)) as client:
        assert client.get("/subject-access").status_code == 403


def by_command(dsn: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLTIME_")} | {"CALLTIME_DATABASE": dsn}
    command = [program("calltime-server"), "subject-access", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_writes_the_same_for_one_reader_alone_and_notes_who_answers_for_it(settled_day: SmallDay, tmp_path: Path) -> None:
    with connect(settled_day.dsn) as connection:
        for role in (Role.OFFICER, Role.AUDITOR):
            email = f"{role.value}@council.example"
            add_person(connection, name=role.value, email=email, role=role, provider=None, carer=None, by="a test", now=EVENING)
    out = tmp_path / "held.zip"

    refused = by_command(settled_day.dsn, "--carer", "C3", "--out", str(out), "--by", "auditor@council.example")
    unknown = by_command(settled_day.dsn, "--carer", "C99", "--out", str(out), "--by", "officer@council.example")
    assert not out.exists()
    done = by_command(settled_day.dsn, "--carer", "C3", "--out", str(out), "--by", "officer@council.example")
    again = by_command(settled_day.dsn, "--carer", "C3", "--out", str(out), "--by", "officer@council.example")

    assert done.returncode == 0, done.stderr
    assert "may make no subject-access export" in refused.stderr
    assert "Nothing is held" in unknown.stderr
    assert "is there already" in again.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(list(csv.DictReader(io.StringIO(tables(out.read_bytes())["taps.csv"])))) == 5
    with connect(settled_day.dsn) as connection:
        noted = fetch(connection, "SELECT name, about FROM audit WHERE did LIKE %(did)s", {"did": "%by a command"})
    assert noted == [("officer", {"carer": "C3"})]
