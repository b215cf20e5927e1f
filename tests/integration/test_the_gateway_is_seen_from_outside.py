"""Does a running gateway say by HTTP what it did, and what it lacks when something real is away?"""

from __future__ import annotations

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.service import free_port
from fixtures.gateways import gateway
from fixtures.lines import line_of
from fixtures.plain_doors import Door, enrol
from fixtures.waiting import wait_until


class Outside:
    """Who looks at a gateway."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"

    def ask(self, path: str) -> tuple[int, str]:
        answer = httpx.get(self._address + path, timeout=10)
        return answer.status_code, answer.text

    def figure(self, name: str, **labels: str) -> float:
        samples = [sample for family in text_string_to_metric_families(self.ask("/metrics")[1]) for sample in family.samples]
        return next(sample.value for sample in samples if sample.name == f"calltime_gateway_{name}" and sample.labels == labels)

    def wait_until_ready_says(self, status: int, *words: str) -> None:
        def said() -> bool:
            answered, says = self.ask("/readyz")
            return answered == status and all(word in says for word in words)

        wait_until(said, within=60, what=f"/readyz to answer {status} {words}; it says {self.ask('/readyz')}")


def test_a_gateway_is_ready_again_when_what_was_away_is_back(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str
) -> None:
    door, port = Door("door"), free_port()
    enrol(timescaledb_database, door)
    outside, settings = Outside(port), {"CALLTIME_GATEWAY_HTTP": f"127.0.0.1:{port}"}
    with (
        gateway(tmp_path / "gateway", broker=mosquitto, dsn=timescaledb_database, **settings),
        line_of(door, mosquitto) as line,
    ):
        outside.wait_until_ready_says(200, "ready")
        line.say(door.tap(), "rubbish")
        wait_until(lambda: outside.figure("accepted_total", kind="tap") == 1, within=30, what="a tap to be counted")
        wait_until(lambda: outside.figure("quarantined_total", reason="malformed") == 1, within=30, what="rubbish to be counted")
        assert outside.figure("lag_seconds_count") == 1

        timescaledb_server.stop()
        outside.wait_until_ready_says(503, "The database cannot be used")  # though nothing comes that would have to be stored
        line.say(door.tap())
        assert outside.ask("/healthz")[0] == 200  # it waits, and need not be started again

        timescaledb_server.start()
        outside.wait_until_ready_says(200, "ready")
        wait_until(lambda: outside.figure("accepted_total", kind="tap") == 2, within=60, what="the tap that waited to be counted")

        mosquitto.kill()
        outside.wait_until_ready_says(503, "No broker is connected", str(mosquitto.port))
