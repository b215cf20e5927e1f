"""Does the bench of ingestion still measure what there is? A run so short that only its counts mean something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.timescaledb import TimescaleDb
from fixtures.missing_parts import need

TESTS = Path(__file__).parents[1]
SHORT = ["--rounds=1", "--contestants=gateway,b", "--doors=7", "--storm=30", "--records=1000", "--seconds=1", "--backlog=1000"]


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    """What one run of the bench prints."""
    need(Mosquitto)
    need(TimescaleDb)
    words = [sys.executable, "-m", "bench.ingest", *SHORT]
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {line["bench"]: line["value"] for line in map(json.loads, done.stdout.splitlines())}


def test_the_gateway_is_measured_beside_a_script_and_beside_the_parts_that_none_can_avoid(figures: dict[str, float]) -> None:
    assert figures["stored, gateway"] > 0
    assert figures["gateway ÷ b"] > 0
    assert figures["gateway ÷ parts alone"] > 0
    assert figures["published → stored at 200/s, p99, gateway"] > 0


def test_a_backlog_that_waited_in_the_broker_is_counted_record_by_record(figures: dict[str, float]) -> None:
    assert figures["backlog: stored"] == 1000
    assert figures["backlog: stored twice"] == 0
    assert figures["backlog: covered by the doors' receipts"] == 1000
    assert figures["backlog: quarantined"] == 0
