"""What is lost, and what is stored twice, when something fails? Doors and this gateway beside the script that most people write.

Run as `PYTHONPATH=tests python -m bench.faults` (`make bench-faults`, about eight minutes; `--short`: about two). One line of JSON for each
consumer in each scenario: what was confirmed to a carer (or acknowledged to the publisher of the unsigned messages), what is stored,
lost and doubled, by unique id. Each scenario is played with Mosquitto's stock queue limits and, unless it is to be short, with raised
ones. All consumers are on the same broker and the same database server, which syncs to disk, at the same time. Needs Mosquitto;
TimescaleDB where it is found. It ends with status 1 when a tap that a door confirmed was lost or stored twice.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.faults_beside import Publisher, Supervised
from bench.faults_script import STYLES
from calltime_edge.publisher import Patience
from calltime_server.store.migrations import migrate
from calltime_sim.services.embedded_postgres import EmbeddedPostgres
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.programs import Gateway
from calltime_sim.services.timescaledb import TimescaleDb
from chaos.post_rooms import post_room
from chaos.stock_brokers import StockMosquitto, restart_without_its_store
from chaos.storm import Storm, account, storm
from fixtures.waiting import wait_until

DOORS = 24
KILLS = 5
QUIET_SECONDS = 4.0
"""When a script has stored nothing new for so long, it stores nothing more."""
SETTLED_WITHIN = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How long a scenario lasts, how much is sent meanwhile, and how long the doors of it wait for a receipt."""

    seconds: int
    per_second: int
    patience: Patience


FULL = Size(seconds=60, per_second=200, patience=Patience())
SHORT = Size(seconds=24, per_second=150, patience=Patience(receipt=3.0, reconnect=0.2, longest=5.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who takes part."""

    database: Postgres
    broker: Mosquitto
    gateway: Gateway
    scripts: Sequence[Supervised]
    storm: Storm
    publisher: Publisher


def database_away(stage: Stage, seconds: int) -> None:
    """For the second third of the time."""
    time.sleep(seconds / 3)
    stage.database.stop()
    time.sleep(seconds / 3)
    stage.database.start()
    time.sleep(seconds / 3)


def consumers_killed(stage: Stage, seconds: int) -> None:
    """Five times; the supervisor starts them again."""
    for _ in range(KILLS):
        time.sleep(seconds / (KILLS + 1))
        for script in stage.scripts:
            script.kill()
        stage.gateway.kill()
        stage.gateway.start()
    time.sleep(seconds / (KILLS + 1))


def broker_forgets(stage: Stage, seconds: int) -> None:
    """In the middle of the time it is killed and comes back without its store."""
    time.sleep(seconds / 2)
    restart_without_its_store(stage.broker)
    time.sleep(seconds / 2)


SCENARIOS: dict[str, Callable[[Stage, int], None]] = {
    "database away for a third of the time": database_away,
    f"consumers killed {KILLS} times": consumers_killed,
    "broker restarted without its store": broker_forgets,
}
BROKERS: dict[str, type[Mosquitto]] = {"stock": StockMosquitto, "raised": Mosquitto}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="less long, doors that wait less, stock limits only")
    size, brokers = (SHORT, ["stock"]) if parser.parse_args().short else (FULL, [*BROKERS])
    missing = Mosquitto.available()
    if missing is not None:
        sys.exit(missing)
    kind = EmbeddedPostgres if TimescaleDb.available() else TimescaleDb
    kept = True
    with tempfile.TemporaryDirectory(prefix="ct-", dir="/var/tmp") as folder, kind(Path(folder) / "database") as database:
        for name, happens in SCENARIOS.items():
            for limits in brokers:
                there = Path(folder) / f"{name}, {limits}"
                there.mkdir()
                with on_stage(there, database, BROKERS[limits](there / "broker"), size) as stage:
                    happens(stage, size.seconds)
                    kept &= settle(stage, scenario=name, limits=limits)
    sys.exit(0 if kept else "A tap that a door confirmed was lost or stored twice.")


@contextmanager
def on_stage(folder: Path, database: Postgres, broker: Mosquitto, size: Size) -> Iterator[Stage]:
    """Everybody at work on a database of its own, and messages on their way."""
    dsn = fresh_database(database, f"faults_{time.monotonic_ns()}")
    with ExitStack() as stack:
        stack.enter_context(broker)
        gateway = stack.enter_context(post_room(folder / "gateway", broker=broker, dsn=dsn))
        scripts = [Supervised(style, port=broker.port, dsn=dsn, folder=folder) for style in STYLES]
        for script in scripts:
            stack.callback(script.close)
            script.start()
        doors = folder / "doors"
        weather = stack.enter_context(storm(doors, dsn, broker=broker.url, doors=DOORS, per_second=size.per_second, patience=size.patience))
        publisher = Publisher(broker.port, per_second=size.per_second)
        publisher.start()
        yield Stage(database=database, broker=broker, gateway=gateway, scripts=scripts, storm=weather, publisher=publisher)


def fresh_database(server: Postgres, name: str) -> str:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(server.dsn_of(name))
    return server.dsn_of(name)


def settle(stage: Stage, *, scenario: str, limits: str) -> bool:
    """Let nobody send any more, wait until everybody has stored what they will store, and tell; return whether no tap was lost."""
    acknowledged = stage.publisher.finish()
    stage.storm.calm()
    began = time.monotonic()
    for script in stage.scripts:
        stored = Counter(quiet(script))
        tell(
            scenario,
            limits,
            f"script, {script.style}",
            acknowledged=len(acknowledged),
            stored=len(stored),
            lost=len(acknowledged - stored.keys()),
            doubled=stored.total() - len(stored),
        )
    wait_until(
        lambda: account(stage.storm.dsn, stage.storm.doors).unreceipted == 0, within=SETTLED_WITHIN, what="a receipt for every record"
    )
    ours = account(stage.storm.dsn, stage.storm.doors)
    counts = {"confirmed": ours.confirmed, "stored": ours.stored, "lost": ours.lost, "doubled": ours.doubled}
    tell(scenario, limits, "doors and gateway", **counts, all_receipted_after_s=round(time.monotonic() - began))
    return ours.lost == ours.doubled == 0


def quiet(script: Supervised) -> list[str]:
    """Wait until it stores nothing new."""
    stored, since = script.stored(), time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        time.sleep(0.5)
        now = script.stored()
        if len(now) != len(stored):
            stored, since = now, time.monotonic()
    return stored


def tell(scenario: str, limits: str, consumer: str, **counts: Any) -> None:
    """Print it at once."""
    line = {"bench": "faults", "scenario": scenario, "broker limits": limits, "consumer": consumer} | counts
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
