"""Do three gateways store each record once between them while doors send all the while and each gateway is killed in turn?"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from chaos.post_rooms import post_room
from chaos.storm import storm
from fixtures.gateways import wait_for_connections

ROUNDS = 2
NAMES = ("gateway-1", "gateway-2", "gateway-3")


def test_three_gateways_that_are_killed_in_turn_store_every_confirmed_tap_once(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said_before = len(timescaledb_server.log.read_text(errors="replace"))
    with ExitStack() as stack:
        gateways = [
            stack.enter_context(post_room(tmp_path / name, broker=mosquitto, dsn=timescaledb_database, name=name)) for name in NAMES
        ]
        weather = stack.enter_context(storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url, per_second=200))
        for turn in range(ROUNDS):
            for running in gateways:
                weather.wait_for_stored(30)
                running.kill()
                weather.wait_for_taps(30)
                running.start()
                wait_for_connections(running, turn + 2)

        weather.end_well(capsys)

    assert "deadlock" not in timescaledb_server.log.read_text(errors="replace")[said_before:]
