"""Whatever becomes of the database, is every confirmed tap stored once when it is back, and does its door hear of it?"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from calltime_server.store.migrations import migrate
from calltime_sim.services.embedded_postgres import EmbeddedPostgres
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from chaos.post_rooms import post_room
from chaos.stock_brokers import StockMosquitto
from chaos.storm import storm
from chaos.ways import Way, by
from fixtures.missing_parts import need, need_of_the_kernel
from fixtures.waiting import wait_until

NOTICED_WITHIN = 60.0
"""Seconds after which a gateway must have found another way to a database that swallows what it is told."""
BEYOND_THE_STOCK_QUEUE = 1500
"""More than Mosquitto keeps for a gateway that is away, as it comes."""


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill])
def test_a_database_that_is_stopped_or_killed_and_started_again(
    end: Callable[[Postgres], None],
    tmp_path: Path,
    mosquitto: Mosquitto,
    timescaledb_server: Postgres,
    timescaledb_database: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with (
        post_room(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database) as running,
        storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url) as weather,
    ):
        for _ in range(2):
            weather.wait_for_stored(20)
            end(timescaledb_server)
            weather.wait_for_taps(50)
            timescaledb_server.start()
        weather.wait_for_stored(20)

        weather.end_well(capsys)
        assert running.running


def test_while_the_database_is_away_a_broker_with_stock_limits_drops_what_it_acknowledged_and_no_tap_is_lost(
    tmp_path: Path, timescaledb_server: Postgres, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    need(StockMosquitto)
    with (
        StockMosquitto(tmp_path / "broker") as broker,
        # In MQTT 5 the gateway asks for more under way than these doors send in all, and nothing is dropped.
        post_room(tmp_path / "gateway", broker=broker, dsn=timescaledb_database, mqtt="3.1.1"),
        storm(tmp_path / "doors", timescaledb_database, broker=broker.url, doors=12, per_second=600) as weather,
    ):
        weather.wait_for_stored(20)
        timescaledb_server.stop()
        weather.wait_for_taps(BEYOND_THE_STOCK_QUEUE)
        timescaledb_server.start()

        weather.end_well(capsys)
        assert "Outgoing messages are being dropped" in broker.log.read_text(errors="replace")


def test_a_slow_database_and_one_that_swallows_what_it_is_told_without_closing_the_line(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line goes dead in the middle of a transaction, so that the server keeps the locks of somebody who will never come back."""
    with (
        Way(timescaledb_server) as way,
        post_room(tmp_path / "gateway", broker=mosquitto, dsn=by(timescaledb_database, way.port)),
        storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url, per_second=40) as weather,
    ):
        weather.wait_for_stored(20)
        way.delay = 0.05
        weather.wait_for_stored(20)
        way.freeze()
        way.delay = 0.0
        weather.wait_for_stored(50, within=NOTICED_WITHIN)

        weather.end_well(capsys)


def test_a_database_that_moves_to_the_other_address_of_the_dsn(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Way(timescaledb_server) as first:
        dsn = by(timescaledb_database, first.port, timescaledb_server.port)
        with (
            post_room(tmp_path / "gateway", broker=mosquitto, dsn=dsn),
            storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url) as weather,
        ):
            weather.wait_for_stored(20)
            assert first.calls > 0
            first.end()
            weather.wait_for_taps(20)
            weather.wait_for_stored(40)

            weather.end_well(capsys)


def test_a_database_that_takes_nothing_for_a_while_as_one_does_that_was_made_a_standby(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dsn = by(timescaledb_database, timescaledb_server.port)
    with (
        post_room(tmp_path / "gateway", broker=mosquitto, dsn=dsn) as running,
        storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url) as weather,
    ):
        weather.wait_for_stored(20)
        make_read_only(timescaledb_database, True)
        wait_until(lambda: "the database is away" in running.log_tail(), within=20, what="the gateway to notice")
        weather.wait_for_taps(20)
        make_read_only(timescaledb_database, False)
        weather.wait_for_stored(20)

        weather.end_well(capsys)
        assert running.running


def make_read_only(dsn: str, now: bool) -> None:
    """For all who connect from now on; who is connected is thrown out."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(name, sql.Literal(now)))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_database_whose_disk_is_full_until_somebody_makes_room(
    tmp_path: Path, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    need(EmbeddedPostgres)
    with small_disk(megabytes=160) as disk, EmbeddedPostgres(disk / "server", durable=False) as server:
        migrate(server.dsn)
        with (
            post_room(tmp_path / "gateway", broker=mosquitto, dsn=server.dsn) as running,
            storm(tmp_path / "doors", server.dsn, broker=mosquitto.url, per_second=400) as weather,
        ):
            weather.wait_for_stored(20)
            ballast = fill(disk)
            wait_until(lambda: "the database is away" in running.log.read_text(), within=30, what="the gateway to find the disk full")
            weather.wait_for_taps(50)
            ballast.unlink()
            server.start()  # where not even its log had room it has ended
            weather.wait_for_stored(20)

            weather.end_well(capsys)
            assert running.running


@contextmanager
def small_disk(*, megabytes: int) -> Iterator[Path]:
    """A disk of its own, which only root can have."""
    with tempfile.TemporaryDirectory(prefix="ct-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "small disk", folder]
        mounted = os.geteuid() == 0 and shutil.which("mount") and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        need_of_the_kernel(None if mounted else "a disk that can be filled: only root may mount one (mount -t tmpfs)")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Leave no room; return the file to remove."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(2**16)):
            pass
    return ballast
