"""Whatever a gateway was about to do when it was killed: is every confirmed tap stored once, and does its door hear of it?"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from calltime_sim.services.mosquitto import Mosquitto
from chaos import dying_gateway
from chaos.dying_gateway import STEPS
from chaos.post_rooms import ScriptedGateway, at_work, environment
from chaos.storm import storm
from fixtures.waiting import wait_until


class DyingGateway(ScriptedGateway):
    """It dies at a step, once it is armed."""

    script = dying_gateway.__file__

    def __init__(self, folder: Path, environment: dict[str, str], *, step: str) -> None:
        self._armed = folder / "armed"
        super().__init__(folder, environment | {dying_gateway.STEP: step, dying_gateway.ARMED: str(self._armed)})

    def die(self) -> None:
        """Arm it, and wait until it has died."""
        self._armed.touch()
        wait_until(lambda: not self.running, within=20, what="the gateway to come to the step at which it dies")
        assert not self._armed.exists(), self.log_tail()

    def acknowledged(self) -> set[str]:
        """The digests of all that it had acknowledged when it died."""
        return set(self._armed.with_name(dying_gateway.ACKNOWLEDGED).read_text().split())


@pytest.mark.parametrize("step", STEPS)
def test_a_gateway_that_is_killed_when(
    step: str, tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gateway"
    dying = DyingGateway(folder, environment(folder, broker=mosquitto, dsn=timescaledb_database), step=step)
    with at_work(dying), storm(tmp_path / "doors", timescaledb_database, broker=mosquitto.url, per_second=300) as weather:
        weather.wait_for_stored(10)
        dying.die()
        assert dying.acknowledged() <= kept(timescaledb_database)
        assert dying.acknowledged() or step == "nothing is acknowledged"
        weather.wait_for_taps(10)
        dying.start()
        weather.wait_for_stored(10)

        weather.end_well(capsys)


def kept(dsn: str) -> set[str]:
    """The digests of all that the database holds."""
    with psycopg.connect(dsn) as connection:
        return {digest for (digest,) in connection.execute("SELECT encode(digest, 'hex') FROM receipt").fetchall()}
