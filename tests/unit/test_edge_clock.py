"""What does a door say of this machine's clock?"""

import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

from calltime_edge.clock import SystemClock


def test_the_time_is_utc_and_now() -> None:
    before = datetime.now(UTC)
    reading = SystemClock().read()

    assert reading.now.utcoffset() == timedelta(0)
    assert before <= reading.now <= datetime.now(UTC)


def test_the_power_up_is_the_same_for_every_process_until_the_machine_restarts() -> None:
    program = "from calltime_edge.clock import SystemClock; print(SystemClock().read().boot)"
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    ours = SystemClock().read().boot

    assert ours == elsewhere == str(uuid.UUID(ours))


def test_the_uptime_counts_milliseconds_since_then() -> None:
    clock = SystemClock()
    first, began = clock.read().up_ms, time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    second, ended = clock.read().up_ms, time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    assert first <= began // 1_000_000 <= second <= ended // 1_000_000


def test_a_clock_that_nothing_sets_is_said_to_be_a_day_wrong_and_a_set_one_to_be_close() -> None:
    reading = SystemClock().read()

    assert reading.sync in {"none", "ntp"}
    if reading.sync == "none":
        assert reading.error_ms == 86_400_000
    else:
        assert 1 <= reading.error_ms < 60_000
