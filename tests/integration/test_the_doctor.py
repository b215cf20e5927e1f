"""Does `calltime-server doctor` find what puts a promise at risk, and say what to do? The real program, on real databases."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from calltime_server.store.migrations import migrate
from calltime_sim.services.embedded_postgres import EmbeddedPostgres
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.programs import program
from calltime_sim.services.timescaledb import TimescaleDb
from fixtures.missing_parts import need
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import deliver


def office(dsn: str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLTIME_")}
    environment |= {"CALLTIME_DATABASE": dsn} | settings
    return subprocess.run([program("calltime-server"), *words], env=environment, capture_output=True, text=True, check=False, timeout=60)


def findings(dsn: str, **settings: str) -> dict[str, tuple[str, str]]:
    """What → (level, says)."""
    said = office(dsn, "doctor", "--json", **settings)
    assert not said.stderr
    found = {finding["what"]: (finding["level"], finding["says"]) for finding in json.loads(said.stdout)}
    assert said.returncode == int(any(level == "RISK" for level, _ in found.values()))
    return found


@pytest.fixture(scope="module", params=[EmbeddedPostgres, TimescaleDb], ids=["postgres", "timescaledb"])
def durable(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A server with its own settings, fsync on; the others of the tests have it off, which the doctor would say."""
    need(request.param)
    with tempfile.TemporaryDirectory(prefix="ct-", ignore_cleanup_errors=True) as folder, request.param(Path(folder)) as server:
        migrate(server.dsn)
        yield server


def test_a_good_installation_has_no_risk_and_says_which_edition_it_is(durable: Postgres) -> None:
    tended = office(durable.dsn, "tend")
    seen = office(durable.dsn, "doctor")

    assert tended.returncode == 0, tended.stderr
    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert "RISK" not in seen.stdout
    assert "are on disk when a door gets its receipt" in seen.stdout
    assert "the record and the ledger refuse changes" in seen.stdout
    edition = f"the {TimescaleDb.edition()}" if durable.name == TimescaleDb.name else "without TimescaleDB"
    assert edition.lower() in seen.stdout.lower()
    level, says = findings(durable.dsn)["tending"]
    assert level == "ok", says


def test_a_record_that_is_not_tended_is_told(durable: Postgres) -> None:
    with psycopg.connect(durable.dsn) as connection:
        connection.execute("UPDATE tending SET tended_at = '2025-01-01Z'")

    assert findings(durable.dsn)["tending"] == (
        "note",
        "last 2025-01-01 00:00Z. Run hourly: calltime-server tend. Until then boards are slow or late",
    )
    assert office(durable.dsn, "doctor").returncode == 0
    assert office(durable.dsn, "doctor", "--tended").returncode == 1
    assert office(durable.dsn, "tend").returncode == 0
    assert office(durable.dsn, "doctor", "--tended").returncode == 0


def test_what_the_address_of_the_database_sets_itself_is_seen(durable: Postgres) -> None:
    weakened = durable.dsn + ("&" if "?" in durable.dsn else "?") + "options=-c%20synchronous_commit%3Doff"

    level, says = findings(weakened)["commits"]

    assert level == "RISK"
    assert says.startswith("synchronous_commit off")


def test_commits_that_a_power_cut_takes_back_are_a_risk(database: str) -> None:
    level, says = findings(database)["commits"]

    assert level == "RISK"
    assert says.startswith("fsync and full_page_writes off: a power cut can lose taps that were receipted")


def test_a_trigger_that_was_switched_off_is_a_risk(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE receipt DISABLE TRIGGER append_only")

    level, says = findings(database)["append-only"]

    assert level == "RISK"
    assert says.startswith("receipt can be changed")


@pytest.mark.parametrize(
    "instead",
    [
        "CREATE TRIGGER append_only BEFORE UPDATE ON tap FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tap FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tap FOR EACH ROW EXECUTE FUNCTION say_nothing()",
    ],
    ids=["lets rows be deleted", "never fires", "does nothing"],
)
def test_a_trigger_that_only_has_the_name_is_a_risk_and_the_advice_mends_it(database: str, instead: LiteralString) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE FUNCTION say_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'")
        connection.execute("DROP TRIGGER append_only ON tap")
        connection.execute(instead)

    level, says = findings(database)["append-only"]

    assert level == "RISK"
    assert says.startswith("tap can be changed")
    with psycopg.connect(database) as connection:
        connection.execute(says[says.index("DROP TRIGGER") :].encode())
    assert findings(database)["append-only"][0] == "ok"


def test_a_database_that_was_not_migrated_is_told_and_nothing_more_is_asked_of_it(postgres_server: Postgres) -> None:
    found = findings(postgres_server.dsn)

    assert found["schema"][0] == "RISK"
    assert "0001_the_record" in found["schema"][1]
    assert found["schema"][1].endswith("Run: calltime-server migrate")
    assert "doors" not in found


def test_doors_and_quarantine_are_counted(database: str) -> None:
    heard, never, stranger = Door("heard"), Door("never"), Door("stranger")
    enrol(database, heard, never)
    deliver(database, heard, heard.tap())
    deliver(database, stranger, stranger.tap())

    found = findings(database)

    assert found["doors"] == ("note", "2 enrolled; 1 never heard, 1 silent for 7 days")
    assert found["quarantine"] == ("note", "1 in it and not in the record. See: calltime-server quarantine")


def test_how_long_taps_are_kept_is_told_and_too_short_a_time_is_refused(database: str) -> None:
    refused = office(database, "tend", CALLTIME_KEEP_YEARS="6")

    assert findings(database)["keeping"] == ("ok", "taps are kept for ever (CALLTIME_KEEP_YEARS)")
    assert findings(database, CALLTIME_KEEP_YEARS="12")["keeping"] == ("ok", "taps are kept for 12 years (CALLTIME_KEEP_YEARS)")
    assert refused.returncode == 1
    assert "CALLTIME_KEEP_YEARS must be a whole number from 7 to 100, not '6'" in refused.stderr


def test_a_hypertable_tells_how_its_chunks_lie_in_memory(timescaledb_database: str) -> None:
    door = Door("somebody")
    enrol(timescaledb_database, door)
    deliver(timescaledb_database, door, door.tap())

    level, says = findings(timescaledb_database)["chunks"]

    assert level == "ok"
    assert says.startswith("1 of 7 days; the newest one's indexes (")
