"""Does the database itself refuse to forget or to rewrite what was captured? Asked of both kinds of database."""

from __future__ import annotations

import itertools
import re
from importlib import resources
from typing import LiteralString
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from calltime_server.store.migrations import migrate
from calltime_sim.services.postgres import Postgres
from calltime_wire.records import Clock
from fixtures.plain_doors import BOOT, Door, enrol
from fixtures.post_room import deliver, rows

APPEND_ONLY = (
    *("tap", "untimed_tap", "clock_record", "receipt", "declared_loss", "ledger_line", "payment_run", "forgotten"),
    *("visit_report", "absence", "entry", "entry_withdrawn", "carer_provider", "journey", "package", "block", "provider"),
    *("terms_text", "settlement", "settlement_input", "pay_period", "period_closed", "run_state"),
)
COLUMNS = {
    "ledger_line": "pence",
    "payment_run": "digest",
    "forgotten": "taps",
    "terms_text": "text",
    "settlement": "digest",
    "settlement_input": "content",
    "pay_period": "last_day",
    "period_closed": "why",
    "run_state": "state",
    "provider": "name",
    **dict.fromkeys(("visit_report", "absence", "entry", "entry_withdrawn", "carer_provider", "journey", "package", "block"), "noted_by"),
}
# What people said and agreed, and what became of a run: a row in each of these tables.
SAID = """
    INSERT INTO visit_report (visit_id, kind, told_at, reason, noted_by, noted_at) VALUES ('v', 'no_access', now(), 'r', 'r', now());
    INSERT INTO absence (service_user, kind, since, noted_by, noted_at) VALUES ('s', 'hospital', now(), 'r', now());
    INSERT INTO entry (time, action, carer, service_user, reason, noted_by, noted_at)
        VALUES (now(), 'stop', 'c', 's', 'forgot_out', 'r', now());
    INSERT INTO entry_withdrawn SELECT entry, 'r', 'r', now() FROM entry;
    INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES ('c', 'p', '2026-04-06', 'r', now());
    INSERT INTO journey (from_home, to_home, least_minutes, noted_by, noted_at) VALUES ('s', 't', 5, 'r', now());
    INSERT INTO package (package, service_user, provider, service, starts, exceptional, noted_by, noted_at)
        VALUES ('k', 's', 'p', 'care', '2026-04-06', false, 'r', now());
    INSERT INTO block (block, provider, starts, minutes_per_week, noted_by, noted_at) VALUES ('b', 'p', '2026-04-06', 60, 'r', now());
    INSERT INTO provider (provider, kind, name, country, noted_by, noted_at) VALUES ('p', 'lead', 'P', 'GB', 'r', now());
    INSERT INTO terms_text VALUES ('sum', 'name', 'text');
    INSERT INTO settlement (from_time, to_time, terms, terms_names, inputs, inputs_digest, digest, settled_at)
        VALUES ('2025-10-06', '2025-10-07', '{sum}', '{name}', '{}', 'sum', 'sum', now());
    INSERT INTO settlement_input SELECT settlement, 'plan', 'x' FROM settlement;
    INSERT INTO pay_period SELECT '2025-10-06', '2025-10-12', run, 'r', now() FROM payment_run;
    INSERT INTO period_closed VALUES ('2025-10-06', 'r', 'r', now());
    INSERT INTO run_state (run, state, through, pence, by_role, why, at) SELECT run, 'draft', 0, 0, 'r', 'r', now() FROM payment_run;
"""


