"""How long does it take from the database to the closed ledger? A real PostgreSQL with fsync on, in which plan and taps are already."""

from __future__ import annotations

import base64
import hashlib
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import polars as pl
import psycopg
from psycopg import sql

from bench.figures import tell
from bench.ingest_stage import durable
from bench.settle_council import CORNWALL, Council
from bench.settle_one import LEDGER, LEDGER_AGAIN
from bench.settle_process import Took, spread, took
from calltime_server.store.connection import connect, write_frame
from calltime_server.store.migrations import migrate
from calltime_sim.services.timescaledb import TimescaleDb

EVIDENCE = "e" * 700
"""As long as a signed record is; nobody opens it here."""
AT_MOST_ROUNDS = 3
"""To fill a database takes longer than to settle it."""


def measure(folder: Path, made: Council, *, rounds: int) -> None:
    """Each round in a fresh database: settle and post the four weeks, approve the run, close the period; settle them again."""
    missing = TimescaleDb.available()
    if missing is not None:
        tell("from the database", 0, "s", note=f"not measured: {missing}")
        return
    runs: dict[str, list[Took]] = {LEDGER: [], LEDGER_AGAIN: []}
    with TimescaleDb(folder / "server") as server:
        promise = durable(server)
        for number in range(min(rounds, AT_MOST_ROUNDS)):
            with _filled(server, f"bench_{number}", made) as dsn:
                (folder / "dsn").write_text(dsn, encoding="utf-8")
                for who, each in runs.items():
                    each.append(took(who, folder))
    for who, each in runs.items():
        seconds = statistics.median(one.seconds for one in each)
        target = "< 20" if made.packages.height == CORNWALL and who == LEDGER else None
        tell(who, seconds, "s", target=target, note=f"{made.plan.height} planned visits; {promise}; {spread(each)}")
        tell(f"memory, {who}", max(one.memory_mb for one in each), "MB", note="of our process, without the database")
    tell("lines that settling again adds", max(one.rows for one in runs[LEDGER_AGAIN]), "lines", target="<= 0")


@contextmanager
def _filled(server: TimescaleDb, name: str, made: Council) -> Iterator[str]:
    """A database with the council in it, dropped at the end."""
    dsn = server.dsn_of(name)
    with psycopg.connect(server.dsn, autocommit=True) as outside:
        outside.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            migrate(dsn)
            with connect(dsn) as connection:
                for table, frame in rows_of(made).items():
                    write_frame(connection, table, frame)
            with psycopg.connect(dsn, autocommit=True) as inside:
                inside.execute("VACUUM ANALYZE")
            outside.execute("CHECKPOINT")  # what was filled in is not written during what is measured
            yield dsn
        finally:
            outside.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows_of(made: Council) -> dict[LiteralString, pl.DataFrame]:
    """What the gateway and the office would have written, by table. The gateway stores a tap once, however often it came."""
    phones = made.taps.select("device", "carer").unique().sort("device")
    names = {phone: _device(phone) for phone in phones["device"]}
    taps = made.taps.unique(["device", "seq"], keep="any").with_columns(pl.col("device").replace_strict(names))
    homes = made.plan.select("service_user").unique().sort("service_user")
    began = pl.lit(made.plan["planned_start"].min())
    noted = {"noted_by": pl.lit("Brokerage"), "noted_at": began}
    return {
        "door": phones.select(
            pl.col("device").replace_strict(names), "carer", alg=pl.lit("EdDSA"), public_key=pl.lit("\\x" + "00" * 32), enrolled_at=began
        ),
        "tag": homes.select("service_user", tag=pl.format("tag-{}", "service_user"), made_at=began),
        "planned_visit": made.plan,
        "package": made.packages.with_columns(**noted),
        "tap": taps.sort("time").select(
            "time", "device", "seq", "action", "place_ref", "carer_ref",
            place_via=pl.lit("nfc"), carer_via=pl.lit("device"), boot=pl.lit("0199b8a0-0000-7000-8000-000000000001"),
            up_ms=pl.col("seq") * 1000, sync=pl.lit("ntp"), error_ms=pl.lit(20), received_at=pl.col("time") + pl.duration(seconds=2),
            jws=pl.lit(EVIDENCE),
        ),
    }  # fmt: skip


def _device(phone: str) -> str:
    """A device's name, in the form that the record asks for."""
    return "d_" + base64.b32encode(hashlib.sha256(phone.encode()).digest()).decode().lower()[:26]
