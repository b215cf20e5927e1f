"""Is each confirmed record stored once when three brokers that share nothing, and three gateways, are killed in turn under load?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.programs import Gateway
from chaos.post_rooms import at_work, environment
from chaos.storm import storm
from fixtures.gateways import wait_for_connections
from fixtures.missing_parts import need

NAMES = ("one", "two", "three")


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[list[Mosquitto]]:
    need(Mosquitto)
    with ExitStack() as stack:
        yield [stack.enter_context(Mosquitto(tmp_path / f"broker {name}")) for name in NAMES]


def urls(brokers: Sequence[Mosquitto]) -> str:
    return ", ".join(broker.url for broker in brokers)


def gateway(folder: Path, brokers: Sequence[Mosquitto], *, dsn: str, name: str = "one") -> Gateway:
    """A gateway that reads all of these."""
    return Gateway(folder, environment(folder, broker=brokers[0], dsn=dsn, name=name) | {"CALLTIME_BROKER": urls(brokers)})


def test_brokers_and_gateways_are_killed_in_turn_and_every_confirmed_tap_is_stored_once(
    tmp_path: Path, brokers: list[Mosquitto], timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        gateways = [
            stack.enter_context(at_work(gateway(tmp_path / f"gateway {name}", brokers, dsn=timescaledb_database, name=name)))
            for name in NAMES
        ]
        for running in gateways:
            wait_for_connections(running, len(brokers))
        doors = stack.enter_context(storm(tmp_path / "doors", timescaledb_database, broker=urls(brokers), doors=9))
        for broker, running in zip(brokers, gateways, strict=True):
            doors.wait_for_stored(50)
            broker.kill()
            doors.wait_for_stored(50)
            running.kill()
            doors.wait_for_stored(50)
            broker.start()
            doors.wait_for_stored(50)
            running.start()

        doors.end_well(capsys)


def test_a_broker_that_no_gateway_reads_holds_no_door_for_ever(
    tmp_path: Path, brokers: list[Mosquitto], timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        at_work(gateway(tmp_path / "gateway", brokers[:1], dsn=timescaledb_database)),
        storm(tmp_path / "doors", timescaledb_database, broker=urls(brokers), doors=9) as doors,
    ):
        doors.wait_for_taps(50)
        doors.end_well(capsys)
