"""Whatever a broker forgets when it is restarted, is every confirmed tap stored once, and does its door hear of it?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from calltime_sim.services.mosquitto import Mosquitto
from chaos.post_rooms import post_room
from chaos.stock_brokers import StockMosquitto, restart_without_its_store
from chaos.storm import storm
from fixtures.gateways import wait_for_connections
from fixtures.missing_parts import need


def restart_with_its_store(broker: Mosquitto) -> None:
    broker.stop()
    broker.start()


@pytest.mark.parametrize("kind", [Mosquitto, StockMosquitto])
@pytest.mark.parametrize("restart", [restart_with_its_store, restart_without_its_store])
def test_a_broker_is_restarted_again_and_again(
    restart: Callable[[Mosquitto], None],
    kind: type[Mosquitto],
    tmp_path: Path,
    timescaledb_database: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    need(kind)
    with (
        kind(tmp_path / "broker") as broker,
        post_room(tmp_path / "gateway", broker=broker, dsn=timescaledb_database) as running,
        storm(tmp_path / "doors", timescaledb_database, broker=broker.url, per_second=300) as weather,
    ):
        for times in range(2):
            weather.wait_for_stored(20)
            restart(broker)
            wait_for_connections(running, times + 2)
        weather.wait_for_stored(20)

        weather.end_well(capsys)