@pytest.fixture
def record(database: str) -> str:
    """A database with a row in every table that is only ever added to."""
    door = Door("somebody")
    enrol(database, door)
    unsure = Clock(boot=BOOT, up_ms=1000, sync="none", error_ms=86_400_000)
    deliver(database, door, door.boot(), door.tap(), door.tap(clock=unsure), door.boot(seq=9, lost=((4, 8),), prev=None))
    with psycopg.connect(database) as connection:
        connection.execute(
            """
            INSERT INTO payment_run (from_time, to_time, terms_name, terms_sha256, digest, settled_at)
            VALUES ('2025-10-06', '2025-10-07', 'terms', 'sum', 'sum', '2025-10-07')
            """
        )
        connection.execute(
            """
            INSERT INTO ledger_line (run, visit_id, carer_no, service_user, provider, zone, service, planned_start, planned_minutes,
                                     contact_seconds, paid_minutes, pence, outcome, reason, explanation)
            SELECT run, 'v', 1, 's', 'p', 'z', 'care', '2025-10-06 08:00Z', 30, 0, 0, 0, 'refuse', 'no tap', 'Nobody came.'
            FROM payment_run
            """
        )
        connection.execute(
            """
            INSERT INTO forgotten (before, years, taps, untimed_taps, quarantined, forgotten_at)
            VALUES ('2018-10-06', 7, 0, 0, 0, '2025-10-07')
            """
        )
        connection.execute(SAID)
    return database


def refused(dsn: str, statement: sql.SQL | sql.Composed) -> str:
    """Run a statement that must be refused, and return the database's sentence."""
    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.RaiseException) as caught:
        connection.execute(statement)
    return str(caught.value).splitlines()[0]


@pytest.mark.parametrize("word", ["UPDATE", "DELETE", "TRUNCATE"])
def test_what_was_captured_or_paid_cannot_be_changed(record: str, word: str) -> None:
    statements: dict[str, LiteralString] = {
        "UPDATE": "UPDATE {0} SET {1} = {1}",
        "DELETE": "DELETE FROM {0}",
        "TRUNCATE": "TRUNCATE {0} CASCADE",
    }
    for table in APPEND_ONLY:
        column = COLUMNS.get(table, "received_at")
        statement = sql.SQL(statements[word]).format(sql.Identifier(table), sql.Identifier(column))

        says = refused(record, statement)

        assert re.fullmatch(rf"Captured time is never overwritten: {word} on \w+ is refused\. Corrections stand beside the record\.", says)
        assert rows(record, "SELECT count(*) FROM tap") == [(1,)]


def test_a_chunk_of_the_hypertable_refuses_changes_too(timescaledb_database: str) -> None:
    door = Door("somebody")
    enrol(timescaledb_database, door)
    deliver(timescaledb_database, door, door.tap())
    ((chunk,),) = rows(timescaledb_database, "SELECT show_chunks('tap')::text")

    assert "DELETE on" in refused(timescaledb_database, sql.SQL("DELETE FROM {}").format(sql.Identifier(*chunk.split("."))))


def test_the_tap_is_a_hypertable_exactly_where_there_is_timescaledb(database: str, request: pytest.FixtureRequest) -> None:
    with_extension = request.node.callspec.params["database"] == "timescaledb"

    assert rows(database, "SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'") == [(int(with_extension),)]
    if with_extension:
        assert rows(database, "SELECT hypertable_name FROM timescaledb_information.hypertables") == [("tap",)]


def test_to_migrate_again_changes_nothing(database: str) -> None:
    shape: LiteralString = """
        SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
    """
    before = rows(database, shape)

    assert migrate(database) == ()
    assert rows(database, shape) == before


def test_migrations_are_numbered_without_gaps_and_each_depends_on_the_one_before() -> None:
    files = sorted((resources.files("calltime_server") / "schema").iterdir(), key=lambda file: file.name)

    assert [re.match(r"(\d{4})_[a-z_]+\.sql$", file.name) is not None for file in files] == [True] * len(files)
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for before, file in itertools.pairwise(files):
        assert file.read_text(encoding="utf-8").startswith(f"-- depends: {before.name.removesuffix('.sql')}\n")


def test_a_role_without_special_rights_can_migrate_its_own_database(postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("CREATE DATABASE clerks_own OWNER clerk")
    try:
        dsn = f"postgresql://clerk@/clerks_own?host={quote(postgres_server.address)}&port={postgres_server.port}"

        assert len(migrate(dsn)) >= 2
        door = Door("somebody")
        enrol(dsn, door)
        assert deliver(dsn, door, door.tap()).through == 1
    finally:
        with psycopg.connect(postgres_server.dsn, autocommit=True) as connection:
            connection.execute("DROP DATABASE clerks_own WITH (FORCE)")
            connection.execute("DROP ROLE clerk")
