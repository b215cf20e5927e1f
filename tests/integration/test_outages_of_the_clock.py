"""What becomes of good taps when the gateway's own clock is wrong?"""

from __future__ import annotations

from pathlib import Path

import pytest

from calltime_sim.services.mosquitto import Mosquitto
from chaos.post_rooms import GatewayWithAnotherClock, environment, post_room
from chaos.storm import storm
from fixtures.gateways import wait_for_connections
from fixtures.post_room import rows

AN_HOUR = 3600


@pytest.mark.parametrize(("shift", "says"), [(AN_HOUR, "ahead of"), (-AN_HOUR, "behind")])
def test_a_gateway_whose_clock_is_wrong_judges_nothing_and_takes_everything_once_it_is_right(
    shift: int, says: str, tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """To one that is behind, good taps come from the future; were they refused for that, no door would send them again."""
    folder = tmp_path / "gateway"
    with storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url) as weather:
        with post_room(folder, broker=mosquitto, dsn=timescaledb_database):
            weather.wait_for_stored(20)
        stored = weather.stored()
        wrong = GatewayWithAnotherClock(folder, environment(folder, broker=mosquitto, dsn=timescaledb_database), shift=shift)
        wrong.log.unlink()
        with wrong:
            assert says in wrong.log_tail()
            weather.wait_for_taps(50)
            assert wrong.running
        assert weather.stored() == stored
        assert rows(timescaledb_database, "SELECT count(*) FROM quarantine") == [(0,)]

        with post_room(folder, broker=mosquitto, dsn=timescaledb_database) as right:
            wait_for_connections(right, 1)
            weather.end_well(capsys)
